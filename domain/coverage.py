"""The coverage proof: in every hour of the coming week somebody is reachable at every level, or here is the hole.

Reachable means on duty, and with a channel that has not failed for good. Holes are shown before they matter.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.incident_kinds import Level

WEEK = timedelta(days=7)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody on duty at a level, from `start` to `end` local time (past midnight where end <= start).

    `weekdays` are those on which it begins (0 = Monday); `first` and `last` bound the dates, inclusive. A public holiday is
    kept as a Sunday is: whoever works from Monday to Friday is at home, and those of the weekend are there.
    """

    person: str
    level: Level
    start: time = time(0)
    end: time = time(0)
    weekdays: frozenset[int] = frozenset(range(7))
    first: date | None = None
    last: date | None = None

    def on(self, day: date, holidays: Container[date] = frozenset()) -> bool:
        """Whether it begins on that local date."""
        within = (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        return within and (SUNDAY if day in holidays else day.weekday()) in self.weekdays

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Begin and end on the wall clock, so that a shift keeps its hours when the clocks change."""
        ends = day if self.end > self.start else day + timedelta(days=1)
        return datetime.combine(day, self.start, zone), datetime.combine(ends, self.end, zone)


@dataclass(frozen=True, slots=True)
class Hole:
    """Nobody can be reached at `level` from `start` to `end` (aware UTC)."""

    level: Level
    start: datetime
    end: datetime


def on_duty(
    shifts: Iterable[Shift],
    level: Level,
    at: datetime,
    zone: str = "Asia/Shanghai",
    holidays: Container[date] = frozenset(),
) -> list[str]:
    """Who is on duty at a level at one moment, in the order of the rota, each once."""
    tz = ZoneInfo(zone)
    today = at.astimezone(tz).date()
    found = [
        s.person
        for s in shifts
        for day in (today, today - timedelta(days=1))
        if s.level is level and s.on(day, holidays) and s.span(day, tz)[0] <= at < s.span(day, tz)[1]
    ]
    return list(dict.fromkeys(found))


def holes(
    shifts: Sequence[Shift],
    start: datetime,
    *,
    zone: str = "Asia/Shanghai",
    unreachable: Collection[str] = frozenset(),
    absent: Mapping[str, Sequence[tuple[datetime, datetime]]] | None = None,
    holidays: Container[date] = frozenset(),
    length: timedelta = WEEK,
) -> list[Hole]:
    """Every stretch of `length` from `start` in which a level has nobody, to the minute; empty is the proof.

    `unreachable` are people without a channel that works; `absent` their spans of leave.
    """
    end = start + length
    away = absent or {}
    return [
        Hole(level, a, b)
        for level in Level
        for a, b in _gaps(_present(shifts, level, start, end, ZoneInfo(zone), unreachable, away, holidays), start, end)
    ]


def _present(
    shifts: Iterable[Shift],
    level: Level,
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    unreachable: Collection[str],
    away: Mapping[str, Sequence[tuple[datetime, datetime]]],
    holidays: Container[date],
) -> list[tuple[datetime, datetime]]:
    """When somebody is there, unsorted and overlapping. Compared as instants, in UTC."""
    first, days = start.astimezone(zone).date() - timedelta(days=1), (end - start).days + 3
    spans: list[tuple[datetime, datetime]] = []
    for shift in shifts:
        if shift.level is not level or shift.person in unreachable:
            continue
        for n in range(days):
            day = first + timedelta(days=n)
            if shift.on(day, holidays):
                a, b = shift.span(day, zone)
                spans += _less((a.astimezone(start.tzinfo), b.astimezone(start.tzinfo)), away.get(shift.person, ()))
    return spans


def _less(
    span: tuple[datetime, datetime], leave: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """A span without the spans of leave."""
    left, found = span[0], list[tuple[datetime, datetime]]()
    for a, b in sorted(leave):
        if a > left:
            found.append((left, min(a, span[1])))
        left = max(left, b)
    return [(a, b) for a, b in (*found, (left, span[1])) if a < b]


def _gaps(spans: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    covered, found = start, list[tuple[datetime, datetime]]()
    for a, b in sorted(spans):
        if a >= end:
            break
        if a > covered:
            found.append((covered, a))
        covered = max(covered, b)
    if covered < end:
        found.append((covered, end))
    return found
