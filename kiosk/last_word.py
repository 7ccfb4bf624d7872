"""How long nothing was heard of the district, whatever restarts come between: after a while an operator may let ways in rest."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from offline.durable import keep
from offline.line.link import SyncStatus
from offline.node_clock import elapsed, this_start

log = logging.getLogger(__name__)

KEEP_EVERY_S = 300.0


class LastWord:
    """Safe to use from any thread. `wall_ms` is the machine's own clock, right or wrong; `least_ms` what time it is at least.

    From the last word on, what has passed is counted by a clock that nobody sets, as long as the machine is on. Over a restart of
    the machine it is what its clock has gone on since then, or for how long the machine was on since then, whichever is more: a
    clock that was put back, or loses the time with the power, shortens nothing, and one that is always ahead lengthens nothing.
    """

    def __init__(
        self, path: Path, wall_ms: Callable[[], int], monotonic: Callable[[], float] = elapsed,
        start: Callable[[], str] = this_start, least_ms: Callable[[], int] = lambda: 0,
    ) -> None:  # fmt: skip
        self._path, self._wall_ms, self._monotonic, self._start = path, wall_ms, monotonic, start()
        self._lock, self._least_ms = threading.Lock(), least_ms
        self._least: int | None = None  # what time it was at least at the last word
        self._before: int | None  # the last word before the machine was started, by its clock
        self._before, self._since = self._kept()
        self._kept_at = float("-inf")

    def heard(self, status: SyncStatus) -> None:
        """How the line is; only one that answers is a word."""
        if not status.link.answers:
            return
        with self._lock:
            self._before, self._since, self._least = None, self._monotonic(), self._least_ms()
            if self._since - self._kept_at < KEEP_EVERY_S:
                return
            self._kept_at = self._since
            told = f"{self._wall_ms()} {int(1000 * self._since)} {self._start or '-'} {self._least}".encode()
        try:
            keep(self._path, told)
        except OSError as e:  # a full disk: counted until the program ends
            log.warning("when the district was last heard is not kept: %s", e)

    def silence(self) -> timedelta:
        with self._lock:
            passed = 1000 * (self._monotonic() - self._since)
            by_clock = 0 if self._before is None else self._wall_ms() - self._before
            was_on = 0 if self._before is None or self._least is None else self._least_ms() - self._least
        return timedelta(milliseconds=max(by_clock, passed, was_on, 0))

    def _kept(self) -> tuple[int | None, float]:
        now = self._monotonic()
        try:
            wall, *more = self._path.read_text("ascii").split()
            self._least = int(more[2]) if len(more) > 2 else None
            if self._start and more[1:2] == [self._start] and int(more[0]) <= 1000 * now:
                return None, int(more[0]) / 1000  # only this program was off
            return int(wall), now
        except (OSError, ValueError):  # it never was heard, or the file is lost: counted from now
            return self._wall_ms(), now
