"""A named value of 0 to 1 as a bar, with its figure beside it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from caregiver.layout import row
from caregiver.ui import Desk, at_scale
from qtkit.widgets import text


class Bar(QWidget):
    """A named value of 0 to 1 with an optional mark; the value stands beside it in figures too."""

    def __init__(self, desk: Desk, name: str, value: float, shown: str, token: str, mark: float | None = None) -> None:
        super().__init__()
        self._desk, self._value, self._token, self._mark = desk, min(1.0, max(0.0, value)), token, mark
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.track = QWidget()
        at_scale(desk.theme, self.track, QWidget.setFixedHeight, 20)
        label, figure = text(name, "small", tone="muted", wrap=False), text(shown, "small", strong=True, wrap=False)
        at_scale(desk.theme, label, QWidget.setFixedWidth, 104)
        at_scale(desk.theme, figure, QWidget.setFixedWidth, 48)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = row(label, self.track, figure)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.setAccessibleName(f"{name} {shown}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, place = self._desk.theme, self.track.geometry()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height = theme.px(8)
        track = QRectF(place.x(), place.center().y() - height / 2, place.width(), height)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(track, height / 2, height / 2)
        painter.setBrush(theme.colour(self._token))
        painter.drawRoundedRect(
            QRectF(track.x(), track.y(), track.width() * self._value, height), height / 2, height / 2
        )
        if self._mark is not None:
            x = track.x() + track.width() * min(1.0, max(0.0, self._mark))
            painter.setPen(QPen(theme.colour("ink"), theme.px(2)))
            painter.drawLine(int(x), place.y(), int(x), place.bottom())
