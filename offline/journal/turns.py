"""A lock that everybody gets in turn, however much somebody else has left to do."""

import threading
from types import TracebackType


class Turns:
    """Re-entrant. A thread with much to do calls `let_pass` between its steps, and whoever waits by then comes first.

    An ordinary lock is taken again by the thread that has just let go of it before another wakes up.
    """

    def __init__(self) -> None:
        self._lock, self._door = threading.RLock(), threading.Lock()  # whoever waits for the lock stands in the door

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            with self._door:
                self._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits."""
        return self._door.locked()

    def let_pass(self) -> None:
        """Return when whoever waits is at it. Called without the lock."""
        with self._door:
            pass
