"""The steps of an incident as buttons, in the order one takes them; only those allowed now are there. No Qt."""

from dataclasses import dataclass

from domain.incident import Incident
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CHECKED,
    CLOSED,
    DISPATCHED,
    ESCALATED,
    EVALUATED,
    EXTENDED,
    EXTENSION_ASKED,
    EXTENSION_DECLINED,
    FEEDBACK,
    GRADED,
    HANDLING,
    LOWERED,
    MERGED,
    ON_SCENE,
    REJECTED,
    REOPENED,
    STEP_WITHDRAWN,
    TRANSFERRED,
    UNANSWERED,
    State,
)
from qtkit.buttons import Role


@dataclass(frozen=True, slots=True)
class Action:
    """`asks` names what is asked for first, with words: "" nothing, "note" the words alone, or what `asking` knows to choose.

    The quiet ones stand apart, below what brings an incident on.
    """

    kind: str
    key: str  # below caregiver.action; also the icon's sentence
    icon: str
    shortcut: str
    asks: str = ""
    role: Role = ""


ACTIONS = (
    Action(ACKNOWLEDGED, "acknowledge", "check", "Return", role="primary"),
    Action(HANDLING, "handling", "right", "Ctrl+H"),
    Action(ON_SCENE, "on_scene", "home", "Ctrl+O"),
    Action(FEEDBACK, "feedback", "check", "Ctrl+B", asks="outcome", role="primary"),
    Action(CHECKED, "checked", "check", "Ctrl+K", asks="note", role="primary"),
    Action(CLOSED, "close", "lock", "Ctrl+L"),
    Action(DISPATCHED, "dispatch", "people", "Ctrl+D", asks="person"),
    Action(TRANSFERRED, "transfer", "refresh", "Ctrl+T", asks="person"),
    Action(ESCALATED, "escalate", "attention", "Ctrl+U"),
    Action(REJECTED, "reject", "close", "Ctrl+J", asks="note"),
    Action(REOPENED, "reopen", "refresh", "Ctrl+R", asks="note"),
    Action(EVALUATED, "evaluate", "chart", "Ctrl+I", asks="note"),
    Action(EXTENDED, "extend", "clock", "Ctrl+Y"),
    Action(EXTENSION_DECLINED, "decline", "close", "Ctrl+N", asks="reason"),
    Action(STEP_WITHDRAWN, "undo", "left", "Ctrl+Z", role="quiet"),
    Action(GRADED, "grade", "attention", "Ctrl+G", asks="severity", role="quiet"),
    Action(EXTENSION_ASKED, "extension", "clock", "Ctrl+E", asks="until", role="quiet"),
    Action(MERGED, "merge", "copy", "Ctrl+M", asks="incident", role="quiet"),
)
ONWARD = frozenset({ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK, CHECKED, CLOSED})


def offered(allowed: frozenset[str]) -> list[Action]:
    """One button changes the severity either way."""
    chosen = allowed | {GRADED} if LOWERED in allowed else allowed
    return [action for action in ACTIONS if action.kind in chosen]


def next_step(incident: Incident, allowed: frozenset[str]) -> Action | None:
    """The one that brings it on from where it stands: taken, on scene, reported, checked, closed."""
    heard = incident.state not in UNANSWERED and incident.rings <= incident.rings_heard
    behind = {
        ACKNOWLEDGED: heard, HANDLING: heard, ON_SCENE: incident.on_scene_at is not None,
        FEEDBACK: incident.state in (State.FEEDBACK, State.CHECKED), CHECKED: incident.state is State.CHECKED,
    }  # fmt: skip
    return next((a for a in offered(allowed & ONWARD) if not behind.get(a.kind)), None)


def to_send(allowed: frozenset[str]) -> Action | None:
    """How somebody else is called to it by whoever has not taken it: sent, by those who lead; handed over, by all others."""
    return next((a for a in offered(allowed) if a.kind in (DISPATCHED, TRANSFERRED)), None)
