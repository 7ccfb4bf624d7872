"""Before a rule changes: how often it would have rung over the last quarter, and what it would have missed."""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from domain.careplan import CarePlan
from domain.checkins import LOOK_BACK, Learned, Occurrence, assess
from domain.incident_kinds import SILENCES
from domain.retaught import Retaught
from domain.signals import SignOfLife
from domain.watched import Source, unseen
from domain.windows import utc

DAYS = 90
HORIZON = timedelta(hours=24)
HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = 7
_DENSE = timedelta(minutes=10)  # of signs of one kind closer than this the last says all


@dataclass(frozen=True, slots=True)
class Replay:
    """What a plan would have done. Delays are hours from the begin of a silence to the ring."""

    days: float  # that were seen
    rang: tuple[Occurrence, ...]  # those with `resolved_at` would have answered themselves later
    per_week: float
    injected: int
    missed: tuple[datetime, ...]  # silences begun then would not have rung within 24 h
    delay_median: float | None
    unforeseen: tuple[datetime, ...]  # real emergencies before which it would not have rung


def relearned(
    plan: CarePlan,
    signs: Iterable[SignOfLife],
    now: datetime,
    *,
    sources: Sequence[Source] = (),
    holidays: Container[date] = frozenset(),
) -> Learned | None:
    """The learned rule that the plan would have had in each week of the past; None where it has none."""
    if plan.false_alarms_per_day <= 0 or not plan.watches_home:
        return None
    away = [(utc(a.start), utc(a.end or now)) for a in plan.away]
    blind = unseen(s for s in sources if s.yields)
    admitted = [s for s in signs if plan.admits(s)]
    budget = plan.false_alarms_per_day
    return Retaught(admitted, plan.zone, budget, ignore=[*blind, *away], holidays=holidays, days=_WEEK)


def replay(
    plan: CarePlan,
    signs: Iterable[SignOfLife],
    now: datetime,
    *,
    days: int = DAYS,
    sources: Sequence[Source] = (),
    holidays: Container[date] = frozenset(),
    learned: Learned | None = None,
    emergencies: Sequence[tuple[datetime, datetime]] = (),
    every: timedelta = timedelta(hours=11),
) -> Replay:
    """Any plan, with or without a learned rule, over the `days` before `now`, or as many as there are signs of.

    `emergencies` are (began, found): real silences in which help was needed; one is unforeseen where nothing rings between the two.
    A silence is also begun every `every` (11 h: each hour of the day in turn), one at a time, as if no further sign had come.
    Raises ValueError for `days` below 1.
    """
    if days < 1:
        raise ValueError("a replay needs at least a day")
    known = sorted((s for s in signs if s.at <= now), key=lambda s: s.at)
    times = [s.at for s in known]
    begin = utc(now) - timedelta(days=days)
    if known:
        begin = max(begin, utc(known[0].at))

    def rings(upto: datetime, end: datetime, since: datetime) -> list[Occurrence]:
        near = _last_words(known[bisect_left(times, since - 2 * LOOK_BACK) : bisect_right(times, upto)])
        found = assess(plan, near, end, since=since, sources=sources, holidays=holidays, learned=learned).occurrences
        return [o for o in found if o.kind in SILENCES]

    rang: dict[str, Occurrence] = {}
    day = begin
    while day < utc(now):
        end = min(day + _DAY, utc(now))
        rang |= {o.id: o for o in rings(end, end, day)}
        day = end
    delays: list[float] = []
    missed: list[datetime] = []
    hour = begin
    while hour + HORIZON <= now:
        open_ = [o.ring_at for o in rings(hour, hour + HORIZON, hour - LOOK_BACK) if o.resolved_at is None]
        if open_:  # 0 where one was ringing already
            delays.append(max(0.0, (min(open_) - hour) / HOUR))
        else:
            missed.append(hour)
        hour += every
    unforeseen = tuple(a for a, b in emergencies if not any(a <= o.ring_at <= b for o in rings(a, b, a)))
    seen = (utc(now) - begin) / _DAY
    return Replay(
        seen,
        tuple(_heard_later(o, known) for o in rang.values()),
        len(rang) / seen * 7 if seen else 0.0,
        len(delays) + len(missed),
        tuple(missed),
        median(delays) if delays else None,
        unforeseen,
    )


def _last_words(signs: list[SignOfLife]) -> list[SignOfLife]:
    """Of dense signs of one kind and source the last of every ten minutes: a quarter of motion would take minutes to judge."""
    kept: list[SignOfLife] = []
    after: dict[tuple[str, str], datetime] = {}
    for s in reversed(signs):
        key = (s.kind, s.source)
        if s.amount or s.leaves or key not in after or after[key] - s.at >= _DENSE:
            kept.append(s)
            after[key] = s.at
    return kept[::-1]


def _heard_later(o: Occurrence, known: Sequence[SignOfLife]) -> Occurrence:
    """With the sign of life that came after all, if one came after the day it rang in was over."""
    if o.resolved_at is not None:
        return o
    later = next((s.at for s in known[bisect_right(known, o.at, key=lambda s: s.at) :] if s.clears), None)
    return replace(o, resolved_at=later)
