"""Who may do what about an incident, and when."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.grading import grades, may_wait_longer
from domain.incident import Incident
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CHECKED,
    CLOSED,
    DISPATCHED,
    ESCALATED,
    EVALUATED,
    EVIDENCE,
    EXTENDED,
    EXTENSION_ASKED,
    EXTENSION_DECLINED,
    FEEDBACK,
    GATE_STAFFS,
    GRADED,
    HANDLING,
    LOWERED,
    MERGED,
    ON_SCENE,
    REJECTED,
    REOPENED,
    STEP_WITHDRAWN,
    TRANSFERRED,
    VERIFIED,
    Severity,
    State,
)
from domain.incident_table import TRANSITIONS
from domain.people import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a desktop or behind a reply link; `id` is the person id."""

    id: str
    role: Role


_ANSWER = frozenset({ACKNOWLEDGED, HANDLING, ON_SCENE, STEP_WITHDRAWN, FEEDBACK, EVIDENCE})
_WORK = _ANSWER | {VERIFIED, REJECTED, TRANSFERRED, CHECKED, CLOSED, REOPENED, GRADED, EXTENSION_ASKED}
_LEAD = _WORK | {DISPATCHED, ESCALATED, MERGED, EVALUATED, EXTENDED, EXTENSION_DECLINED, LOWERED}

DUTIES: Mapping[Role, frozenset[str]] = {
    Role.FAMILY: _ANSWER,
    Role.CAREGIVER: _WORK,
    Role.GATE_STAFF: _WORK - {REOPENED},
    Role.SUPERVISOR: _LEAD,
    Role.ADMINISTRATOR: _LEAD,
}


def allowed(incident: Incident, actor: Actor) -> frozenset[str]:
    """The fact kinds that `actor` may add to `incident` now.

    Closing by one who worked on it is offered (a night may have only one person) and becomes *closed, review due*;
    checking is always another person's. Gate staff answer for the gate and its equipment; for an elder's home only where the
    ladder has called them, and then they answer and report, and judge nothing.
    """
    duties = DUTIES[actor.role]
    if actor.role is Role.GATE_STAFF and incident.kind not in GATE_STAFFS:
        duties = _ANSWER if actor.id in incident.responsible else frozenset()
    may = {kind for kind in duties if (incident.state, kind) in TRANSITIONS or kind == EVIDENCE}
    if EXTENSION_ASKED in duties and may_wait_longer(incident):
        if incident.extension_asked is None:
            may.add(EXTENSION_ASKED)
        elif EXTENDED in duties and incident.extension_asked[1] != actor.id:
            may |= {EXTENDED, EXTENSION_DECLINED}
    may |= {GRADED if s < incident.severity else LOWERED for s in gradable(incident, actor)}
    if STEP_WITHDRAWN in duties and last_answer(incident, actor.id):
        may.add(STEP_WITHDRAWN)
    if actor.id in incident.workers:
        may.discard(CHECKED)
    if actor.id in incident.accepted_by:
        may.discard(ACKNOWLEDGED)
    return frozenset(may)


def gradable(incident: Incident, actor: Actor) -> tuple[Severity, ...]:
    """The severities that `actor` may give `incident` now: whoever works on it may raise it, who leads may lower it too."""
    duties = DUTIES[actor.role]
    if GRADED not in duties or (actor.role is Role.GATE_STAFF and incident.kind not in GATE_STAFFS):
        return ()
    return tuple(s for s in grades(incident) if s < incident.severity or LOWERED in duties)


def last_answer(incident: Incident, person: str) -> str:
    """The id of the step by which `person` last answered, where they may still take it back; '' otherwise."""
    if incident.state not in (State.ACCEPTED, State.HANDLING):
        return ""
    return next((id for by, id in reversed(incident.answers) if by == person), "")
