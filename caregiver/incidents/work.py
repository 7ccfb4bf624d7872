"""An incident as its screens show it: its steps, who was told how, and who is asked next. No Qt."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caregiver.memory.people import Person
from domain.incident import Incident
from domain.incident_kinds import (
    ACKNOWLEDGED,
    DISPATCHED,
    ESCALATED,
    NOTICE_ACKNOWLEDGED,
    NOTICE_DELIVERED,
    NOTICE_FAILED,
    NOTICE_SENT,
    OF_EQUIPMENT,
    REOPENED,
    STEP_WITHDRAWN,
    TRANSFERRED,
    UNANSWERED,
    Level,
)
from domain.ladder_steps import NOT_ON_SCENE, Act, Ladder, unroll
from domain.subjects import thing

LastSign = Callable[[str], tuple[datetime, str, str] | None]  # of an elder: when, its kind, where

NOTICE_STATES = {
    NOTICE_SENT: "sent",
    NOTICE_DELIVERED: "delivered",
    NOTICE_FAILED: "failed",
    NOTICE_ACKNOWLEDGED: "acknowledged",
}
UNKNOWN = "unknown"  # sent by a service that does not report whether it arrived
CAME_TO_NOTHING = ("stale", NOT_ON_SCENE)  # why the ladder calls the next level though somebody had taken it
NOBODY, NO_ADDRESS = "nobody", "no_address"  # nobody was on call; no channel was left to reach them by
_DESKTOP = "desktop"  # the channel that does by itself
_ARRIVED = ("delivered", "acknowledged")


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of an incident as its page lists it. `pending`: the district does not have it yet."""

    id: str
    kind: str
    by: str
    at: datetime
    payload: dict[str, Any]
    pending: bool = False
    refused: bool = False
    withdrawn: bool = False  # taken back by whoever took it
    overtaken: bool = False  # taken before the newest call for help, which it is no answer to


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told by which channel, and how far that got; without a channel: why it could not be tried."""

    level: Level
    who: str  # '': nobody
    channel: str
    state: str  # sent, unknown, delivered, failed, acknowledged; nobody, no_address
    at: datetime


def is_of_equipment(kind: str, subject: str) -> bool:
    """Whether an incident of this kind about this subject stands in nobody's home."""
    return kind in OF_EQUIPMENT or thing(subject) is not None


@dataclass(frozen=True, slots=True)
class Work:
    """An incident with everything its screen shows."""

    incident: Incident
    person: Person | None
    place: str
    steps: tuple[Step, ...]
    told: tuple[Told, ...]
    next_level: tuple[Level, datetime] | None

    @property
    def of_equipment(self) -> bool:
        """It is about a gate, a kiosk, a gateway or a device in nobody's home, and there is nobody to ring up."""
        return is_of_equipment(self.incident.kind, self.incident.elder)

    @property
    def fell_through(self) -> Step | None:
        """Who had taken it, where nothing followed for so long that the ladder looks for somebody again."""
        if self.incident.state not in UNANSWERED:
            return None
        stale = False
        for step in reversed([s for s in self.steps if not s.refused and not s.withdrawn]):
            if step.kind == ESCALATED and step.payload.get("reason") in CAME_TO_NOTHING:
                stale = True
            elif step.kind in (ACKNOWLEDGED, TRANSFERRED, REOPENED):
                return step if stale and step.kind == ACKNOWLEDGED else None
        return None

    def asked_of(self, person: str) -> Step | None:
        """The step by which somebody else last sent `person`, or handed it over to them, while nobody has taken it."""
        if self.incident.state not in UNANSWERED:
            return None
        for step in reversed([s for s in self.steps if not s.refused and not s.withdrawn]):
            if step.kind in (DISPATCHED, TRANSFERRED):
                to = step.payload.get("to")
                return step if step.by != person and isinstance(to, list | tuple) and person in to else None
            if step.kind in (ACKNOWLEDGED, REOPENED):
                return None
        return None

    @property
    def pending(self) -> bool:
        return any(step.pending for step in self.steps)


def next_level(incident: Incident) -> tuple[Level, datetime] | None:
    """Who is asked next and when, while nobody has answered; None at the top or once somebody has."""
    if incident.state not in UNANSWERED:
        return None
    for rung in unroll(Ladder.of(incident.ladder), incident.severity, incident.level):
        if rung.act is Act.ESCALATE:
            return rung.level, incident.changed_at + rung.after
    return None


def withdrawn(steps: Iterable[tuple[str, str, str | None]]) -> set[str]:
    """The ids of the steps that others among `steps` (id, kind, payload as JSON) take back."""
    return {str(json.loads(payload or "{}").get("step")) for _, kind, payload in steps if kind == STEP_WITHDRAWN}


def _level(raw: Any) -> Level:
    return Level(raw) if raw in list(Level) else Level.HOME


def told(steps: Iterable[Step]) -> tuple[Told, ...]:
    """The state of every (person, channel), in the order they were first told. What says only that it answers another notice is
    about whom that one was sent to.

    What has arrived stays arrived; before that the last attempt counts, so that one that failed and was sent again is not said to
    have failed. Whom no channel reached at first, and one did later, was reached.
    """
    found: dict[tuple[str, str, Level | None], Told] = {}
    sent_to: dict[str, str] = {}
    lost: set[tuple[str, str]] = set()
    for step in steps:
        state = NOTICE_STATES.get(step.kind)
        if state is None:
            continue
        ref, level = str(step.payload.get("ref") or ""), _level(step.payload.get("level"))
        who = str(step.payload.get("person") or step.payload.get("to") or sent_to.get(ref, ""))
        if ref and who:
            sent_to[ref] = who
        channel = str(step.payload.get("channel") or "")
        if state == "failed" and not channel:
            state = NO_ADDRESS if who else NOBODY
        elif state == "failed" and step.payload.get("reported"):
            lost.add((ref, channel))
        # the service was quicker with its report than the district with its note
        elif state == "sent" and (ref, channel) in lost:
            state = "failed"
        elif state == "sent" and channel != _DESKTOP and not step.payload.get("reports"):
            state = UNKNOWN
        if who and channel and state != "failed":
            found.pop((who, "", None), None)
        key = who, channel, None if who else level
        known = found.get(key)
        if known is None or _replaces(state, known.state):
            found[key] = Told(known.level if known else level, who, channel, state, step.at)
    return tuple(found.values())


def _replaces(state: str, known: str) -> bool:
    """Whether what came later says more of one channel than what is known."""
    if known not in _ARRIVED:
        return state != known
    return state in _ARRIVED and _ARRIVED.index(state) > _ARRIVED.index(known)
