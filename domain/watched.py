"""Watched time: a span less the gaps in which nobody could have seen anything.

"No data" is never "no activity": every deadline about silence runs on watched time, so a blind hour postpones it by an hour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.signals import HOME, Sign

FOREVER = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]
ZERO = timedelta(0)
_SENSED = (HOME | {Sign.WEARABLE}) - {Sign.PRESS}


class Mute(NamedTuple):
    """A device said nothing at all, no report of itself either; it need not be blind."""

    since: datetime
    told: datetime  # only what was known by a deadline may put it off
    end: datetime | None  # None: it still does


@dataclass(frozen=True, slots=True)
class Source:
    """A device that can show signs of life. `gaps` are its silent spans (offline, no heartbeat, not worn, charging)."""

    id: str
    yields: frozenset[Sign]
    since: datetime  # in service from
    gaps: tuple[tuple[datetime, datetime | None], ...] = ()  # None: still silent
    kiosk: bool = False  # of the gate: its silence is the gate's incident and calls a technician, nobody to the home
    excused: frozenset[datetime] = frozenset()  # starts of gaps that its wearer made: charging, put down for the night
    # starts of gaps that its gateway made, whose incident speaks for all behind it
    shared: frozenset[datetime] = frozenset()
    mute: tuple[Mute, ...] = ()

    def spans(self) -> list[Span]:
        return union((a, b or FOREVER) for a, b in self.gaps)


def union(spans: Iterable[Span]) -> list[Span]:
    """Sorted and disjoint; empty spans are dropped."""
    merged: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersection(a: Sequence[Span], b: Sequence[Span]) -> list[Span]:
    """Of two sorted disjoint lists."""
    return union((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)


def unseen(sources: Iterable[Source]) -> list[Span]:
    """When none of the sources could see; without sources, never (people and messages need no device)."""
    gaps: list[Span] | None = None
    for source in sources:
        gaps = source.spans() if gaps is None else intersection(gaps, source.spans())
    return gaps or []


def watched(start: datetime, end: datetime, gaps: Sequence[Span]) -> timedelta:
    """How much of start..end was watched; gaps sorted and disjoint."""
    if end <= start:
        return ZERO
    return end - start - sum((max(ZERO, min(b, end) - max(a, start)) for a, b in gaps), ZERO)


def reached(start: datetime, needed: timedelta, gaps: Sequence[Span]) -> datetime:
    """When `needed` of watched time since `start` is reached; FOREVER where an open gap stands before it."""
    at = start
    for a, b in gaps:
        if b <= at:
            continue
        if a - at >= needed:
            break
        needed -= max(ZERO, a - at)
        at = b
    return FOREVER if at == FOREVER else at + needed


def watching(sources: Iterable[Source]) -> list[Source]:
    """Those that see an elder of themselves: the sensors of the home, where there are none the gates; else what they can press."""
    known = list(sources)
    sensors = [s for s in known if not s.kiosk and s.yields & _SENSED]
    gates = [s for s in known if s.kiosk]
    return sensors or gates or known


def blind_minutes(sources: Iterable[Source], start: datetime, end: datetime, unheard: Iterable[Span] = ()) -> float:
    """Minutes of start..end in which nothing that is `watching` could see, or nobody was heard (`unheard`): a figure of its own."""
    gaps = union([*unseen(watching(sources)), *unheard])
    return (end - start - watched(start, end, gaps)) / timedelta(minutes=1) if end > start else 0.0
