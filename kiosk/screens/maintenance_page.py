"""For the staff: what the camera sees with its quality, and how everything else is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QScroller,
    QVBoxLayout,
    QWidget,
)

from domain.identification import Quality
from kiosk.screens.camera_view import CameraView
from kiosk.screens.pages import Page
from kiosk.screens.shape import Shape
from kiosk.screens.speech import sentence
from kiosk.visit.events import Press
from kiosk.visit.line import Line
from kiosk.visit.view import StatusRow, StatusSection, View
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import Card, Symbol, text

BARS = ("sharpness", "exposure", "occlusion", "unified")


class QualityCard(Card):
    """The five values a frame is weighted by, live."""

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme)
        self._language = language
        self.title = text("", "small", strong=True)
        self.numbers = {name: text("", "small", "muted", wrap=False) for name in ("face_distance", "pose")}
        self.bars = {name: QProgressBar(maximum=100, textVisible=False) for name in BARS}
        self.words = {name: text("", "small", wrap=False) for name in (*self.numbers, *BARS)}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        for row, name in enumerate(self.words):
            grid.addWidget(self.words[name], row, 0)
            grid.addWidget(self.numbers.get(name) or self.bars[name], row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addWidget(self.title)
        self.body.addLayout(grid)

    def show_quality(self, quality: Quality | None) -> None:
        tr = self._language.tr
        self.title.setText(tr("kiosk.maintenance.camera" if quality else "kiosk.maintenance.no_face"))
        for name, label in self.words.items():
            label.setText(tr(f"kiosk.maintenance.{name}"))
        for name, bar in self.bars.items():
            bar.setValue(round(100 * getattr(quality, name)) if quality else 0)
            bar.setAccessibleName(f"{self.words[name].text()} {bar.value()} %")
        distance = f"{quality.inter_eye_px:.0f} px" if quality else "–"
        self.numbers["face_distance"].setText(distance)
        pose = {"yaw": f"{quality.yaw_deg:+.0f}", "pitch": f"{quality.pitch_deg:+.0f}"} if quality else None
        self.numbers["pose"].setText(tr("kiosk.maintenance.pose_value", **pose) if pose else "–")


class SectionCard(Card):
    """One section of the status: label, value, and the symbol of its state."""

    def __init__(self, theme: Theme, language: Language, section: StatusSection, narrow: bool) -> None:
        """`narrow`: labels too may need two lines."""
        super().__init__(theme)
        code, self._narrow = language.code, narrow
        self.body.addWidget(text(sentence(section.title, code), "small", strong=True))
        for row in section.rows:
            self.body.addLayout(self._row(theme, code, row))

    def _row(self, theme: Theme, code: str, row: StatusRow) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.px(12))
        line.addWidget(text(sentence(row.label, code), "small", "muted", wrap=self._narrow), int(self._narrow))
        value = sentence(row.value, code) if isinstance(row.value, Line) else row.value
        label = text(value, "small", row.state)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(label, 1)
        if row.state:
            line.addWidget(Symbol(theme, row.state, row.state, 26))
        return line


class MaintenancePage(Page):
    """What the camera sees and how good it is, and the sections; these are drawn up by the finger."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, language: Language, camera: CameraView) -> None:
        super().__init__(theme, language)
        self.camera = camera
        self.title, self.who = text("", "body", strong=True, wrap=False), text("", "small", "muted", wrap=False)
        self.quality = QualityCard(theme, language)
        self.self_test = Button(theme, "", "refresh", "primary")
        self.self_test.clicked.connect(lambda: self.pressed.emit(Press.SELF_TEST))
        self.enrol = Button(theme, "", "plus")
        self.enrol.clicked.connect(lambda: self.pressed.emit(Press.ENROL))
        self.take_over = Button(theme, "", "face")
        self.take_over.clicked.connect(lambda: self.pressed.emit(Press.TAKE_OVER))
        self._shown: tuple[object, ...] = ()
        self._sight = QHBoxLayout()
        self._sight.setSpacing(theme.px(12))
        self._sight.addWidget(camera, 1)
        self._sight.addWidget(self.quality, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        heads = QHBoxLayout()
        heads.addWidget(self.title, 1)
        heads.addWidget(self.who)
        column.addLayout(heads)
        column.addLayout(self._sight, 1)
        self.sections = QScrollArea(widgetResizable=True)
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._listed = QVBoxLayout(self._inside)
        self._listed.setContentsMargins(0, 0, theme.px(8), 0)
        self._listed.setSpacing(theme.px(12))
        self._listed.addStretch(1)
        self._cards: list[SectionCard] = []
        self.sections.setWidget(self._inside)
        QScroller.grabGesture(self.sections.viewport(), QScroller.ScrollerGestureType.LeftMouseButtonGesture)
        right = QWidget()
        self._right = QVBoxLayout(right)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(theme.px(12))
        self._right.addWidget(self.sections, 1)
        self.foot = self._doing = QWidget()
        side_by_side = QHBoxLayout(self._doing)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(max(16, theme.px(24)))
        side_by_side.addWidget(self.enrol, 1)
        side_by_side.addWidget(self.self_test, 1)
        self._right.addWidget(self.take_over)
        self._right.addWidget(self._doing)
        self.split.addWidget(left, 3)
        self.split.addWidget(right, 5)

    def arrange(self, shape: Shape) -> None:
        """On a panel on its side the quality heads the sections, so that the picture has the height; on a low one the
        buttons stand beside the way back.
        """
        super().arrange(shape)
        if shape.beside:
            self._listed.insertWidget(0, self.quality)
        else:
            self._sight.addWidget(self.quality, 1)
        if shape is not Shape.LOW:
            self._right.addWidget(self._doing)
        self.camera.setMinimumHeight(self.theme.px(200) if shape is Shape.UPRIGHT else 120)
        self.split.setStretch(0, 1 if shape.beside else 3)
        self.split.setStretch(1, 1 if shape.beside else 5)

    def show_view(self, view: View) -> None:
        tr = self.language.tr
        self.title.setText(tr("kiosk.maintenance.headline"))
        self.who.setText(tr("kiosk.maintenance.signed_in", name=view.staff))
        self.enrol.setText(tr("kiosk.enrol.start"))
        self.take_over.setText(tr("kiosk.enrol.take_over"))
        self.take_over.setVisible(view.visitor)
        self.self_test.setText(tr("kiosk.maintenance.selftest_run"))
        self._doing.show()
        self.camera.show_evidence(view.ring, view.sighting)
        self.quality.show_quality(view.sighting.quality if view.sighting else None)
        key = (view.status, self.language.code, self.shape)
        if key != self._shown:
            self._shown = key
            self._show_sections(view.status)

    def _show_sections(self, sections: tuple[StatusSection, ...]) -> None:
        place = self.sections.verticalScrollBar().value()
        for old in self._cards:
            self._listed.removeWidget(old)
            old.hide()
            old.deleteLater()
        low = self.shape is Shape.LOW
        self._cards = [SectionCard(self.theme, self.language, section, low) for section in sections]
        for card in self._cards:
            self._listed.insertWidget(self._listed.count() - 1, card)
            card.show()  # one that is to be shown by and by has no height yet, and the place would be lost
        self._listed.activate()
        self._inside.resize(self._inside.width(), self._inside.minimumSizeHint().height())
        self.sections.verticalScrollBar().setValue(place)
