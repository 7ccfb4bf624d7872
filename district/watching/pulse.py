"""Who watches the watch: when it last went through whole, so that people notice where it stands still while all else goes on."""

import sys
import time
import traceback
from collections.abc import Callable

STILL_S = 30.0  # of ticks that come every second; a first one over a great store may take as long


class Pulse:
    """`monotonic` is a clock in seconds. Beaten by the watch's thread, felt by any."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last: float | None = None

    def beat(self) -> None:
        """The watch begins, or has gone through."""
        self._last = self._monotonic()

    @property
    def quiet_s(self) -> float:
        """For how long it has not gone through, seconds; 0 where it never began: a command that looks in has no watch."""
        return 0.0 if self._last is None else self._monotonic() - self._last

    @property
    def still(self) -> bool:
        return self.quiet_s > STILL_S


def where(thread: int | None) -> str:
    """What a thread is at, by its identifier: for the log, where it hangs."""
    frame = sys._current_frames().get(thread or 0)
    return "".join(traceback.format_stack(frame)) if frame is not None else "(ended)"
