"""Keeps a press from landing on what has only just come under the pointer, or to where the keyboard has only just gone."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

SETTLE_MS = 400  # nobody has read what stands there, and meant it, within this
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Steady(QObject):
    """`hold` when something of `window` moved, or covered it, without whoever sits there having asked for it. For a moment the
    mouse presses nothing there, for the press was meant for what stood there before. With `keys` neither do Enter and Space, for
    what was under the keyboard has gone by itself; with `typing` no key does, for it was meant for another program's window.
    `settled` when they do again."""

    settled = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._moment = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._moment.timeout.connect(self._let)
        self._keys = self._typing = False

    @property
    def holds(self) -> bool:
        return self._moment.isActive()

    def hold(self, keys: bool = False, typing: bool = False) -> None:
        self._keys |= keys
        self._typing |= typing
        app = QCoreApplication.instance()
        if app is not None and not self.holds:
            app.installEventFilter(self)
        self._moment.start()

    def _let(self) -> None:
        self._keys = self._typing = False
        if (app := QCoreApplication.instance()) is not None:
            app.removeEventFilter(self)
        self.settled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if isinstance(event, QKeyEvent) and (self._typing or (self._keys and event.key() in _KEYS)):
            event.accept()  # no shortcut either
            return True
        return event.type() in _PRESSES
