"""A node's own idea of the time: the district's, carried on by a clock that nobody sets, and so deaf to the wall clock's jumps.

Before the first contact it is the machine's wall clock, and facts say so (`Clock.UNSYNCED`).
"""

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from domain.events import Clock, from_ms


def elapsed() -> float:
    """Seconds since some moment in the past, of which nobody can take any away; what passed while the machine slept is among them.

    Linux stops CLOCK_MONOTONIC in its sleep (clock_getres(2)), so it is asked for CLOCK_BOOTTIME; Windows counts through it.
    """
    if sys.platform == "linux":
        passed = time.clock_gettime(time.CLOCK_BOOTTIME)
    else:
        passed = time.monotonic()
    return passed


def this_start() -> str:
    """Names this start of the machine: as long as it is the same, `elapsed` counts on over every restart of a program. '' where
    the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


class NodeClock:
    """`monotonic` counts seconds, those of the machine's sleep too."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = elapsed,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._base: tuple[int, float] | None = None  # (district's ms, monotonic seconds) of the same moment
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        """Milliseconds since 1970, the district's where it is known."""
        with self._lock:
            if self._base is None:
                return int(self._wall() * 1000)
            ms, at = self._base
            return ms + int((self._monotonic() - at) * 1000)

    def wall_ms(self) -> int:
        """What the machine's own clock says: what facts were stamped with before the first contact."""
        return int(self._wall() * 1000)

    def now(self) -> datetime:
        return from_ms(self.now_ms())

    @property
    def state(self) -> Clock:
        return Clock.UNSYNCED if self._base is None else Clock.SYNCED

    def learn(self, district_ms: int, round_trip_s: float) -> None:
        """Take over the district's time, read `round_trip_s` long ago at most; the middle of the trip is assumed."""
        with self._lock:
            self._base = (district_ms + int(round_trip_s * 500), self._monotonic())

    def wall_error_ms(self) -> int:
        """By how much the machine's wall clock is ahead of the district's time; 0 while that is unknown."""
        return self.wall_ms() - self.now_ms()
