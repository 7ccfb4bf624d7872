"""Work that may take longer than a second: what is being done, how far it is, and a way to stop it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from caregiver.layout import row
from caregiver.ui import Desk, Words
from qtkit.background import Job
from qtkit.buttons import Button
from qtkit.widgets import text

SHOWN_AFTER_MS = 300  # what is quicker than this says only that it is done
STEPS = 1000
Told = Callable[[float], None]  # how far the work is, 0 to 1; raises Stopped once nobody wants it any more


class Stopped(Exception):
    """Somebody pressed *cancel*: leave everything as it was before."""


class Working(QWidget):
    """One piece of work at a time, on a background thread; hidden while there is none."""

    _far = Signal(float)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._job: Job | None = None
        self._stopped = False
        self.what, self.bar = text("", wrap=False), QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.cancel = Button(desk.theme, icon_name="close")
        self._words.put(self.cancel.setText, "do.cancel")
        self._words.put(self.bar.setAccessibleName, "do.progress")
        self.cancel.clicked.connect(self.stop)
        layout = row(self.what, self.bar, self.cancel)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._far.connect(lambda share: self.bar.setValue(round(share * STEPS)))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.timeout.connect(self.show)
        self.hide()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def run(
        self,
        words: str,
        work: Callable[[Told], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
        stopped: Callable[[], object] = lambda: None,
    ) -> None:
        """Begin; one of `done`, `failed` and `stopped` follows, on the window's thread. Nothing happens while it is busy."""
        if self.busy:
            return
        self._stopped = False
        self.what.setText(words)
        self.bar.setValue(0)
        self._wait.start(SHOWN_AFTER_MS)

        def told(share: float) -> None:
            if self._stopped:
                raise Stopped
            self._far.emit(share)

        def over(then: Callable[[Any], object], found: Any) -> None:
            self._job = None
            self._wait.stop()
            self.hide()
            then(found)

        def trouble(error: Exception) -> None:
            if isinstance(error, Stopped):
                over(lambda _: stopped(), None)
            else:
                over(failed, error)

        self._job = self._desk.background.run(lambda: work(told), lambda found: over(done, found), trouble, self)

    def stop(self) -> None:
        """The work ends at its next step and leaves nothing behind."""
        self._stopped = True
        self.what.setText(self._desk.tr("do.stopping"))
