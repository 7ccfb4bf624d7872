"""The PIN pad: flat first, then the secret; large keys, also the keyboard's, and larger ones at the hours of elders."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.screens.pages import Page
from kiosk.screens.shape import Shape
from kiosk.screens.speech import other, sentence
from kiosk.screens.words import CENTRE
from kiosk.visit.events import Press
from kiosk.visit.view import PinStage, PinView, View
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Step, Theme
from qtkit.widgets import retone, text

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", Press.ERASE, "0", Press.ENTER)
STEPS: tuple[Step, ...] = ("elder", "title", "body")  # of a title at the hours of elders
TALL = {key: (i // 3, i % 3) for i, key in enumerate(KEYS)}
WIDE = TALL | {Press.ERASE: (0, 3), "0": (1, 3), Press.ENTER: (2, 3)}


class PinPage(Page):
    """Digits go out as they are pressed; what they mean is decided elsewhere."""

    pressed = Signal(object)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme, language)
        self.title, self.foreign = text("", "title"), text("", "small", "muted")
        self.field = text("", "title", wrap=False)
        self.hint = text("", "small", "muted")
        box = QFrame()
        box.setProperty("role", "card")
        self._inside = QVBoxLayout(box)
        self._inside.addWidget(self.field)
        box.setMinimumHeight(max(72, theme.px(88)))
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addStretch(1)
        for label in (self.title, self.foreign):
            label.setAlignment(CENTRE)
            column.addWidget(label)
        column.addSpacing(theme.px(8))
        column.addWidget(box)
        column.addWidget(self.hint)
        column.addStretch(1)
        self.field.setAlignment(CENTRE)
        self.hint.setAlignment(CENTRE)
        self._large = False
        self.keys = {key: self._key(key) for key in KEYS}
        pad = QWidget()
        self._grid = QGridLayout(pad)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        for key, button in self.keys.items():
            self._grid.addWidget(button, *TALL[key])
        self.split.addWidget(upper, 1)
        self.split.addWidget(pad, 1)

    def arrange(self, shape: Shape) -> None:
        """Four rows of three; on a panel that lies on its side three rows, the last column for delete, nought and enter."""
        super().arrange(shape)
        self.split.setStretch(1, 1 if shape.beside else 3)
        for key, button in self.keys.items():
            self._grid.addWidget(button, *(WIDE if shape.beside else TALL)[key])

    def _key(self, key: str) -> Button:
        icons: dict[str, str] = {Press.ERASE: "erase", Press.ENTER: "check"}
        icon = icons.get(key, "")
        button = Button(self.theme, "" if icon else key, icon, "primary" if key is Press.ENTER else "key")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.pressed.emit(key))
        return button

    def show_view(self, view: View) -> None:
        pin = view.pin
        if pin is None:
            return
        tr, code = self.language.tr, self.language.code
        wrong = bool(pin.refused or pin.wait_s)
        self.title.setText(self._hint(pin) if view.large and wrong else sentence(view.headline, code))
        self.foreign.setText(sentence(view.headline, other(code)))
        self.foreign.setVisible(not view.large)
        self._enlarge(view.large)
        flat = pin.stage in (PinStage.FLAT, PinStage.ENROL)
        typed = pin.flat if flat else "●" * pin.digits
        example = view.large and flat and not typed  # where else there is a line for it, the keys are larger
        self.field.setText(typed or (tr("kiosk.pin.flat_hint") if example else " "))
        retone(self.field, "tone", "muted" if example else "")
        retone(self.field, "type", "body" if example else "title")
        self.field.setAccessibleName(tr("kiosk.pin.typed", count=len(pin.flat) if flat else pin.digits))
        self.hint.setText(self._hint(pin))
        self.hint.setVisible(not view.large)
        retone(self.hint, "tone", "overdue" if wrong else "muted")
        retone(self.title, "tone", "overdue" if wrong and view.large else "")
        for key, button in self.keys.items():
            button.setEnabled(pin.stage is not PinStage.CHECKING and not (key is Press.ENTER and pin.wait_s > 0))
        word = {PinStage.FLAT: "next", PinStage.ENROL: "next", PinStage.STAFF: "sign_in"}.get(pin.stage, "enter")
        self.keys[Press.ENTER].setText(tr(f"kiosk.pin.{word}"))
        self.keys[Press.ENTER].set_icon("right" if flat else "")
        self.keys[Press.ERASE].setAccessibleName(tr("kiosk.pin.erase"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._enlarge(self._large)

    def _enlarge(self, large: bool) -> None:
        """Digits in the type for elders; the title as large as it fits into one line."""
        self._large = large
        air = self.theme.px(2 if large else 8)
        self._inside.setContentsMargins(self.theme.px(16), air, self.theme.px(16), air)
        room, words = self.title.width() or self.width(), self.title.text()
        high = {step: QFontMetrics(self.theme.font(step, bold=True)) for step in STEPS}
        fits = next((step for step in STEPS if high[step].horizontalAdvance(words) <= room), STEPS[-1])
        retone(self.title, "type", fits if large else "title")
        self.title.setMinimumHeight(high["elder"].height() if large else 0)  # no key moves when the words change
        self.field.setMinimumHeight(high["title"].height() if large else 0)
        for button in self.keys.values():
            retone(button, "large", large)

    def _hint(self, pin: PinView) -> str:
        tr = self.language.tr
        if pin.wait_s:
            return tr("kiosk.pin.wait", seconds=pin.wait_s)
        if pin.refused:
            return tr(f"kiosk.refused.{pin.refused}")
        return tr("kiosk.pin.flat_hint") if pin.stage in (PinStage.FLAT, PinStage.ENROL) else " "
