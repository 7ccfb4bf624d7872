"""The tray icon: the worst state of anybody in care, in its colour and symbol, with its word on hover."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from caregiver.elders.board import Board
from caregiver.elders.standing import Urgency
from caregiver.ui import Desk
from caregiver.wording import term
from qtkit.icons import icon

LOOK_MS = 5000


class Tray(QObject):
    """Does nothing where the desktop has no tray, and looks whether it has one by now: at log-in this program may be quicker than
    the panel. `opened` when it is clicked."""

    opened = Signal()

    def __init__(self, desk: Desk, board: Board, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._board = desk, board
        self._shown: tuple[str, str] | None = None
        self._icon: QSystemTrayIcon | None = None
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._put_up)
        self._look.start()
        self._put_up()

    def _put_up(self) -> None:
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._look.stop()
            self._icon = QSystemTrayIcon(self)
            self._icon.activated.connect(lambda _: self.opened.emit())
            self.refresh()
            self._icon.show()

    @property
    def worst(self) -> Urgency:
        """Cut off is as bad as blind: what we show may be old."""
        worst = self._board.worst()
        return worst if self._desk.state.connection().online else min(worst, Urgency.BLIND)

    def refresh(self) -> None:
        if self._icon is None:
            return
        token = self.worst.token
        title = self._desk.tr("title", community=self._desk.state.session.community)
        words = f"{title} · {term(self._desk.language, 'state', token)}"
        if self._shown != (token, words):
            self._shown = (token, words)
            self._icon.setIcon(icon(token, self._desk.theme.colour(token), 32))
            self._icon.setToolTip(words)
