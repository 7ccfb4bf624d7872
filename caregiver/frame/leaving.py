"""Before the window is closed: what then rings no more at this computer, and how to have it out of the way and still hear."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from caregiver.ui import Desk, column, row
from qtkit.widgets import Button, text

WIDE_PX = 520


class Leaving(QDialog):
    """Not modal: an alarm that comes is not kept waiting by it. `put_away` or `closes`; nothing where it is left alone."""

    put_away = Signal()
    closes = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        px = desk.theme.px
        self.setWindowTitle(desk.tr("leaving.title"))
        self.stay = Button(desk.theme, desk.tr("leaving.put_away"), role="primary")
        self.end = Button(desk.theme, desk.tr("leaving.close"))
        for button, then in ((self.stay, self.put_away), (self.end, self.closes)):
            button.clicked.connect(self.accept)
            button.clicked.connect(then)
        self.finished.connect(self.deleteLater)
        told = column(
            text(desk.tr("leaving.title"), "title"),
            text(desk.tr("leaving.what")),
            row(self.stay, 1, self.end),
            space=px(16),
            margins=px(24),
        )
        self.setLayout(told)
        self.setFixedWidth(min(px(WIDE_PX), parent.width()))
        self.stay.setFocus()


def _ends() -> bool:
    """Whether the machine or its session is being shut down."""
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()


class AsksBefore(QObject):
    """Stands before a window's cross: somebody who presses it is asked, once. What the program or the system closes, closes."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Close or not event.spontaneous() or _ends():
            return False
        event.ignore()
        for asked in self._window.findChildren(Leaving):  # pressed once more
            asked.reject()
        asks = Leaving(self._desk, self._window)
        asks.put_away.connect(self._window.showMinimized)
        asks.closes.connect(self._window.close)
        asks.show()
        return True
