"""How long nothing was heard of the district, whatever restarts come between: after a while an operator may let ways in rest."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from offline.durable import keep
from offline.link import SyncStatus
from offline.node_clock import elapsed

log = logging.getLogger(__name__)

KEEP_EVERY_S = 300.0


class LastWord:
    """Safe to use from any thread. `now_ms` is the node's clock.

    The silence is what the clock says or what has passed since the program began, whichever is more: a clock that was put back
    shortens nothing.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int], monotonic: Callable[[], float] = elapsed) -> None:
        self._path, self._now_ms, self._monotonic = path, now_ms, monotonic
        self._lock = threading.Lock()
        self._at, self._since = self._kept(), monotonic()
        self._kept_at = float("-inf")

    def heard(self, status: SyncStatus) -> None:
        """How the line is; only one that answers is a word."""
        if not status.link.answers:
            return
        with self._lock:
            self._at, self._since = self._now_ms(), self._monotonic()
            if self._since - self._kept_at < KEEP_EVERY_S:
                return
            self._kept_at = self._since
            told = str(self._at).encode()
        try:
            keep(self._path, told)
        except OSError as e:  # a full disk: counted until the program ends
            log.warning("when the district was last heard is not kept: %s", e)

    def silence(self) -> timedelta:
        with self._lock:
            by_clock, passed = self._now_ms() - self._at, 1000 * (self._monotonic() - self._since)
        return timedelta(milliseconds=max(by_clock, passed, 0))

    def _kept(self) -> int:
        try:
            return int(self._path.read_text("ascii"))
        except (OSError, ValueError):  # it never was heard, or the file is lost: counted from now
            return self._now_ms()
