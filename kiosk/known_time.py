"""What time it is at least and at most where only the machine's own clock says so: a start without a line, a dead battery.

What rests ends by `least` (a wrong PIN's wait, what a gate keeps for some days), so that a clock put ahead while the machine was
off ends nothing early. What may not outlast its time ends by `most` (a lent template). While only the program was off nothing is in
doubt: the clock that nobody sets went on.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from domain.events import Clock, from_ms
from offline.durable import keep
from offline.node_clock import elapsed, this_start

log = logging.getLogger(__name__)
DRIFT = timedelta(minutes=5)  # what another node's clock may be ahead by
UNKNOWN = timedelta(days=3650)  # how long a machine was off whose clock lost the time meanwhile
A_NIGHT = timedelta(hours=26)  # since the last one, what is done in each has been missed


class Clocks(Protocol):
    """A node's clock, as `offline.node_clock.NodeClock`."""

    def now_ms(self) -> int: ...
    def wall_ms(self) -> int: ...
    @property
    def state(self) -> Clock: ...


@dataclass(frozen=True, slots=True)
class Known:
    """No earlier than `least`, in the machine's zone. `heard`: a district ever said what time it is; until then `least` is only
    what the machine's own clock showed once. `sure`: it said so since the machine was started, and `least` is the time."""

    least: datetime
    heard: bool
    sure: bool

    def missed(self, last: datetime | None) -> bool:
        """Whether a night has gone by without what was `last` done then, or never. Once the time is sure, what was done in the
        future was done at any time; until then it is `least` that may be behind."""
        return last is None or last < self.least - A_NIGHT or (self.sure and last > self.least + DRIFT)

    def stays(self, keep: timedelta) -> tuple[datetime, datetime]:
        """Of which dates, first and last, that stays which is kept for `keep`. None is too old while the machine's own clock alone
        says so; one in the future is wrong once the time is sure, and until its date what has it would outlast its time."""
        since = self.least - keep if self.heard else datetime.min.replace(tzinfo=UTC)
        return since, self.least + DRIFT if self.sure else datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What was known at one moment, ms: no earlier and no later than, what the machine's own clock showed, whether a district
    said so since the machine was started (2), ever (1) or never (0), and what the clock that nobody sets showed in that start."""

    least: int
    most: int
    wall: int
    told: int
    shown: int = 0
    start: str = "-"


class KnownTime:
    """Safe to use from any thread. From the district's first word in this run on both are its time, and never go back behind what
    it said before.

    Until then `least` is the last time known with what has passed since the machine's start: how long it was off nobody knows.
    `most` counts that too, as far as the machine's clock has gone on: one that is always ahead, because local time is kept as
    UTC, is ahead by as much on both sides. One that has gone back (a dead battery) tells nothing: it may be any time then.
    """

    def __init__(
        self, path: Path, clock: Clocks, monotonic: Callable[[], float] = elapsed, start: Callable[[], str] = this_start
    ) -> None:
        self._path, self._clock, self._monotonic = path, clock, monotonic
        self._lock = threading.Lock()
        self._began, wall, self._start = monotonic(), clock.wall_ms(), start() or "-"
        self._mark = mark = self._kept() or _Mark(wall, wall, wall, 0)
        if "-" != self._start == mark.start and mark.shown <= 1000 * self._began:
            self._began = mark.shown / 1000  # only this program was off, and how long is known
        else:
            lost = UNKNOWN if from_ms(wall) < from_ms(mark.wall) - DRIFT else timedelta(0)
            self._mark = replace(mark, most=mark.most + lost // timedelta(milliseconds=1), told=min(mark.told, 1))

    def least_ms(self) -> int:
        with self._lock:
            return self._now()[0].least

    def most_ms(self) -> int:
        with self._lock:
            return self._now()[0].most

    def least(self) -> datetime:
        """In the machine's zone."""
        return from_ms(self.least_ms()).astimezone()

    def known(self) -> Known:
        with self._lock:
            mark, _ = self._now()
        return Known(from_ms(mark.least).astimezone(), mark.told > 0, mark.told == 2)

    def note(self) -> None:
        """Keep what is known now; every minute or so."""
        with self._lock:
            mark, shown = self._now()
            if self._clock.state is Clock.SYNCED:
                self._mark, self._began = mark, shown
            told = " ".join(map(str, astuple(mark))).encode()
        try:
            keep(self._path, told)
        except OSError as e:  # a full disk: counted until the program ends
            log.warning("what time it is at least is not kept: %s", e)

    def _now(self) -> tuple[_Mark, float]:
        """And what the clock that nobody sets showed then."""
        mark, now, wall = self._mark, self._clock.now_ms(), self._clock.wall_ms()
        # last: what a machine sleeps away in between is made good by the district's next word
        shown = self._monotonic()
        passed = int(1000 * (shown - self._began))
        least, most = mark.least + passed, mark.most + (passed if mark.told == 2 else max(passed, wall - mark.wall))
        told, since = int(1000 * shown), self._start
        if self._clock.state is not Clock.SYNCED:
            return _Mark(least, most, wall, mark.told, told, since), shown
        now = max(now, least) if mark.told else now
        return _Mark(now, now, wall, 2, told, since), shown

    def _kept(self) -> _Mark | None:
        try:
            least, most, wall, told, *more = self._path.read_text("ascii").split()
            mark = _Mark(int(least), int(most), int(wall), int(told))
            return replace(mark, shown=int(more[0]), start=more[1]) if len(more) == 2 else mark
        except (OSError, ValueError, TypeError):  # never kept, or lost
            return None
