"""Enrolling at the gate: choose, agree, look five times, done."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from domain.consent import BESIDE_FACE, Purpose
from kiosk.camera.port import Image
from kiosk.faces.messages import Turn
from kiosk.screens.camera_view import CameraView
from kiosk.screens.household import Household
from kiosk.screens.pages import Medallion, Page
from kiosk.screens.shape import Shape
from kiosk.screens.words import CENTRE, Words
from kiosk.visit.events import AlsoAgreed, Chosen, Press, Pressed
from kiosk.visit.view import EnrolStage, EnrolView, View
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import text

MEDALS = {
    EnrolStage.SAVING: ("clock", "due", False),
    EnrolStage.DOUBT: ("people", "due", False),
    EnrolStage.CARD: ("card", "lantern", False),
    EnrolStage.DONE: ("check", "well", True),
    EnrolStage.RENEWED: ("check", "well", True),
    EnrolStage.FAILED: ("question", "overdue", False),
}
FACE_PX = 420  # of a visitor who is asked whether it is they


class Terms(QFrame):
    """What is agreed to, as large as its card leaves room for: from the headline's size down to that of small words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._theme = theme
        self.words = text("", "small")
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        room = QVBoxLayout(self)
        room.setContentsMargins(*[theme.px(16)] * 4)
        room.addWidget(self.words)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def setText(self, words: str) -> None:
        self.words.setText(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().adjusted(*[self._theme.px(16) * way for way in (1, 1, -1, -1)])
        font = self._theme.font("small")
        least, most = self._theme.type_px("small"), self._theme.type_px("title")
        for size in range(most, least - 1, -2):
            font.setPixelSize(size)
            needed = QFontMetrics(font).boundingRect(
                QRect(0, 0, room.width(), 10_000), Qt.TextFlag.TextWordWrap, self.words.text()
            )
            if needed.height() <= room.height() and needed.width() <= room.width():
                break
        self.words.setStyleSheet(f"font-size: {font.pixelSize()}px;")


class OneAtATime(QStackedWidget):
    """Takes the room of the page that is shown, not of the largest one behind it."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


class EnrolPage(Page):
    """`happened` carries events: who was chosen, who agreed."""

    happened = Signal(object)

    def __init__(
        self, theme: Theme, language: Language, camera: CameraView, visitor: Callable[[], Image | None] = lambda: None
    ) -> None:
        """`visitor` gives the picture of whoever is taken over."""
        super().__init__(theme, language)
        self._visitor, self._face = visitor, QLabel()
        self._face.setAlignment(CENTRE)
        self.camera, self.medal, self.words = camera, Medallion(theme), Words(theme, language)
        self.people = Household(theme, language)
        self.people.chosen.connect(lambda who: self.happened.emit(Chosen(who)))
        self.terms = Terms(theme)
        self.also = {purpose: self._asked(purpose) for purpose in BESIDE_FACE}
        self.agree = Button(theme, "", "check", "primary", height=112)
        self.agree.clicked.connect(lambda: self.happened.emit(Pressed(Press.AGREE)))
        self.retake = Button(theme, language.tr("kiosk.enrol.retake"), "camera")
        self.retake.clicked.connect(lambda: self.happened.emit(Pressed(Press.RETAKE)))
        self.same, self.different = Button(theme, "", "person"), Button(theme, "", "people")
        self.same.clicked.connect(lambda: self.happened.emit(Pressed(Press.SAME)))
        self.different.clicked.connect(lambda: self.happened.emit(Pressed(Press.DIFFERENT)))
        self.picture = OneAtATime()
        for widget in (self.people, self.terms, camera, self.medal, self._face):
            self.picture.addWidget(widget)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(16))
        column.addWidget(self.words, 1)
        column.addWidget(self.people.legend)
        for button in self.also.values():
            column.addWidget(button)
        self._lower = column
        self.foot = self._foot = QWidget()
        self._answers = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._foot)
        self._answers.setContentsMargins(0, 0, 0, 0)
        for button in (self.agree, self.retake, self.same, self.different):
            self._answers.addWidget(button)
        column.addWidget(self._foot)
        self.split.addWidget(self.picture, 2)
        self.split.addWidget(lower, 1)

    def _asked(self, purpose: Purpose) -> Button:
        """A choice of its own; not chosen until a finger says so."""
        button = Button(self.theme, "", "plus")
        button.setCheckable(True)
        button.clicked.connect(lambda on: self.happened.emit(AlsoAgreed(purpose, on)))
        return button

    def arrange(self, shape: Shape) -> None:
        """On a low panel the answers stand beside the way back: the room above is for the terms and the choices."""
        super().arrange(shape)
        self.words.arrange(shape)
        low = shape is Shape.LOW
        self.people.arrange(shape)
        self._answers.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        for column in (self._lower, self._answers):
            column.setSpacing(16 if low else self.theme.px(16))
        if not low and self._foot.parent() is not self._lower.parent():
            self._lower.addWidget(self._foot)

    def show_view(self, view: View) -> None:
        enrol = view.enrol
        if enrol is None:
            return
        done = enrol.stage in (EnrolStage.DONE, EnrolStage.RENEWED)
        consent = enrol.stage is EnrolStage.CONSENT
        crowded = consent and (self.shape.beside or enrol.renews)
        self.words.headline.setVisible(not (consent and enrol.renews and self.shape.beside))
        self.words.show_view(view, "well" if done else "", foreign=not crowded)  # the terms and choices need the room
        whole = consent and not self.shape.beside  # the terms get what the choices below leave
        many = enrol.stage is EnrolStage.WHO and self.shape.beside
        self.split.setStretch(0, 2 if many else 1 if self.shape.beside or whole else 3)
        self.split.setStretch(1, 0 if whole else 1)
        visitor = enrol.stage is EnrolStage.VISITOR
        card = enrol.stage is EnrolStage.CARD
        self.agree.setVisible(consent or visitor or card)
        for button in self.also.values():
            button.setVisible(consent)
        self.retake.setVisible(consent and enrol.renews)
        self.retake.setText(self.language.tr("kiosk.enrol.retake"))
        doubt = enrol.stage is EnrolStage.DOUBT
        for button, key, shown in (
            (self.same, "same", doubt),
            (self.different, "card_no" if card else "different", doubt or card),
        ):
            button.setText(self.language.tr(f"kiosk.enrol.{key}"))
            button.setVisible(shown)
        self._foot.setVisible(consent or visitor or card or doubt)
        who = enrol.stage is EnrolStage.WHO
        self.people.legend.setVisible(who)
        asked_first = who and not self.shape.beside  # the question stands above those to choose from
        self.split.setDirection(QBoxLayout.Direction.BottomToTop if asked_first else self.along)
        if who:
            self.people.show_people(enrol.people)
            self.picture.setCurrentWidget(self.people)
        elif card:
            self.agree.setText(self.language.tr("kiosk.enrol.card_yes"))
            self.medal.show_symbol(*MEDALS[enrol.stage])
            self.picture.setCurrentWidget(self.medal)
        elif visitor:
            self.agree.setText(self.language.tr("kiosk.enrol.visitor_yes"))
            self._show_face()
            self.picture.setCurrentWidget(self._face)
        elif consent:
            self._show_terms(enrol)
            self.picture.setCurrentWidget(self.terms)
        elif enrol.stage is EnrolStage.POSES:
            self.camera.show_evidence(enrol.taken / max(1, enrol.needed), view.sighting)
            self.camera.show_pose(None if enrol.pose is Turn.CENTRE else enrol.pose)
            self.picture.setCurrentWidget(self.camera)
        else:
            self.medal.show_symbol(*MEDALS[enrol.stage])
            self.picture.setCurrentWidget(self.medal)

    def _show_face(self) -> None:
        """The visitor as they were seen; nothing where the time is over."""
        image = self._visitor()
        self._face.setAccessibleName(self.language.tr("kiosk.enrol.visitor"))
        if image is None:
            self._face.clear()
            return
        rgb = np.ascontiguousarray(image[:, ::-1, ::-1])  # a mirror, as everywhere on this screen
        height, width, _ = rgb.shape
        shown = QPixmap.fromImage(QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888))
        side = self.theme.px(FACE_PX)
        self._face.setPixmap(
            shown.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )

    def _show_terms(self, enrol: EnrolView) -> None:
        tr = self.language.tr
        minor = enrol.newcomer is not None and enrol.newcomer.minor
        self.terms.setText(tr("kiosk.enrol.terms"))
        for purpose, button in self.also.items():
            on = purpose in enrol.also
            button.setChecked(on)
            button.setText(tr(f"kiosk.enrol.also_{purpose}_{'yes' if on else 'no'}"))
            button.set_icon("check" if on else "plus")
        again = "_again" if enrol.renews else ""
        self.agree.setText(tr(f"kiosk.enrol.agree{'_minor' if minor else ''}{again}"))
