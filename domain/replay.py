"""Before a rule changes: how often it would have rung over the last quarter, and what it would have missed."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from domain.careplan import CarePlan
from domain.checkins import LOOK_BACK, Learned, Occurrence, assess
from domain.incident_kinds import SILENCES
from domain.signals import SignOfLife
from domain.watched import Source
from domain.windows import utc

DAYS = 90
HORIZON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Replay:
    """What a plan would have done. Delays are hours from the begin of a silence to the ring."""

    rang: tuple[Occurrence, ...]
    per_week: float
    injected: int
    missed: tuple[datetime, ...]  # silences begun then would not have rung within 24 h
    delay_median: float | None
    unforeseen: tuple[datetime, ...]  # real emergencies before which it would not have rung


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
    every: timedelta = timedelta(hours=3),
) -> Replay:
    """Any plan, with or without a learned rule, over the `days` before `now`.

    `emergencies` are (began, found): real silences in which help was needed; one is unforeseen where nothing rings between the two.
    A silence is also begun every `every`, one at a time, as if no further sign had come. Raises ValueError for `days` below 1.
    """
    if days < 1:
        raise ValueError("a replay needs at least a day")
    known = sorted((s for s in signs if s.at <= now), key=lambda s: s.at)
    begin = utc(now) - timedelta(days=days)
    given = {"sources": sources, "holidays": holidays, "learned": learned}

    def rings(upto: datetime, end: datetime, since: datetime) -> list[Occurrence]:
        near = [s for s in known if since - 2 * LOOK_BACK <= s.at <= upto]
        found = assess(plan, near, end, since=since, **given).occurrences  # type: ignore[arg-type]
        return [o for o in found if o.kind in SILENCES]

    rang = [o for o in assess(plan, known, now, since=begin, **given).occurrences if o.kind in SILENCES]  # type: ignore[arg-type]
    delays: list[float] = []
    missed: list[datetime] = []
    hour = begin
    while hour + HORIZON <= now:
        found = rings(hour, hour + HORIZON, hour)
        if found:
            delays.append((found[0].ring_at - hour) / timedelta(hours=1))
        else:
            missed.append(hour)
        hour += every
    unforeseen = tuple(a for a, b in emergencies if not any(a <= o.ring_at <= b for o in rings(a, b, a)))
    return Replay(
        tuple(rang),
        len(rang) / days * 7,
        len(delays) + len(missed),
        tuple(missed),
        median(delays) if delays else None,
        unforeseen,
    )
