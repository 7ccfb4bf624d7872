"""What each step of the table makes of an incident, beside the state it leads to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.incident import FALSE_ALARM, NOBODY_YET, SYSTEM, Event, Incident
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CLOSED,
    DISPATCHED,
    ESCALATED,
    FEEDBACK,
    HANDLING,
    MERGED,
    ON_SCENE,
    REJECTED,
    REOPENED,
    TRANSFERRED,
    Level,
    State,
)
from domain.overtaken import is_overtaken


def taken(now: Incident, event: Event, before: State) -> Incident:
    """`now` has its new state, and had `before`. Raises what a payload raises that cannot be read."""
    step = _STEPS.get(event.kind)
    return now if step is None else step(now, event, before)


def _answered(now: Incident, event: Event, _before: State) -> Incident:
    """Somebody has it, is at work on it, or is there; an earlier answer of theirs, or of others, stays the first.

    A press that came after it, though it was known here before, goes on ringing.
    """
    by, there = event.by, event.kind == ON_SCENE
    late = is_overtaken(now, event)
    return replace(
        now,
        accepted_by=now.accepted_by if by in now.accepted_by else (*now.accepted_by, by),
        accepted_at=now.accepted_at or event.at,
        workers=now.workers | {by},
        answers=(*now.answers, (by, event.id)),
        rings_heard=now.rings_heard if late else now.rings,
        unheard_since=now.unheard_since if late else None,
        overtaken=(*now.overtaken, event.id) if late else now.overtaken,
        on_scene_at=now.on_scene_at or (event.at if there else None),
        answered_after=_first(now.answered_after, now, event),
        arrived_after=_first(now.arrived_after, now, event) if there else now.arrived_after,
    )


def _first(known: timedelta | None, now: Incident, event: Event) -> timedelta:
    return max(event.at - now.started_at, timedelta(0)) if known is None else known


def _reported(now: Incident, event: Event, _before: State) -> Incident:
    """How it ended; a report of a desk that was cut off, older than one that is known, takes nothing back."""
    workers = now.workers | {event.by}
    if now.feedback_at is not None and event.at < now.feedback_at:
        return replace(now, workers=workers, outcome=now.outcome or str(event.payload.get("outcome") or ""))
    outcome = str(event.payload.get("outcome") or now.outcome)
    return replace(now, feedback_at=event.at, workers=workers, outcome=outcome)


def _sent(now: Incident, event: Event, _before: State) -> Incident:
    named = event.payload.get("to") or ()
    to = (named,) if isinstance(named, str) else tuple(map(str, named))
    return replace(now, sent=(*now.sent, (event.id, to))) if to else now


def _handed_on(now: Incident, event: Event, before: State) -> Incident:
    return replace(_sent(now, event, before), **_sought_again(now))


def _climbed(now: Incident, event: Event, before: State) -> Incident:
    """A person who calls the next level, or a ladder whose acceptance went stale, starts the search anew there.

    One that climbed because nobody had it yet, while somebody was taking it, has called more and takes it from nobody.
    """
    level = max(now.level, Level(event.payload.get("level", min(now.level + 1, Level.DISTRICT))))
    if event.by == SYSTEM and event.payload.get("reason") == NOBODY_YET:
        return replace(now, level=level, state=before if before is State.ACCEPTED else now.state)
    again = _sought_again(now) if before is State.ACCEPTED or event.by != SYSTEM else {}
    return replace(now, level=level, **again)


def _sought_again(now: Incident) -> dict[str, Any]:
    return {"sought": now.sought + 1, "accepted_by": (), "accepted_at": None, "answers": ()}


def _closed(now: Incident, event: Event, _before: State) -> Incident:
    state = State.CLOSED_REVIEW_DUE if event.by in now.workers else State.CLOSED
    return replace(now, state=state, closed_at=event.at)


def _rejected(now: Incident, event: Event, _before: State) -> Incident:
    return replace(now, closed_at=event.at, outcome=str(event.payload.get("outcome") or FALSE_ALARM))


def _merged(now: Incident, event: Event, _before: State) -> Incident:
    into = str(event.payload["into"])
    if into == now.id:
        raise ValueError("merged into itself")
    return replace(now, merged_into=into, closed_at=event.at)


def _reopened(now: Incident, event: Event, _before: State) -> Incident:
    """A new round: who worked on it, and who was told, stays known."""
    return replace(
        now,
        round=now.round + 1,
        starts=now.starts + 1,
        answers=(),
        merged_into=None,
        opened_at=event.at,
        started_at=event.heard,
        level=Level.HOME,
        sought=1,
        rings=0,
        rings_heard=0,
        unheard_since=None,
        called=event.stamp,
        accepted_by=(),
        accepted_at=None,
        on_scene_at=None,
        feedback_at=None,
        closed_at=None,
        answered_after=None,
        arrived_after=None,
        outcome="",
        extension_asked=None,
        extended_until=None,
        resolved_by_late_evidence=False,
        over=False,
    )


_STEPS: Mapping[str, Callable[[Incident, Event, State], Incident]] = {
    ACKNOWLEDGED: _answered,
    HANDLING: _answered,
    ON_SCENE: _answered,
    FEEDBACK: _reported,
    DISPATCHED: _sent,
    TRANSFERRED: _handed_on,
    ESCALATED: _climbed,
    CLOSED: _closed,
    REJECTED: _rejected,
    MERGED: _merged,
    REOPENED: _reopened,
}
