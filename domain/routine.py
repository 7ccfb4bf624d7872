"""The learned routine: how long this home may be silent at this hour before somebody should ask.

From at least 14 days of signs: for every half hour of the day, the longest silence that began within an hour of it on each day.
What is usual there is the mean of the days' longest plus 2.5 standard deviations (a Gumbel-like upper quantile), averaged with the
mean of the four longest, which alone would follow odd days. How far beyond the usual silences reach on days left out, extrapolated
to the elder's false-alarm budget (peaks over threshold on the daily maxima, with a Pareto tail), gives a factor for the day and one
for the night. The routine may tell silences that begin at the door from others, and working days from rest days, where days left
out say that it pays. It keeps learning over a rolling window; spans known to be away or blind are not learned from.
"""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import exp, log, sqrt
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.signals import Sign, SignOfLife
from domain.watched import Span
from domain.windows import utc

MIN_DAYS = 14
WINDOW = timedelta(days=90)
BINS = 48
AT_DOOR = timedelta(minutes=5)  # a silence that begins this soon after the door may be an outing
HOUR = timedelta(hours=1)
_SHORTEST = 0.25  # h: shorter silences are the sensors' own
_NONE = 0.1  # h: stands for "none longer than _SHORTEST" of a day
_TOP = 4  # days
_REACH = 2  # bins: an hour to either side
_FLOOR, _ADD, _LONGEST = 0.5, 0.25, 16.0  # h
_PRIOR_FACTOR, _PRIOR_DAYS = 1.7, 40.0  # the factor of an average home, worth this many days of evidence
_SHAPE = 0.25  # at most: ratios to the usual are light-tailed
_DAY = range(13, 42)  # bins, 06:30-21:00: where most of the budget is spent, for silence means most there
_DAY_SHARE = 0.8
_FINER_FROM = 21  # days: with fewer a finer form is chance
_MUST_GAIN = 0.85  # a finer form is used where it foresees at most this share of the delay


class Gap(NamedTuple):
    """One silence: wall-clock start as hours since 1970, length in hours, whether it began at the door, its day and type."""

    start: float
    hours: float
    door: bool
    day: int
    rest: bool


@dataclass(frozen=True, slots=True)
class Form:
    door: bool = False
    rest: bool = False

    def key(self, door: bool, rest: bool) -> tuple[bool, bool]:
        return self.door and door, self.rest and rest


FORMS = (Form(), Form(door=True), Form(rest=True))


@dataclass(frozen=True, slots=True)
class Routine:
    """What was learned. `usual` holds 48 half hours per (door, rest) in hours; `factor` widens it to the budget.

    `delay_day` and `delay` are the median hours from the begin of a silence (07-22 local; at any hour) to the alarm, foreseen from
    the days learned.
    """

    zone: str
    days: int
    budget: float  # false alarms a day
    form: Form
    usual: dict[tuple[bool, bool], tuple[float, ...]]
    factor: tuple[float, float]  # (night, day), by when the silence began
    delay_day: float
    delay: float

    def allowed(self, wall: float, door: bool, rest: bool) -> float:
        """Hours of silence allowed from a last sign at `wall` (hours since 1970 on the wall clock)."""
        return _allowed(self.usual[self.form.key(door, rest)], _bin(wall), self.factor)

    def learned(
        self, signs: Iterable[SignOfLife], holidays: Container[date] = frozenset()
    ) -> Callable[[SignOfLife], datetime]:
        """The rule `domain.checkins.assess` asks: when silence since a sign rings. `signs` say what happened at the door."""
        doors = sorted(utc(s.at) for s in signs if s.trusted and s.kind is Sign.DOOR)
        zone = ZoneInfo(self.zone)

        def rings_at(sign: SignOfLife) -> datetime:
            i = bisect_right(doors, utc(sign.at))
            door = i > 0 and utc(sign.at) - doors[i - 1] <= AT_DOOR
            here = sign.at.astimezone(zone)
            return sign.at + self.allowed(wall_hours(here), door, is_rest(here.date(), holidays)) * HOUR

        return rings_at


def is_rest(day: date, holidays: Container[date]) -> bool:
    return day.weekday() >= 5 or day in holidays


def wall_hours(local: datetime) -> float:
    """Hours since 1970 on the wall clock of an aware local time."""
    return (
        local.replace(tzinfo=None).toordinal() * 24 - 719163 * 24 + local.hour + local.minute / 60 + local.second / 3600
    )


def silences(
    signs: Iterable[SignOfLife], zone: str, *, ignore: Sequence[Span] = (), holidays: Container[date] = frozenset()
) -> list[Gap]:
    """The silences between clearing signs, longest first in nothing: in order of time. Those that touch `ignore` are left out."""
    tz = ZoneInfo(zone)
    heard = sorted((utc(s.at), s.kind) for s in signs if s.clears)
    gaps: list[Gap] = []
    door: datetime | None = None
    for (at, kind), (then, _) in pairwise(heard):
        if kind is Sign.DOOR:
            door = at
        hours = (then - at) / HOUR
        if hours <= _SHORTEST or any(a < then and at < b for a, b in ignore):
            continue
        here = at.astimezone(tz)
        start = wall_hours(here)
        at_door = door is not None and at - door <= AT_DOOR
        gaps.append(Gap(start, hours, at_door, int(start // 24), is_rest(here.date(), holidays)))
    return gaps


def learn(gaps: Sequence[Gap], zone: str, budget: float, min_days: int = MIN_DAYS) -> Routine | None:
    """The routine behind these silences, at `budget` false alarms a day; None where fewer than `min_days` days were seen.

    Raises ValueError for a budget that is not positive.
    """
    if budget <= 0:
        raise ValueError("a budget of no false alarms at all leaves no alarm")
    days = {g.day: g.rest for g in gaps}
    if len(days) < min_days:
        return None
    best: Routine | None = None
    for form in FORMS:
        if form != Form() and len(days) < _FINER_FROM:
            continue
        if form.rest and min(sum(days.values()), len(days) - sum(days.values())) < min_days / 2:
            continue
        tables = {key: _Table(gaps, form, key, days) for key in _keys(form)}
        daily: tuple[dict[int, float], ...] = (dict.fromkeys(days, 0.0), dict.fromkeys(days, 0.0))
        for g in gaps:
            b = _bin(g.start)
            ratio = (g.hours - _ADD) / tables[form.key(g.door, g.rest)].usual(b, without=g.day)
            part = daily[b in _DAY]
            part[g.day] = max(part[g.day], ratio)
        night, day = (list(part.values()) for part in daily)
        factor = (_factor(night, budget * (1 - _DAY_SHARE)), _factor(day, budget * _DAY_SHARE))
        usual_of = {key: tuple(t.usual(b) for b in range(BINS)) for key, t in tables.items()}
        by_day, overall = _foreseen(gaps, form, usual_of, factor)
        found = Routine(zone, len(days), budget, form, usual_of, factor, by_day, overall)
        if best is None or by_day / 2.5 + overall / 4 < _MUST_GAIN * (best.delay_day / 2.5 + best.delay / 4):
            best = found
    return best


def _bin(wall: float) -> int:
    return int(wall % 24 * (BINS / 24)) % BINS


def _allowed(usual: Sequence[float], b: int, factor: tuple[float, float]) -> float:
    return min(_LONGEST, usual[b] * factor[b in _DAY] + _ADD)


def _keys(form: Form) -> list[tuple[bool, bool]]:
    return [
        (d, r) for d in ((False, True) if form.door else (False,)) for r in ((False, True) if form.rest else (False,))
    ]


class _Table:
    """Per half hour, each day's longest silence begun within an hour of it, so that any one day can be left out at once."""

    def __init__(self, gaps: Sequence[Gap], form: Form, key: tuple[bool, bool], days: dict[int, bool]) -> None:
        self._n = sum(rest == key[1] for rest in days.values()) if form.rest else len(days)
        self._longest: list[dict[int, float]] = [{} for _ in range(BINS)]
        for g in gaps:
            if form.key(g.door, g.rest) == key:
                for k in range(-_REACH, _REACH + 1):
                    cell = self._longest[(_bin(g.start) + k) % BINS]
                    cell[g.day] = max(cell.get(g.day, 0.0), g.hours)
        self._top = [sorted(((h, d) for d, h in cell.items()), reverse=True)[: _TOP + 1] for cell in self._longest]
        self._sum = [sum(cell.values()) + _NONE * (self._n - len(cell)) for cell in self._longest]
        self._squares = [sum(h * h for h in cell.values()) + _NONE**2 * (self._n - len(cell)) for cell in self._longest]

    def usual(self, b: int, without: int | None = None) -> float:
        n, total, squares = self._n, self._sum[b], self._squares[b]
        if without is not None:
            own = self._longest[b].get(without, _NONE)
            n, total, squares = n - 1, total - own, squares - own * own
        mean = total / max(n, 1)
        sd = sqrt(max(0.0, squares / max(n, 1) - mean * mean))
        top = sum([h for h, d in self._top[b] if d != without][:_TOP]) / _TOP
        return max(_FLOOR, (mean + 2.5 * sd + top) / 2)


def _factor(daily: list[float], budget: float) -> float:
    """The ratio that daily maxima exceed `budget` times a day, drawn towards that of an average home while days are few."""
    ranked = sorted(daily, reverse=True)
    n = len(ranked)
    m = max(1, min(max(4, n // 4), n - 1))
    level = max(ranked[min(m, n - 1)], 0.1)
    shape = sum(log(max(x, level) / level) for x in ranked[:m]) / m
    seen = level * max(1.0, m / (n * budget)) ** min(shape, _SHAPE)
    trust = n / (n + _PRIOR_DAYS)
    return exp(trust * log(max(seen, 0.3)) + (1 - trust) * log(_PRIOR_FACTOR))


def _foreseen(
    gaps: Sequence[Gap], form: Form, usual: dict[tuple[bool, bool], tuple[float, ...]], factor: tuple[float, float]
) -> tuple[float, float]:
    """(median delay in hours of silences begun 07-22, at any hour) had one begun at every hour of the days learned."""
    starts = [g.start for g in gaps]
    by_day: list[float] = []
    overall: list[float] = []
    for hour in range(int(starts[0]) + 1, int(starts[-1])):
        g = gaps[bisect_right(starts, hour) - 1]
        inside = hour < g.start + g.hours
        start, door = (g.start, g.door) if inside else (float(hour), False)
        rings = start + _allowed(usual[form.key(door, g.rest)], _bin(start), factor)
        overall.append(max(0.0, rings - hour))
        if 7 <= hour % 24 < 22:
            by_day.append(overall[-1])
    return median(by_day or overall or [_LONGEST]), median(overall or [_LONGEST])
