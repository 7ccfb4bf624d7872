"""Can the machine's clock be right? What could not be taken back waits while that is open (docs/decisions/0069).

A clock that is months ahead makes everything old enough to be nulled. It is judged by how far it has come since it was last
believed, and by the machines of gates and desks, which say with every batch what their own clocks show.
"""

import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from district.store.registry import Registry
from offline.node_clock import elapsed

NOTE = "clock"
DAY_MS = 86_400_000
LEAP_MS = DAY_MS  # beyond what has passed, while this program runs: a wrong time zone is less
AWAY_MS = 14 * DAY_MS  # since the last belief, where it did not run: a week of holidays with the power off is less
WITNESSES = 3  # machines, or theirs is no majority
HEARD_MS = DAY_MS  # what a machine showed is carried on for so long
NOTE_EVERY_MS = 600_000
EARLIEST = 1_790_000_000  # seconds: no clock may be before this build; a board without a battery shows 1970


@dataclass(frozen=True, slots=True)
class Doubt:
    """By how much the clock seems to be ahead, ms; `witnesses`: so many machines say so, 0: it is too far from its last belief."""

    ahead: int
    witnesses: int


class ClockDoubt:
    """`now_ms` is the server's time, `seconds` a clock that nobody sets. Any thread."""

    def __init__(self, registry: Registry, now_ms: Callable[[], int], seconds: Callable[[], float] = elapsed) -> None:
        self._registry, self._now, self._seconds = registry, now_ms, seconds
        self._shown: dict[str, tuple[int, int]] = {}  # by device: its clock less the one nobody sets, and when; ms
        self._since: int | None = None  # when it was last believed, on the clock that nobody sets
        noted, heard = registry.note(NOTE), [at for _, at in registry.cursors().values()]
        told: dict[str, int] = json.loads(noted) if noted else {}
        self._believed = told.get("believed", max(heard, default=0)) or None  # what it showed then; None: never asked
        self._usual = told.get("usual", 0)  # what machines show less, and somebody has said that they are wrong
        self._noted = 0
        self.doubt: Doubt | None = None

    @property
    def believed(self) -> int:
        """What it showed when it was last believed, ms."""
        return self._now() if self._believed is None else self._believed

    def heard(self, device: str, shown_ms: int) -> None:
        """A machine's own clock, as it was when it sent."""
        if shown_ms >= EARLIEST * 1000:
            at = self._passed()
            self._shown[device] = (shown_ms - at, at)

    def look(self) -> Doubt | None:
        """Judge anew; None where the clock is believed."""
        now, at = self._now(), self._passed()
        told = self._told(now, at)
        if len(told) >= WITNESSES:
            found = Doubt(int(statistics.median(told)) - self._usual, len(told))
            grace = LEAP_MS
        else:
            passed, grace = (0, AWAY_MS) if self._since is None else (at - self._since, LEAP_MS)
            found = Doubt(now - self.believed - passed, 0)
        self.doubt = found if found.ahead > grace else None
        if self.doubt is None and (found.witnesses or self._believed is None or now > self._believed):
            self._believe(now, at)
        return self.doubt

    def confirm(self) -> None:
        """Somebody has looked at a calendar: the clock is right, and machines that show something else are not."""
        now, at = self._now(), self._passed()
        told = self._told(now, at)
        self._usual = int(statistics.median(told)) if len(told) >= WITNESSES else 0
        self.doubt, self._noted = None, 0
        self._believe(now, at)

    def _told(self, now: int, at: int) -> list[int]:
        """By how much our clock is ahead of each machine's that was heard of late."""
        return [now - at - ours for ours, heard in list(self._shown.values()) if at - heard <= HEARD_MS]

    def _believe(self, now: int, at: int) -> None:
        self._believed, self._since = now, at
        if abs(now - self._noted) >= NOTE_EVERY_MS:
            self._registry.put_note(NOTE, json.dumps({"believed": now, "usual": self._usual}))
            self._noted = now

    def _passed(self) -> int:
        return int(self._seconds() * 1000)
