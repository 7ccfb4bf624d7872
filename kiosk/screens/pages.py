"""The pages between the clock and the ways in. Each shows a view; none of them decides anything."""

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from kiosk.screens.camera_view import CameraView
from kiosk.screens.shape import Shape
from kiosk.screens.speech import sentence
from kiosk.screens.words import CENTRE, Words
from kiosk.visit.events import Press
from kiosk.visit.line import Line
from kiosk.visit.view import CallState, Screen, View, Well
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.icons import paint_icon
from qtkit.theme import Theme
from qtkit.widgets import retone, text


class Page(QWidget):
    """A picture and words: one above the other on a tall panel, side by side on a wide one."""

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self.theme, self.language, self.shape = theme, language, Shape.UPRIGHT
        self.foot: QWidget | None = None  # beside the way back on a low panel; shown by show_view
        self.split = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self.split.setContentsMargins(0, 0, 0, 0)
        self.split.setSpacing(theme.px(24))

    def arrange(self, shape: Shape) -> None:
        """Divide the page as the panel lies."""
        self.shape = shape
        self.split.setDirection(self.along)

    @property
    def along(self) -> QBoxLayout.Direction:
        """How a page's parts follow each other on this panel."""
        return QBoxLayout.Direction.LeftToRight if self.shape.beside else QBoxLayout.Direction.TopToBottom

    def show_view(self, view: View) -> None:
        raise NotImplementedError  # every page has its own; Qt's metaclass leaves no room for abc's


class LanternMark(QWidget):
    """The brand, glowing quietly: standby."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        radius = min(self.width(), self.height()) / 2
        glow = QRadialGradient(middle, radius)
        for stop, alpha in ((0.0, 0.42), (0.4, 0.2), (1.0, 0.0)):
            glow.setColorAt(stop, self._theme.colour("lantern", alpha))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(middle, radius, radius)
        side = radius * 1.25
        box = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        paint_icon(painter, "lantern-glowing", self._theme.colour("lantern"), box)


class FacePage(Page):
    """Standby, approaching, coaching, challenge: the picture changes, the words stay where they are."""

    def __init__(self, theme: Theme, language: Language, camera: CameraView) -> None:
        super().__init__(theme, language)
        self.camera, self.words = camera, Words(theme, language)
        self.picture = QStackedWidget()
        self.mark = LanternMark(theme)
        self.picture.addWidget(self.mark)
        self.picture.addWidget(camera)
        self.split.addWidget(self.picture, 5)
        self.split.addWidget(self.words, 2)

    def arrange(self, shape: Shape) -> None:
        super().arrange(shape)
        self.words.arrange(shape)
        self.split.setStretch(0, 3 if shape.beside else 5)
        self.split.setStretch(1, 3 if shape.beside else 2)

    def show_view(self, view: View) -> None:
        self.picture.setCurrentWidget(self.mark if view.screen is Screen.STANDBY else self.camera)
        self.camera.show_evidence(view.ring, view.sighting)
        self.camera.show_challenge(view.challenge)
        self.words.show_view(view)


class Medallion(QWidget):
    """A large symbol in a disc of its colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._name, self._tone, self._filled = theme, "check", "well", True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_symbol(self, name: str, tone: str, filled: bool) -> None:
        self._name, self._tone, self._filled = name, tone, filled
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        radius = min(self.width(), self.height(), self._theme.px(400)) / 2 - 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(self._tone, 1.0 if self._filled else 0.12))
        painter.drawEllipse(middle, radius, radius)
        side = radius * (1.2 if self._filled else 0.95)
        box = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        ink: QColor = self._theme.colour("on_well") if self._filled else self._theme.colour(self._tone)
        paint_icon(painter, self._name, ink, box)


# Screen -> symbol, tone, filled. Unknown is never red and never blames.
SYMBOLS = {
    Screen.IDENTIFIED: ("check", "well", True),
    Screen.UNSURE: ("question", "due", False),
    Screen.UNKNOWN: ("person", "due", False),
    Screen.REFUSED: ("lock", "overdue", False),
    Screen.CARD: ("card", "lantern", False),
    Screen.OUT_OF_ORDER: ("camera-off", "overdue", False),
    Screen.OPEN: ("check", "well", True),
}


class MessagePage(Page):
    """One symbol, one sentence, the next step; for an elder larger, in one language, with "I am well"."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme, language)
        self.medal, self.words = Medallion(theme), Words(theme, language)
        self.well = Button(theme, "", "heart", "well_offer", height=144)
        self.well.clicked.connect(lambda: self.pressed.emit(Press.WELL))
        self.unmended = text("", "body", "muted")
        self.unmended.setAlignment(CENTRE)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(24))
        column.addWidget(self.words, 1)
        column.addWidget(self.well)
        column.addWidget(self.unmended)
        self.split.addWidget(self.medal, 1)
        self.split.addWidget(lower, 1)

    def arrange(self, shape: Shape) -> None:
        super().arrange(shape)
        self.words.arrange(shape)

    def show_view(self, view: View) -> None:
        wordy = view.elder or view.screen is Screen.OUT_OF_ORDER
        self.split.setStretch(1, 3 if self.shape.beside and wordy else 1)
        name, tone, filled = SYMBOLS[view.screen]
        if view.screen is Screen.IDENTIFIED and view.headline.key.endswith("gate_failed"):
            name, tone, filled = "gate", "overdue", False
        self.medal.show_symbol(name, tone, filled)
        # for whoever can mend it: whoever stands there first reads what still opens
        unmended = view.second if view.screen is Screen.OUT_OF_ORDER else None
        still = None if view.stands_open else Line("kiosk.out_of_order.still")
        told = replace(view, second=still) if unmended is not None else view
        self.words.show_view(told, tone if filled else "", foreign=not view.elder)
        tr = self.language.tr
        self.well.setVisible(view.well is not Well.HIDDEN)
        self.well.setEnabled(view.well is Well.OFFERED)
        said = view.well is Well.SAID
        self.well.setText(tr("kiosk.identified.well_said" if said else "kiosk.identified.well"))
        self.well.setAccessibleName(self.well.text())
        self.well.set_icon("check" if said else "heart")
        retone(self.well, "large", not said)
        self.unmended.setText(sentence(unmended, self.language.code))
        self.unmended.setVisible(unmended is not None)


class PassPage(Page):
    """Show a code to the camera."""

    def __init__(self, theme: Theme, language: Language, camera: CameraView) -> None:
        super().__init__(theme, language)
        self.camera, self.words = camera, Words(theme, language)
        self.split.addWidget(camera, 5)
        self.split.addWidget(self.words, 2)

    def arrange(self, shape: Shape) -> None:
        super().arrange(shape)
        self.words.arrange(shape)
        self.split.setStretch(0, 3 if shape.beside else 5)
        self.split.setStretch(1, 3 if shape.beside else 2)

    def show_view(self, view: View) -> None:
        self.words.show_view(view)


class CallPage(Page):
    """Calling the guard: who is being rung, since when, and a telephone number that always works. Without a line nobody sees the
    caller, and the words and the number have the room of the picture."""

    def __init__(self, theme: Theme, language: Language, camera: CameraView) -> None:
        super().__init__(theme, language)
        self.camera, self.words = camera, Words(theme, language)
        self.seconds = text("", "body", "lantern", strong=True, wrap=False)
        self.rung = text("", "body", "muted")
        self.phone_word, self.phone = text("", "body", "muted"), text("", "title", wrap=False)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        self._column = column
        column.addWidget(self.words, 1)
        self._told = (self.seconds, self.rung, self.phone_word, self.phone)
        for label in self._told:
            label.setAlignment(CENTRE)
            column.addWidget(label)
        self.split.addWidget(camera, 1)
        self.split.addWidget(lower, 1)

    def arrange(self, shape: Shape) -> None:
        super().arrange(shape)
        self.words.arrange(shape)
        self._column.setSpacing(0 if shape.beside else self.theme.px(12))

    def show_view(self, view: View) -> None:
        self.words.show_view(view, foreign=not self.shape.beside)
        call = view.call
        if call is None:
            return
        tr = self.language.tr
        waiting = call.state.value in ("ringing", "answered")
        self.camera.setVisible(call.state is not CallState.LOST)
        retone(self.phone, "type", "elder" if call.state is CallState.LOST else "title")
        for label in self._told:
            policy = label.sizePolicy()
            policy.setRetainSizeWhenHidden(waiting)  # nothing moves when the next person is rung
            label.setSizePolicy(policy)
        self.seconds.setText(tr("kiosk.calling.seconds", seconds=call.seconds))
        self.seconds.setVisible(waiting)
        answered = call.state.value == "answered"
        self.rung.setText(tr("kiosk.calling.talk" if answered else "kiosk.calling.next_rung"))
        self.rung.setVisible(answered or (waiting and call.rung > 0))
        self.phone_word.setText(tr("kiosk.calling.phone"))
        self.phone.setText(call.phone)
        for label in (self.phone_word, self.phone):
            label.setVisible(bool(call.phone))
