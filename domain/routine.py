"""The learned routine: how long this home may be silent at this hour before somebody should ask.

From at least 14 days of signs. Every silence seen speaks for the hours around its begin (a Gaussian kernel over the time of day)
and for somewhat shorter and longer ones (a log-normal kernel over its length), for days of its own type fully and for the others
half. That gives, for a silence begun at this half hour, after the door or not, on a working or a rest day, how many a day outlast
each limit. The limits are then chosen together: the elder's false-alarm budget is spent where it shortens the wait most (one price
for an alarm, by Lagrange; hours that the home is rarely silent in cost little and wait little). Silences that begin at the door are
mostly outings, in which nobody lies in the home: waiting through one counts a tenth. Waiting by day counts twice, and every wait by
its square root: an hour off a wait of three is worth more than an hour off one of ten. The routine keeps learning over a rolling
window; spans known to be away or blind are not learned from.
"""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import exp, log, tanh
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.signals import Sign, SignOfLife
from domain.watched import Span
from domain.windows import utc

MIN_DAYS = 14
WINDOW = timedelta(days=90)
BINS = 48
AT_DOOR = timedelta(minutes=2)  # a silence that begins this soon after the door may be an outing
HOUR = timedelta(hours=1)
LONGEST = 16.0  # h: nothing longer is allowed, and what lasted longer could not have been spared its alarm
LONGEST_SPARSE = 36.0  # h: the same in a home that is silent longer than that on more days than this share
_SPARSE = 0.25
_SHORTEST = 0.25  # h: shorter silences are the sensors' own
_STEPS = tuple(0.5 * 1.06**k for k in range(74))  # h: what may be allowed, in steps of 6 %
_DAY = range(13, 42)  # bins, 06:30-21:00
_FLOOR_DAY, _FLOOR_NIGHT = 2.25, 1.0  # h: nobody is rung sooner, so nothing is spent on it
_FLOOR_DOOR = 4.0  # h: an outing at an unusual hour; as long as the return watch
_HOURS, _LENGTH = 0.8, 0.3  # widths of the kernels: hours of the day, and natural logarithm of the length
_LEAST = 0.05  # share of a type of day, even if none was seen
_OTHER_TYPE = 0.5  # what a silence says about days of the other type
_QUIET_DAYS = 20.0  # what an average home is worth as evidence that silences beyond those seen are rare
_DOORLESS = 0.7  # of the budget: where no contact tells outings apart, more is spent than was foreseen
_OUT = 0.1  # what an hour of waiting counts after the door
_BY_DAY = 2.0  # and by day, when silence says more and somebody is about who can look
_NEAR = range(-6, 7)  # bins: three hours to either side
_WEIGHTS = tuple(exp(-0.5 * (k * 24 / BINS / _HOURS) ** 2) for k in _NEAR)


class Gap(NamedTuple):
    """One silence: wall-clock start as hours since 1970, length in hours, whether it began at the door, its day and type."""

    start: float
    hours: float
    door: bool
    day: int
    rest: bool


Cell = tuple[bool, bool]  # (at the door, rest day)
CELLS: tuple[Cell, ...] = ((False, False), (False, True), (True, False), (True, True))


@dataclass(frozen=True, slots=True)
class Routine:
    """What was learned: `limits` are the hours allowed for 48 half hours of begin, per (door, rest).

    `delay_day` and `delay` are the median hours from the begin of a silence (07-22 local; at any hour) to the alarm, foreseen from
    the days learned.
    """

    zone: str
    days: int
    budget: float  # false alarms a day
    limits: dict[Cell, tuple[float, ...]]
    delay_day: float
    delay: float

    def allowed(self, wall: float, door: bool, rest: bool) -> float:
        """Hours of silence allowed from a last sign at `wall` (hours since 1970 on the wall clock)."""
        return self.limits[door, rest][_bin(wall)]

    def learned(
        self, signs: Iterable[SignOfLife], holidays: Container[date] = frozenset()
    ) -> Callable[[SignOfLife], datetime]:
        """The rule `domain.checkins.assess` asks: when silence since a sign rings. `signs` say what happened at the door."""
        at_door, zone = Doors(signs), ZoneInfo(self.zone)

        def rings_at(sign: SignOfLife) -> datetime:
            here = sign.at.astimezone(zone)
            return sign.at + self.allowed(wall_hours(here), at_door(sign.at), is_rest(here.date(), holidays)) * HOUR

        return rings_at


class Doors:
    """Tells whether a silence begins at the door."""

    def __init__(self, signs: Iterable[SignOfLife]) -> None:
        self._opened = sorted(utc(s.at) for s in signs if s.trusted and s.kind is Sign.DOOR)

    def __call__(self, at: datetime) -> bool:
        i = bisect_right(self._opened, utc(at))
        return i > 0 and utc(at) - self._opened[i - 1] <= AT_DOOR


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
    """The silences between clearing signs in order of time. Those that touch `ignore` are left out."""
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
    share = {rest: max(sum(r == rest for r in days.values()) / len(days), _LEAST) for rest in (False, True)}
    sparse = sum(g.hours > LONGEST for g in gaps) > _SPARSE * len(days)
    longest = LONGEST_SPARSE if sparse else LONGEST
    steps = (*(t for t in _STEPS if t < longest), longest)
    alarms = _alarms(gaps, len(days), share, steps)
    waiting = _waiting(gaps, len(days), share, longest)
    limits = _spend(alarms, waiting, budget if any(g.door for g in gaps) else budget * _DOORLESS, steps)
    return Routine(zone, len(days), budget, limits, *_foreseen(gaps, limits))


def _bin(wall: float) -> int:
    return int(wall % 24 * (BINS / 24)) % BINS


def _floor(cell: Cell, b: int) -> float:
    return _FLOOR_DOOR if cell[0] else _FLOOR_DAY if b in _DAY else _FLOOR_NIGHT


Row = list[float]  # over the limits that may be allowed


def _alarms(gaps: Sequence[Gap], days: int, share: dict[bool, float], steps: Sequence[float]) -> dict[Cell, list[Row]]:
    """For every cell and half hour: how many silences a day (of any type) begin there and outlast each limit of `steps`, of those
    that end within the last of them."""
    logs = tuple(log(t) for t in steps)
    begun: dict[Cell, list[Row]] = {cell: [[0.0] * len(steps) for _ in range(BINS)] for cell in CELLS}
    for g in gaps:
        row = begun[g.door, g.rest][_bin(g.start)]
        centre = log(g.hours)
        beyond = _outlasts((logs[-1] - centre) / _LENGTH)
        for k, limit in enumerate(logs):
            x = (limit - centre) / _LENGTH
            if x > 4:
                break
            row[k] += _outlasts(x) - beyond
    found: dict[Cell, list[Row]] = {}
    for door, rest in CELLS:
        own, other = _spread(begun[door, rest]), _spread(begun[door, not rest])
        seen = days * (share[rest] + _OTHER_TYPE * share[not rest]) + _QUIET_DAYS
        scale = share[rest] / seen
        found[door, rest] = [
            [scale * (a + _OTHER_TYPE * b) for a, b in zip(x, y, strict=True)] for x, y in zip(own, other, strict=True)
        ]
    return found


def _outlasts(x: float) -> float:
    """How likely a normal variable exceeds `x` (tanh form, within 0.0004)."""
    return 0.5 * (1 - tanh(0.79788456 * (x + 0.044715 * x * x * x)))


def _spread(rows: list[Row]) -> list[Row]:
    """Rows smoothed over the time of day, around the clock."""
    total = sum(_WEIGHTS)
    weights = [w / total for w in _WEIGHTS]
    return [
        [sum(w * v for w, v in zip(weights, column, strict=True)) for column in zip(*near, strict=True)]
        for near in ([rows[(b + k) % BINS] for k in _NEAR] for b in range(BINS))
    ]


def _waiting(gaps: Sequence[Gap], days: int, share: dict[bool, float], longest: float) -> dict[Cell, list[float]]:
    """What an hour of waiting costs in every cell: the share of all time in which the last sign was one of its."""
    time: dict[Cell, list[float]] = {cell: [24 / BINS * days * share[cell[1]] * (not cell[0])] * BINS for cell in CELLS}
    for g in gaps:
        time[g.door, g.rest][_bin(g.start)] += min(g.hours, longest)
        for k in range(int(min(g.hours, longest) * BINS / 24)):  # the last sign of those half hours was this one
            time[False, g.rest][(_bin(g.start) + k) % BINS] -= 24 / BINS
    least = 0.01 * days * 24 / BINS
    return {
        cell: [
            max(least, hours) / (days * 24) * (_OUT if cell[0] else 1.0) * (_BY_DAY if b in _DAY else 1.0)
            for b, hours in enumerate(of_cell)
        ]
        for cell, of_cell in time.items()
    }


def _spend(
    alarms: dict[Cell, list[Row]], waiting: dict[Cell, list[float]], budget: float, steps: Sequence[float]
) -> dict[Cell, tuple[float, ...]]:
    """The limits that wait least within the budget: one price per alarm for all cells, the lowest that the budget bears."""
    wait = {floor: [max(limit, floor) ** 0.5 for limit in steps] for floor in (_FLOOR_DAY, _FLOOR_NIGHT, _FLOOR_DOOR)}

    def chosen(price: float) -> dict[Cell, list[int]]:
        found: dict[Cell, list[int]] = {}
        for cell in CELLS:
            found[cell] = []
            for b in range(BINS):
                cost = waiting[cell][b]
                total = [cost * t + price * a for t, a in zip(wait[_floor(cell, b)], alarms[cell][b], strict=True)]
                found[cell].append(total.index(min(total)))
        return found

    low, high = 1e-4, 1e7
    for _ in range(24):
        price = (low * high) ** 0.5
        picks = chosen(price)
        if sum(alarms[cell][b][k] for cell in CELLS for b, k in enumerate(picks[cell])) > budget:
            low = price
        else:
            high = price
    picks = chosen(high)
    return {cell: tuple(max(steps[k], _floor(cell, b)) for b, k in enumerate(picks[cell])) for cell in CELLS}


def _foreseen(gaps: Sequence[Gap], limits: dict[Cell, tuple[float, ...]]) -> tuple[float, float]:
    """(median delay in hours of silences begun 07-22, at any hour) had one begun at every hour of the days learned."""
    starts = [g.start for g in gaps]
    by_day: list[float] = []
    overall: list[float] = []
    for hour in range(int(starts[0]) + 1, int(starts[-1])):
        g = gaps[bisect_right(starts, hour) - 1]
        inside = hour < g.start + g.hours
        start, door = (g.start, g.door) if inside else (float(hour), False)
        rings = start + limits[door, g.rest][_bin(start)]
        overall.append(max(0.0, rings - hour))
        if 7 <= hour % 24 < 22:
            by_day.append(overall[-1])
    return median(by_day or overall or [LONGEST]), median(overall or [LONGEST])
