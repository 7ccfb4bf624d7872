"""The button both windows share: an icon in the colour of its words, Enter as well as Space on the desktop."""

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton

from qtkit.icons import pixmap
from qtkit.theme import Theme

Role = Literal["", "primary", "well", "well_offer", "quiet", "key", "danger", "on_alarm", "tab"]


def is_enter(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button with an optional icon in the colour of its words; at least 48 px high, 96 on the kiosk.

    On the desktop Enter presses it, as Space does; at a gate Enter ends what a card reader types.
    """

    def __init__(
        self, theme: Theme, words: str = "", icon_name: str = "", role: Role = "", height: int | None = None
    ) -> None:
        super().__init__(words)
        self._theme, self._icon_name = theme, icon_name
        self._height = height or (96 if theme.program == "kiosk" else 48)
        self._least = 96 if theme.program == "kiosk" else 0
        self.setProperty("role", role)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.refresh)
        self.refresh()

    def set_icon(self, name: str) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self.refresh()

    def setText(self, words: str) -> None:
        if words != self.text():
            super().setText(words)
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.refresh()

    def event(self, event: QEvent) -> bool:
        if is_enter(event) and event.type() is QEvent.Type.ShortcutOverride and self._theme.program != "kiosk":
            event.accept()  # it presses this button, whatever Enter does elsewhere on the page
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._theme.program == "kiosk" or not is_enter(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def refresh(self) -> None:
        self.setMinimumHeight(max(self._least, self._theme.px(self._height)))
        if not self._icon_name:
            self.setIcon(QIcon())
            return
        size = round(self._theme.type_px("body") * (1.25 if self.text() else 1.6))
        gap = self._theme.px(8) if self.text() else 0  # Qt leaves hardly any between icon and word
        self.setIcon(QIcon(pixmap(self._icon_name, self._theme.colour(self._ink()), size, gap)))
        self.setIconSize(QSize(size + gap, size))

    def _ink(self) -> str:
        role = self.property("role")
        if not self.isEnabled():
            return {"primary": "ink", "well_offer": "on_well"}.get(role, "muted")
        filled = {"primary": "on_lantern", "well": "on_well", "danger": "alarm", "on_alarm": "alarm_fill"}
        return filled.get(role, "well" if role == "well_offer" else "ink")
