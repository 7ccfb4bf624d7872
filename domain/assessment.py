"""How an elder stands: what the rules of check-ins and silences gather about one moment, and what they come to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.careplan import CarePlan
from domain.events import derived_id
from domain.incident_kinds import Kind
from domain.signals import HOME, Answer, Sign, SignOfLife, convincing
from domain.watched import Source, Span, union, unseen
from domain.windows import after_quiet, utc


class State(StrEnum):
    """From calm to worst: of several, an elder is in the last that applies."""

    WELL = "well"
    AWAY = "away"
    DUE = "due"
    BLIND = "blind"
    OVERDUE = "overdue"
    MISSED = "missed"


WORST = tuple(State)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something an incident opens for. `id` is the same wherever it is derived; the plan's revision is no part of it."""

    id: str
    kind: Kind
    rule: str  # window id, backstop id, "silence", "return", device id
    at: datetime  # when it happened: the deadline that passed
    ring_at: datetime  # `at`, unless quiet hours defer it
    since: datetime  # window start, last sign of life, passage out, begin of the gap
    resolved_at: datetime | None = None  # it is over: late evidence that weighed enough, or the device is back
    answer: Answer | None = None  # the late evidence
    mute: bool = False  # its sensors had said nothing at all, so they may have failed


@dataclass(frozen=True, slots=True)
class Reminder:
    """The elder may be reminded (kiosk greeting, message, phone link) before the deadline."""

    id: str
    window: str
    at: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """How an elder stands at one moment. Times are aware UTC."""

    state: State
    since: datetime
    next_due: datetime | None
    last_sign: SignOfLife | None
    occurrences: tuple[Occurrence, ...]  # those whose moment to ring lies in (since, now]
    reminders: tuple[Reminder, ...]
    look_at: datetime | None = None  # when to assess again: what is due, a reminder, or a ring that quiet hours defer
    unheard_of: bool = (
        False  # nothing is late, and nothing was ever heard that shows them well, or not lately: a sign is due
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """What one rule says about now."""

    state: State
    since: datetime


@dataclass(slots=True)
class Case:
    """The arguments of one assessment and what is gathered about it."""

    plan: CarePlan
    signs: list[SignOfLife]  # admitted, trusted, not after now, sorted
    now: datetime
    since: datetime
    sources: list[Source]
    claims: list[Claim]
    dues: list[datetime]
    found: list[Occurrence]
    reminders: list[Reminder]
    looks: list[datetime]
    unheard: Sequence[Span] = ()  # when nobody was heard at all: the server stood still

    def add(
        self, kind: Kind, rule: str, key: str, at: datetime, since: datetime, resolved: datetime | None, quiet: bool,
        lasting: bool = False, answer: Answer | None = None, mute: bool = False,
    ) -> None:  # fmt: skip
        """`lasting`: it goes on, and may have been told of long after its moment to ring."""
        ring_at = after_quiet(self.plan, at) if quiet else at
        if resolved and resolved <= ring_at:
            return  # nobody had been rung yet
        if ring_at > self.now:
            self.looks.append(ring_at)
        elif self.since < ring_at or lasting:
            which = derived_id(self.plan.elder, rule, key)
            self.found.append(Occurrence(which, kind, rule, at, ring_at, since, resolved, answer, mute))

    def silent(
        self, kind: Kind, rule: str, key: str, at: datetime, since: datetime, heard: datetime | None,
        counted: Collection[Sign], quiet: bool, mute: bool = False,
    ) -> None:  # fmt: skip
        """As `add`, of somebody who had not been heard by `at`; a first counted sign came when they were `heard`."""
        later = (s for s in self.signs if heard and utc(s.at) >= heard and s.kind in counted)
        answer = convincing(later)
        self.add(kind, rule, key, at, since, utc(answer.at) if answer else None, quiet, answer=answer, mute=mute)

    def gaps(self, kinds: frozenset[Sign], *more: Span) -> list[Span]:
        """When no sign of these kinds could have been heard, and the spans of `more`; sorted and disjoint."""
        return union([*unseen(self.yielding(kinds)), *more, *self.unheard])

    def blind(self, kinds: frozenset[Sign], *more: Span) -> list[Span]:
        """As `gaps`, as if somebody had listened all the while, save when the elder did not wish it: of those hours nothing was
        kept, and they are no silence of theirs."""
        return union([*unseen(map(self._rested, self.yielding(kinds))), *more])

    def _rested(self, source: Source) -> Source:
        rests = [(a, b) for id, a, b in self.plan.rests if id == source.id or (not id and source.yields <= HOME)]
        return replace(source, gaps=(*source.gaps, *rests)) if rests else source

    def yielding(self, kinds: frozenset[Sign]) -> list[Source]:
        return [s for s in self.sources if s.yields & kinds]
