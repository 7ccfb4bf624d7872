"""How grave an incident is held to be, and how long it may wait: what people may change of either, and what follows."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.events import moment
from domain.incident import Event, Incident
from domain.incident_kinds import DEADLINES, GRADED, LIFE_SAFETY, UNANSWERED, Severity, State

ELDERS_UNSEEN = "elders_unseen"  # why a gate's incident is graver: whoever is awaited there alone is seen by nobody


def grades(incident: Incident) -> tuple[Severity, ...]:
    """The severities that it may be given now, the gravest first.

    Graver always, while people are wanted or at work. Milder only once somebody has answered, and where a life may depend on it
    only once somebody was there: nothing rings more slowly because of what nobody has looked at, or has taken over.
    """
    if incident.state not in (*UNANSWERED, State.ACCEPTED, State.HANDLING):
        return ()
    looked = incident.state not in UNANSWERED
    if incident.kind in LIFE_SAFETY:
        looked = looked and incident.on_scene_at is not None
    return tuple(s for s in Severity if s < incident.severity or (looked and s > incident.severity))


def graded(now: Incident, event: Event) -> Incident:
    """Raised, the ladder's clock starts anew, and whoever answered or arrived before has done so at once; what is awaited begins
    anew either way. Raises ValueError for what may not be: GRADED never lowers, whatever the incident was when somebody chose."""
    severity = Severity(event.payload["severity"])
    if severity not in grades(now) or (event.kind == GRADED and severity > now.severity):
        raise ValueError("not that severity")
    if severity < now.severity:
        at_once = timedelta(0)
        now = replace(
            now,
            started_at=event.heard,
            starts=now.starts + 1,
            answered_after=None if now.answered_after is None else at_once,
            arrived_after=None if now.arrived_after is None else at_once,
        )
    return replace(
        now,
        severity=severity,
        elders_unseen=now.elders_unseen or event.payload.get("reason") == ELDERS_UNSEEN,
        turns=now.turns + 1,
        from_level=now.level,
        changed_at=event.heard,
        extension_asked=None,
        extended_until=None,
    )


def may_wait_longer(incident: Incident) -> bool:
    """Whether more time may be asked for at all: P4, and nobody has reported back."""
    return incident.severity is Severity.P4 and incident.state in (*UNANSWERED, State.ACCEPTED, State.HANDLING)


def longest_wait(incident: Incident) -> datetime:
    """The latest moment to which an extension may go: twice the severity's time for feedback."""
    return incident.started_at + 2 * DEADLINES[incident.severity].feedback


def asked(now: Incident, event: Event) -> Incident:
    """More time is asked for: of what may wait longest alone, and no longer than twice its time. Raises ValueError otherwise."""
    until = moment(event.payload.get("until"))
    if not may_wait_longer(now) or until is None or not event.at < until <= longest_wait(now):
        raise ValueError("no such extension")
    return replace(now, extension_asked=(until, event.by))


def extended(now: Incident, event: Event) -> Incident:
    """Somebody else than whoever asked says yes, to that moment. Raises ValueError otherwise."""
    return replace(now, extension_asked=None, extended_until=_answered(now, event))


def declined(now: Incident, event: Event) -> Incident:
    """Somebody else than whoever asked says no to that moment: what was given before stays, and another may be asked for.
    Raises ValueError otherwise."""
    _answered(now, event)
    return replace(now, extension_asked=None)


def _answered(now: Incident, event: Event) -> datetime:
    if not may_wait_longer(now) or now.extension_asked is None:
        raise ValueError("nobody asks")
    until, asked_by = now.extension_asked
    if event.by == asked_by or moment(event.payload.get("until")) != until:
        raise ValueError("not theirs to answer")
    return until
