"""The words of an alarm, which are read across a room."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from caregiver.ui import Desk
from qtkit.theme import Theme

BODY = 22  # px; larger words are large enough as they are
LARGE = 28  # px; the least of those


def large(theme: Theme, px: int) -> int:
    """Pixels of a size: words that are large to begin with do not grow with the text, and smaller ones no further than to the least
    of those, so that the buttons stay in sight and what is grave stays the larger."""
    return round(min(px * theme.scale, max(px, LARGE)) if px <= BODY else px * min(theme.scale, 1.0))


class Big(QLabel):
    """White words on the alarm's own ground."""

    def __init__(self, px: int, desk: Desk, bold: bool = True, tone: str = "on_alarm") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._px, self._bold, self._desk, self._tone = px, bold, desk, tone
        desk.theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        weight = 700 if self._bold else 400
        size = large(self._desk.theme, self._px)
        self.setStyleSheet(f"font-size: {size}px; font-weight: {weight}; color: {self._desk.theme.hex(self._tone)};")
