"""Keeps a press from landing on what has only just come under the pointer."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

SETTLE_MS = 400  # nobody has read what stands there, and meant it, within this
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class Steady(QObject):
    """`hold` when something of `window` moved, or covered it, without whoever sits there having asked for it: for a moment the
    mouse presses nothing there, for the press was meant for what stood there before. `settled` when it does again."""

    settled = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._moment = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._moment.timeout.connect(self._let)

    @property
    def holds(self) -> bool:
        return self._moment.isActive()

    def hold(self) -> None:
        app = QCoreApplication.instance()
        if app is not None and not self.holds:
            app.installEventFilter(self)
        self._moment.start()

    def _let(self) -> None:
        if (app := QCoreApplication.instance()) is not None:
            app.removeEventFilter(self)
        self.settled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() in _PRESSES and isinstance(watched, QWidget) and watched.window() is self._window
