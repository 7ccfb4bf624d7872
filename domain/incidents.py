"""What an incident is, which step may follow which, and what its facts add up to.

Nobody stores an incident's state: it is a fold over facts, in the order in which the district received them. So two people who
accept the same alarm while one of them is offline both show, the first at the district leads, and replaying the facts
gives the same incident on every node. A step that the table does not allow is kept and shown, and changes nothing; one that was
taken back by whoever took it is as if it had never been, and both facts stay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from domain.events import moment
from domain.grading import asked, declined, extended, graded
from domain.incident import SYSTEM, Event, Incident
from domain.incident_kinds import (
    CHECKED,
    EVALUATED,
    EVIDENCE,
    EXTENDED,
    EXTENSION_ASKED,
    EXTENSION_DECLINED,
    GRADED,
    HANDLING,
    LOWERED,
    NOTICE_SENT,
    OPENED,
    SEVERITY,
    SILENCES,
    STEP_WITHDRAWN,
    UNANSWERED,
    WELL_AGAIN,
    Kind,
    Severity,
    State,
)
from domain.incident_steps import taken
from domain.incident_table import ANY_STATE, TRANSITIONS
from domain.joins import is_call
from domain.overtaken import ANSWERS, ENDS, is_overtaken, newest_call

_CHANGES = {
    EXTENSION_ASKED: asked, EXTENDED: extended, EXTENSION_DECLINED: declined, GRADED: graded, LOWERED: graded,
}  # fmt: skip


def fold(events: Iterable[Event]) -> Incident | None:
    """The incident that `events` (in the district's order) add up to; None while nothing was opened.

    Facts that arrived before the opening (a split connection can do that) are applied after it. What cannot be read of a fact
    never stops the fold: an opening without kind or elder opens nothing, a step is refused.
    """
    found: Incident | None = None
    early: list[Event] = []
    passed: list[Event] = []
    for event in events:
        if found is not None and event.kind == STEP_WITHDRAWN:
            found = _without(found, passed, event)
            continue
        passed.append(event)
        if found is None and (event.kind != OPENED or not _opens(event)):  # not opened yet, or erased since
            early.append(event)
        elif found is None:
            found = _opened(event)
            for waiting in early:
                found = apply(found, waiting)
        else:
            found = apply(found, event)
    return found


def _without(found: Incident, passed: list[Event], event: Event) -> Incident:
    """The incident as if somebody had not answered by the step that `event` names; taken out of `passed` as well.

    Only whoever answered takes it back, and only while the incident is still where answers count. What people were told stays told.
    """
    step = event.payload.get("step")
    answering = found.state in (State.ACCEPTED, State.HANDLING)
    if not answering or (event.by, step) not in found.answers:
        return replace(found, refused=(*found.refused, event))
    passed[:] = [e for e in passed if e.id != step]
    again = fold(passed)
    assert again is not None  # the opening is no answer
    return replace(
        again, news=(*found.news, event.id), sent=found.sent, refused=found.refused, starts=found.starts, turns=found.turns + 1,
        from_level=again.level, changed_at=event.heard, overtaken=found.overtaken,
    )  # fmt: skip


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
    ends = event.kind in ENDS or (event.kind in ANSWERS and incident.state in UNANSWERED)
    if ends and is_overtaken(incident, event):
        return replace(incident, refused=(*incident.refused, event), overtaken=(*incident.overtaken, event.id))
    if event.kind == OPENED:  # the first body wins, a second opening is evidence (a cut-off desktop met the district)
        met = incident.confirmed or bool(event.payload.get("confirmed", True))
        return replace(incident, evidence=incident.evidence + 1, confirmed=met)
    if event.kind in ANY_STATE:
        return _beside(incident, event)
    state = TRANSITIONS.get((incident.state, event.kind))
    if state is None or (event.kind == CHECKED and event.by in incident.workers):
        return replace(incident, refused=(*incident.refused, event))
    if event.kind == HANDLING and _before_the_report(incident, event):
        state = incident.state
    news = (*incident.news, event.id) if event.kind != EVALUATED else incident.news
    due = event.payload.get("due")  # a ladder that was late goes on from when its step was due
    when = min(event.heard, moment(due) or event.heard) if event.by == SYSTEM else event.heard
    moved = replace(incident, state=state, news=news)
    after = taken(moved, event, before=incident.state)
    same = after.state is incident.state or (after.state in UNANSWERED and incident.state in UNANSWERED)
    as_before = (after.sought, after.round, after.rings_heard) == (
        incident.sought,
        incident.round,
        incident.rings_heard,
    )
    went_on = same and as_before
    return after if went_on else replace(after, from_level=after.level, changed_at=when)


def _before_the_report(now: Incident, event: Event) -> bool:
    """Whether a step is older than how it ended, and only arrives now, from a desk that was cut off: it begins nothing anew."""
    return now.feedback_at is not None and event.at < now.feedback_at


def _opened(event: Event) -> Incident:
    data = event.payload
    kind = Kind(data["kind"])
    # The clock runs from the receipt of the call for help, though the district may have been down when it should have opened.
    device = str(data.get("device") or (data.get("rule", "") if kind is Kind.DEVICE_BLIND else ""))
    start = min(event.heard, moment(data.get("received")) or event.heard)
    # Never milder than its kind: a real call for help would join it and ring nobody. What may wait longer is lowered by people.
    severity, ladder = data.get("severity"), data.get("ladder")
    return Incident(
        id=data["incident"],
        elder=data["elder"],
        kind=kind,
        severity=min(Severity(severity) if severity in list(Severity) else SEVERITY[kind], SEVERITY[kind]),
        state=State.DETECTED,
        opened_at=event.at,
        happened_at=_time(data.get("happened_at")) or event.at,
        started_at=start,
        changed_at=start,
        exercise=bool(data.get("exercise", False)),
        confirmed=bool(data.get("confirmed", True)),
        ladder=ladder if isinstance(ladder, Mapping) else {},
        rule=str(data.get("rule", "")),
        since=_time(data.get("since")),
        device=device,
        told_by=frozenset({device}),
        quiet_sensors=data.get("quiet_sensors") is True,
        community=event.community,
        rang_at=event.at,
    )


def _beside(now: Incident, event: Event) -> Incident:
    """Facts that are welcome in every state and move none."""
    data = event.payload
    if event.kind == NOTICE_SENT:
        person = data.get("person")
        known = person in (None, now.elder) or person in now.responsible  # asking the elder makes nobody responsible
        return now if known else replace(now, responsible=(*now.responsible, str(person)))
    if (change := _CHANGES.get(event.kind)) is not None:
        return replace(change(now, event), news=(*now.news, event.id))
    if event.kind == STEP_WITHDRAWN:  # `fold` alone knows what came before it
        raise ValueError("nothing to take back")
    if event.kind == EVIDENCE:
        # Only a strong sign of life answers a silence; a card that somebody else may carry, or a clock that cannot be
        # corrected, does not, and nothing but a person answers a fall or a call for help.
        resolves = bool(data.get("resolves")) and now.kind in SILENCES | WELL_AGAIN
        rings = bool(data.get("rings")) and now.open
        tells = bool(data.get("tells")) and now.open
        heard = replace(
            now,
            evidence=now.evidence + max(1, int(data.get("calls") or 1)),
            news=(*now.news, event.id) if tells or rings else now.news,
            told_by=now.told_by | ({str(data.get("device") or "")} if "rings" in data else set()),
            over=now.over or bool(data.get("over")),
            called=newest_call(now, event) if rings or is_call(now, event) else now.called,
            resolved_by_late_evidence=now.resolved_by_late_evidence or resolves,
            changed_at=event.heard if resolves else now.changed_at,
        )
        return _rung_anew(heard, event) if rings else heard
    return now


def _rung_anew(now: Incident, event: Event) -> Incident:
    """The ladder goes on as it was, or the more often somebody pressed the later the next level would be called; what was held to
    be over begins again."""
    rung = replace(
        now,
        rings=now.rings + 1,
        unheard_since=now.unheard_since if now.unheard else event.heard,
        rang_at=event.at,
        rung_by=(*now.rung_by, event.id),
        over=False,
    )
    if not now.resolved_by_late_evidence:
        return rung
    return replace(rung, resolved_by_late_evidence=False, turns=now.turns + 1, changed_at=event.heard)


def _time(text: object) -> datetime | None:
    """A moment as payloads have it; None for what is none, or lacks its zone."""
    if isinstance(text, str):
        try:
            text = datetime.fromisoformat(text)
        except ValueError:
            return None
    return text if isinstance(text, datetime) and text.tzinfo is not None else None
