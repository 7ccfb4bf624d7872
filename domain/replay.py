"""Before a rule changes: how often it would have rung over the last quarter, and what it would have missed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from domain.absences import stays
from domain.assessment import Occurrence
from domain.calendars import ORDINARY, Calendar
from domain.careplan import CarePlan, Window
from domain.checkins import LOOK_BACK, assess
from domain.incident_kinds import SILENCES
from domain.retaught import Retaught
from domain.signals import SignOfLife
from domain.silences import Learned
from domain.watched import Source, Span, unseen
from domain.windows import after_quiet, utc, window_spans

DAYS = 90
HORIZON = timedelta(hours=24)
HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = 7
_OFTEN = 3  # a window that came and went less often says little
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
    never: tuple[str, ...] = ()  # windows that would not have rung once though nothing at all had been heard


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an elder up to `now`, for a plan to be judged by. `signs` in any order."""

    plan: CarePlan
    signs: Sequence[SignOfLife]
    now: datetime
    sources: Sequence[Source] = ()
    calendar: Calendar = ORDINARY
    unheard: Sequence[Span] = ()  # when the server stood still


def relearned(past: Past) -> Retaught | None:
    """The learned rule that the plan would have had in each week of the past; None where it has none."""
    plan = past.plan
    if plan.false_alarms_per_day <= 0 or not plan.watches_home:
        return None
    away = [(utc(a.start), utc(a.end or past.now)) for a in plan.away]
    blind = unseen(s for s in past.sources if s.yields)
    admitted = [s for s in past.signs if plan.admits(s)]
    budget = plan.false_alarms_per_day
    return Retaught(
        admitted, plan.zone, budget, ignore=[*blind, *away, *past.unheard], holidays=past.calendar, days=_WEEK
    )


def replay(
    past: Past,
    learned: Learned | None = None,
    *,
    days: int = DAYS,
    emergencies: Sequence[tuple[datetime, datetime]] = (),
    every: timedelta = timedelta(hours=11),
) -> Replay:
    """A plan, with or without a learned rule, over the `days` before `now`, or as many as there are signs of.

    `emergencies` are (began, found): real silences in which help was needed; one is unforeseen where nothing rings between the two.
    A silence is also begun every `every` (11 h: each hour of the day in turn), one at a time, as if no further sign had come.
    Raises ValueError for `days` below 1.
    """
    if days < 1:
        raise ValueError("a replay needs at least a day")
    past = replace(past, plan=past.plan.ever)
    known = sorted((s for s in past.signs if s.at <= past.now), key=_at)
    now = utc(past.now)
    begin = now - timedelta(days=days)
    if known:
        begin = max(begin, utc(known[0].at))
    rule, seen = _Rule(past, known, learned), (now - begin) / _DAY
    rang = rule.rang(begin, now)
    waits = {hour: rule.wait(hour) for hour in _steps(begin, now - HORIZON, every)}
    rung = [wait for wait in waits.values() if wait is not None]
    return Replay(
        seen,
        tuple(_heard_later(o, known) for o in rang),
        len(rang) / seen * 7 if seen else 0.0,
        len(waits),
        tuple(hour for hour, wait in waits.items() if wait is None),
        median(rung) if rung else None,
        tuple(a for a, b in emergencies if not any(a <= o.ring_at <= b for o in rule.rings(a, b, a))),
        rule.never(begin, now),
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """A plan over what is `known`, by time."""

    past: Past
    known: Sequence[SignOfLife]
    learned: Learned | None

    def rings(self, upto: datetime, end: datetime, since: datetime) -> list[Occurrence]:
        """The silences that ring in (`since`, `end`], had nothing been heard after `upto`."""
        first, last = bisect_left(self.known, since - 2 * LOOK_BACK, key=_at), bisect_right(self.known, upto, key=_at)
        past, near = self.past, _last_words(self.known[first:last])
        found = assess(
            past.plan, near, end, since=since, sources=past.sources, calendar=past.calendar, learned=self.learned,
            unheard=past.unheard,
        )  # fmt: skip
        return [o for o in found.occurrences if o.kind in SILENCES]

    def rang(self, begin: datetime, now: datetime) -> list[Occurrence]:
        """Everything that rings, seen day by day."""
        found: dict[str, Occurrence] = {}
        for day in _steps(begin, now, _DAY):
            end = min(day + _DAY, now)
            found |= {o.id: o for o in self.rings(end, end, day)}
        return list(found.values())

    def never(self, begin: datetime, now: datetime) -> tuple[str, ...]:
        """Windows that came and went and ring for nobody: whatever counts in them was blind in each."""
        plan, calendar, asked = self.past.plan, self.past.calendar, begin.astimezone(self.past.plan.tz).date()
        found = assess(
            plan, (), now, since=begin, sources=self.past.sources, calendar=calendar, unheard=self.past.unheard
        )
        away, rang = list(stays(plan.away, ())), {o.rule for o in found.occurrences}

        def came(window: Window) -> int:
            spans = window_spans(plan, window, asked, now.astimezone(plan.tz).date(), calendar)
            over = (end for _, start, end in spans if start >= begin and after_quiet(plan, end + window.grace) < now)
            return sum(not any(a <= end < b for a, b in away) for end in over)

        return tuple(w.id for w in plan.windows if w.id not in rang and came(w) >= _OFTEN)

    def wait(self, hour: datetime) -> float | None:
        """Hours from a silence begun then to its ring, 0 where one was ringing already; None: none within the horizon."""
        open_ = [o.ring_at for o in self.rings(hour, hour + HORIZON, hour - LOOK_BACK) if o.resolved_at is None]
        return max(0.0, (min(open_) - hour) / HOUR) if open_ else None


def _steps(begin: datetime, last: datetime, every: timedelta) -> Iterator[datetime]:
    while begin <= last:
        yield begin
        begin += every


def _at(sign: SignOfLife) -> datetime:
    return sign.at


def _last_words(signs: Sequence[SignOfLife]) -> list[SignOfLife]:
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
    later = next((s.at for s in known[bisect_right(known, o.at, key=_at) :] if s.clears), None)
    return replace(o, resolved_at=later)
