"""What comes, brought to the window from the thread it came on: an incident at once, a flood of other facts with pauses between."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from caregiver.elders.board import Board
from caregiver.memory.changes import Changes
from caregiver.memory.replica import Replica

COALESCE_S, JUDGE_MS = 0.03, 15
PEOPLE_AT_ONCE = 100


class Arrivals(QObject):
    """`came` after facts were taken over, `taken` after every look for some, `judged` when everybody's standing is known anew.

    `first` is called with what came as soon as its incidents are in. Where it raises, all of it is taken again the next time.
    """

    came = Signal(object)  # Changes
    taken = Signal()
    judged = Signal()
    _noted = Signal()  # from whatever thread

    def __init__(self, state: Replica, board: Board, first: Callable[[Changes], None], parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._board, self._first = state, board, first
        self._taken_at = self._took_s = 0.0
        self._over = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.take)
        self._judging = QTimer(self, interval=JUDGE_MS)
        self._judging.timeout.connect(self._judge)
        self._judging.start()
        self._noted.connect(self.wake)
        state.on_change(self._noted.emit)

    def wake(self) -> None:
        """At once after a quiet moment; under a flood no more often than leaves the window four fifths of the time, though an
        incident waits for no more than `COALESCE_S`."""
        if self._over:
            return
        quiet = COALESCE_S if self._state.urgent else max(COALESCE_S, 4 * self._took_s)
        wait = max(0, round((self._taken_at + quiet - monotonic()) * 1000))
        if not self._soon.isActive() or wait < self._soon.remainingTime():
            self._soon.start(wait)

    def took(self, at: float, seconds: float) -> None:
        """When it was last taken over (monotonic seconds) and how long that took: what the next time waits for."""
        self._taken_at, self._took_s = at, seconds

    @property
    def waits_ms(self) -> int:
        """Until the next look; -1 where none is to come."""
        return self._soon.remainingTime()

    def take(self) -> None:
        """Take over what was noted."""
        began = monotonic()
        changes = self._state.take(PEOPLE_AT_ONCE, self._first)
        if changes:
            self.judge()
            self.came.emit(changes)
        self.taken.emit()
        now = monotonic()
        self.took(now, now - began)
        if self._state.more:
            self.wake()

    def tick(self) -> None:
        """Once a second: what could not be taken over a moment ago, and whose standing changes with the time alone."""
        if self._state.more:
            self.wake()
        self.judge()

    def judge(self) -> None:
        """Go through the elders, a slice at a time, until everybody is judged."""
        if not self._over and not self._judging.isActive():
            self._judging.start()

    def _judge(self) -> None:
        """A slice, unless an incident waits to be shown; rest once everybody is judged."""
        if self._state.urgent:
            return
        if not self._board.rejudge():
            self._judging.stop()
        elif self._board.judged:
            self.judged.emit()

    def stop(self) -> None:
        """Nothing is looked for any more, nor is what another thread has said already and this one has yet to hear."""
        self._over = True
        self._soon.stop()
        self._judging.stop()
