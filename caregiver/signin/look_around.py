"""A look around before a computer has joined: the real window over invented people, in a folder that goes with it."""

import shutil
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from caregiver.main_window import MainWindow
from caregiver.sample import Sample, lay, open_sample
from domain.people import Role
from qtkit.app import App
from qtkit.widgets import let_go


class LookAround(QObject):
    """`open` begins with the tour; `failed(error)` where nothing could be invented; `ended` when the window is closed, and what
    was invented is gone."""

    opened = Signal()
    failed = Signal(object)
    ended = Signal()

    def __init__(self, app: App, owner: QObject) -> None:
        super().__init__(owner)
        self._app = app
        self._folder: Path | None = None
        self.window: MainWindow | None = None

    def open(self) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="shouwang-look-"))
            self._app.background.run(partial(self._lay, self._folder), self._show, self._failed, self)

    def close(self) -> None:
        """Whoever looked around has joined, or has had enough."""
        if self.window is not None:
            self.window.close()
        self._end()

    @staticmethod
    def _lay(folder: Path) -> datetime:
        now = datetime.now(UTC).astimezone()
        lay(folder, Sample(now, elders=48, residents=20, days=14, signs_a_day=6, passages=600))
        return now

    def _show(self, now: datetime) -> None:
        if self._folder is None:  # closed meanwhile
            return
        state = open_sample(self._folder, now, Role.SUPERVISOR, now.tzinfo)
        for incident in state.incidents.ringing():  # nobody is startled on a first look
            state.incidents.acknowledge(incident.id)
        state.take()
        window = self.window = MainWindow(state, self._app.language, self._app.theme, self._app.background)
        window.installEventFilter(self)
        window.show()
        window.tour.begin()
        self.opened.emit()

    def _failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.window and event.type() == QEvent.Type.Close:
            QTimer.singleShot(0, self, self._end)
        return super().eventFilter(watched, event)

    def _end(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.removeEventFilter(self)
            state = window.state
            state.close()
            state.journal.close()
            state.keys.close()
            let_go(window)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self.ended.emit()
