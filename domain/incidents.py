"""What an incident is, which step may follow which, and what its facts add up to.

Nobody stores an incident's state: it is a fold over facts, in the order in which the district received them. So two people who
accept the same alarm while one of them is offline both show, the first at the district leads, and replaying the facts
gives the same incident on every node. A step that the table does not allow is kept and shown, and changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from domain.events import derived_id, from_ms, moment
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CHECKED,
    CLOSED,
    DISPATCHED,
    ESCALATED,
    EVALUATED,
    EVIDENCE,
    EXTENDED,
    FEEDBACK,
    FINAL,
    HANDLING,
    LIFE_SAFETY,
    MERGED,
    NOTICE_SENT,
    ON_SCENE,
    OPENED,
    REJECTED,
    REOPENED,
    SEVERITY,
    SILENCES,
    TRANSFERRED,
    UNANSWERED,
    Kind,
    Level,
    Severity,
    State,
)
from domain.incident_table import ANY_STATE, TRANSITIONS

SYSTEM = "system"  # who did it, where no person did
FALSE_ALARM = "false_alarm"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about an incident as the fold needs it: `by` is a person id or SYSTEM, `at` when it happened (aware UTC)."""

    kind: str
    payload: Mapping[str, Any]
    by: str
    at: datetime
    id: str = ""
    received: datetime | None = None  # by the district; where it is not known, `at` stands for it

    @classmethod
    def of(cls, kind: str, payload: Mapping[str, Any] | None, at: int, id: str, received: int | None = None) -> "Event":
        """From a stored fact (times in ms): who did it stands in the payload's `by`; an erased payload is still a step."""
        found = payload or {}
        when = None if received is None else from_ms(received)
        return cls(kind, found, str(found.get("by") or SYSTEM), from_ms(at), id, when)

    @property
    def heard(self) -> datetime:
        return self.received or self.at


@dataclass(frozen=True, slots=True)
class Incident:
    """What the facts add up to. The first of `accepted_by` leads; `refused` are steps that the table did not allow."""

    id: str
    elder: str
    kind: Kind
    severity: Severity
    state: State
    opened_at: datetime
    happened_at: datetime  # of a fall: the impact
    started_at: datetime  # the ladder's clock in this round: receipt at the district
    changed_at: datetime  # receipt of the last step that changed who must act
    level: Level = Level.HOME
    from_level: Level = Level.HOME  # the level when those who must act last changed: where the ladder begins
    round: int = 1
    exercise: bool = False
    confirmed: bool = True  # False: raised by a desktop that was cut off
    ladder: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""
    accepted_by: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    workers: frozenset[str] = frozenset()
    assigned: tuple[str, ...] = ()
    sent: tuple[
        tuple[str, tuple[str, ...]], ...
    ] = ()  # the steps (of `news`) by which somebody was sent, and whom they name
    on_scene_at: datetime | None = None
    feedback_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    answered_after: timedelta | None = None  # from the clock's start to the first acceptance; whatever becomes of it
    arrived_after: timedelta | None = None  # to the first who was there
    outcome: str = ""  # of the feedback, or of the rejection: "false_alarm" is one
    extended_until: datetime | None = None
    merged_into: str | None = None
    resolved_by_late_evidence: bool = False
    evidence: int = 0
    rings: int = 0  # new presses after the first: the ladder starts again for each
    rings_heard: int = 0  # how many of them there were when somebody last took it, or said to be at work on it
    sought: int = 1  # how often somebody had to be looked for in this round (transfers, stale acknowledgements)
    rang_at: datetime | None = None  # when it last began to ring: repeats of the same press join it
    responsible: tuple[str, ...] = ()  # everyone told so far: they hear of every further step
    news: tuple[str, ...] = ()  # ids of the steps that those already responsible must hear of
    refused: tuple[Event, ...] = ()

    @property
    def leader(self) -> str | None:
        """Who leads: the first acceptance that reached the district."""
        return self.accepted_by[0] if self.accepted_by else None

    @property
    def open(self) -> bool:
        return self.state not in FINAL


def incident_id(elder: str, rule: str, occurrence: str) -> str:
    """The same occurrence gives the same id on every node: 32 hexadecimal digits.

    `occurrence` is the window id and local date, the last sign of life before a silence, or the time of the press or impact.
    """
    return derived_id(elder, rule, occurrence)


def fold(events: Iterable[Event]) -> Incident | None:
    """The incident that `events` (in the district's order) add up to; None while nothing was opened.

    Facts that arrived before the opening (a split connection can do that) are applied after it. What cannot be read of a fact
    never stops the fold: an opening without kind or elder opens nothing, a step is refused.
    """
    found: Incident | None = None
    early: list[Event] = []
    for event in events:
        if found is None and (event.kind != OPENED or not _opens(event)):  # not opened yet, or erased since
            early.append(event)
        elif found is None:
            found = _opened(event)
            for waiting in early:
                found = apply(found, waiting)
        else:
            found = apply(found, event)
    return found


def _opens(event: Event) -> bool:
    data = event.payload
    return data.get("kind") in list(Kind) and all(isinstance(data.get(name), str) for name in ("incident", "elder"))


def apply(incident: Incident, event: Event) -> Incident:
    """The incident after one more fact; what the table does not allow, or cannot be read, goes to `refused`."""
    try:
        return _applied(incident, event)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        return replace(incident, refused=(*incident.refused, event))


def _applied(incident: Incident, event: Event) -> Incident:
    if event.kind == OPENED:  # the first body wins, a second opening is evidence (a cut-off desktop met the district)
        met = incident.confirmed or bool(event.payload.get("confirmed", True))
        return replace(incident, evidence=incident.evidence + 1, confirmed=met)
    if event.kind in ANY_STATE:
        return _beside(incident, event)
    state = TRANSITIONS.get((incident.state, event.kind))
    if state is None or (event.kind == CHECKED and event.by in incident.workers):
        return replace(incident, refused=(*incident.refused, event))
    news = (*incident.news, event.id) if event.kind != EVALUATED else incident.news
    due = event.payload.get("due")  # a ladder that was late goes on from when its step was due
    when = min(event.heard, moment(due) or event.heard) if event.by == SYSTEM else event.heard
    moved = replace(incident, state=state, news=news)
    after = _step(moved, event, before=incident.state)
    same = after.state is incident.state or (after.state in UNANSWERED and incident.state in UNANSWERED)
    went_on = same and after.sought == incident.sought and after.round == incident.round
    return after if went_on else replace(after, from_level=after.level, changed_at=when)


def _opened(event: Event) -> Incident:
    data = event.payload
    kind = Kind(data["kind"])
    # The clock runs from the receipt of the call for help, though the district may have been down when it should have opened.
    start = min(event.heard, moment(data.get("received")) or event.heard)
    severity, ladder = data.get("severity"), data.get("ladder")
    return Incident(
        id=data["incident"],
        elder=data["elder"],
        kind=kind,
        severity=Severity(severity) if severity in list(Severity) else SEVERITY[kind],
        state=State.DETECTED,
        opened_at=event.at,
        happened_at=_time(data.get("happened_at")) or event.at,
        started_at=start,
        changed_at=start,
        exercise=bool(data.get("exercise", False)),
        confirmed=bool(data.get("confirmed", True)),
        ladder=ladder if isinstance(ladder, Mapping) else {},
        rule=str(data.get("rule", "")),
        rang_at=event.at,
    )


def _step(now: Incident, event: Event, before: State) -> Incident:
    by, data = event.by, event.payload
    match event.kind:
        case k if k in (ACKNOWLEDGED, HANDLING, ON_SCENE):
            accepted = now.accepted_by if by in now.accepted_by else (*now.accepted_by, by)
            return replace(
                now,
                accepted_by=accepted,
                accepted_at=now.accepted_at or event.at,
                workers=now.workers | {by},
                rings_heard=now.rings,
                on_scene_at=now.on_scene_at or (event.at if k == ON_SCENE else None),
                answered_after=_first(now.answered_after, now, event),
                arrived_after=_first(now.arrived_after, now, event) if k == ON_SCENE else now.arrived_after,
            )
        case k if k == FEEDBACK:
            outcome = str(data.get("outcome") or now.outcome)
            return replace(now, feedback_at=event.at, workers=now.workers | {by}, outcome=outcome)
        case k if k == CLOSED:
            state = State.CLOSED_REVIEW_DUE if by in now.workers else State.CLOSED
            return replace(now, state=state, closed_at=event.at, closed_by=by)
        case k if k == REJECTED:
            return replace(now, closed_at=event.at, closed_by=by, outcome=str(data.get("outcome") or FALSE_ALARM))
        case k if k == MERGED:
            return replace(now, merged_into=data.get("into"), closed_at=event.at)
        case k if k == DISPATCHED:
            return replace(now, **_assigned(now, event))
        case k if k == TRANSFERRED:
            return replace(now, **_assigned(now, event), **_sought_again(now))
        case k if k == ESCALATED:
            # A person who calls the next level, or a ladder whose acceptance went stale, starts the search anew there.
            again = _sought_again(now) if before is State.ACCEPTED or by != SYSTEM else {}
            level = max(now.level, Level(data.get("level", min(now.level + 1, Level.DISTRICT))))
            return replace(now, level=level, **again)
        case k if k == REOPENED:
            return replace(
                now,
                round=now.round + 1,
                opened_at=event.at,
                started_at=event.heard,
                level=Level.HOME,
                sought=1,
                rings=0,
                rings_heard=0,
                accepted_by=(),
                accepted_at=None,
                on_scene_at=None,
                feedback_at=None,
                closed_at=None,
                closed_by=None,
                answered_after=None,
                arrived_after=None,
                outcome="",
                extended_until=None,
                resolved_by_late_evidence=False,
            )
    return now


def _first(known: timedelta | None, now: Incident, event: Event) -> timedelta:
    return max(event.at - now.started_at, timedelta(0)) if known is None else known


def _assigned(now: Incident, event: Event) -> dict[str, Any]:
    named = event.payload.get("to") or ()
    to = (named,) if isinstance(named, str) else tuple(map(str, named))
    return {"assigned": to, "sent": (*now.sent, (event.id, to)) if to else now.sent}


def _sought_again(now: Incident) -> dict[str, Any]:
    return {"sought": now.sought + 1, "accepted_by": (), "accepted_at": None}


def _beside(now: Incident, event: Event) -> Incident:
    """Facts that are welcome in every state and move none."""
    data = event.payload
    if event.kind == NOTICE_SENT:
        person = data.get("person")
        known = person in (None, now.elder) or person in now.responsible  # asking the elder makes nobody responsible
        return now if known else replace(now, responsible=(*now.responsible, str(person)))
    if event.kind == EXTENDED:
        until, approver = _time(data.get("until")), data.get("approved_by")
        if now.severity is not Severity.P4 or until is None or approver in (None, event.by):
            return replace(now, refused=(*now.refused, event))
        return replace(now, extended_until=until)
    if event.kind == EVIDENCE:
        # Only a strong sign of life answers a silence; a card that somebody else may carry, or a clock that cannot be
        # corrected, does not, and nothing but a person answers a fall or a call for help.
        resolves = bool(data.get("resolves")) and now.kind in SILENCES
        rings = bool(data.get("rings")) and now.open
        tells = bool(data.get("tells")) and now.open
        return replace(
            now,
            evidence=now.evidence + 1,
            news=(*now.news, event.id) if tells else now.news,
            rings=now.rings + rings,
            resolved_by_late_evidence=now.resolved_by_late_evidence or resolves,
            rang_at=event.at if rings else now.rang_at,
            changed_at=event.heard if rings or resolves else now.changed_at,
        )
    return now


def _time(text: object) -> datetime | None:
    """A moment as payloads have it; None for what is none, or lacks its zone."""
    if isinstance(text, str):
        try:
            text = datetime.fromisoformat(text)
        except ValueError:
            return None
    return text if isinstance(text, datetime) and text.tzinfo is not None else None


JOIN_WITHIN = timedelta(seconds=10)
_RING_ANEW = LIFE_SAFETY | {Kind.GATE_CALL}  # another visitor stands outside


@dataclass(frozen=True, slots=True)
class Joined:
    """The incident that a new signal belongs to; `rings` when it must be heard again."""

    incident: Incident
    rings: bool


def join(known: Iterable[Incident], elder: str, kind: Kind, at: datetime, exercise: bool = False) -> Joined | None:
    """Which incident of the same elder and kind a signal at `at` joins; None when it opens its own. A drill and the real thing
    never join.

    A repeat within 10 s is the same press. Later, an incident that somebody is still wanted for, or at work on, takes the signal
    in, and it rings again if somebody had already accepted: things may have become worse. One that was rejected, reported back on
    or closed never swallows a new signal, nor does a silence that a sign of life has ended.
    """
    for incident in known:
        if incident.elder == elder and incident.kind == kind and incident.open and incident.exercise == exercise:
            repeat = incident.rang_at is not None and abs(at - incident.rang_at) <= JOIN_WITHIN
            if not repeat and _dealt_with(incident):
                continue
            heard = incident.state in UNANSWERED  # the ladder is ringing anyway
            return Joined(incident, rings=not repeat and not heard and kind in _RING_ANEW)
    return None


def _dealt_with(incident: Incident) -> bool:
    """Nobody would be called for it any more, though it has not been checked and closed: often not for days."""
    return incident.state in (State.FEEDBACK, State.CHECKED) or incident.resolved_by_late_evidence
