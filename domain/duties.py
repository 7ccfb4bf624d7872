"""Who may do what about an incident, and when."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    HANDLING,
    MERGED,
    ON_SCENE,
    REJECTED,
    REOPENED,
    TECHNICAL,
    TRANSFERRED,
    VERIFIED,
    Kind,
    Severity,
)
from domain.incident_table import TRANSITIONS
from domain.incidents import SYSTEM, Incident
from domain.people import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a desktop or behind a reply link; `id` is the person id. Without a role it is the system itself."""

    id: str
    role: Role | None


THE_SYSTEM = Actor(SYSTEM, None)


_ANSWER = frozenset({ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK, EVIDENCE})
_WORK = _ANSWER | {VERIFIED, REJECTED, TRANSFERRED, CHECKED, CLOSED, REOPENED}
_LEAD = _WORK | {DISPATCHED, ESCALATED, MERGED, EVALUATED, EXTENDED}

DUTIES: Mapping[Role | None, frozenset[str]] = {
    Role.FAMILY: _ANSWER,
    Role.CAREGIVER: _WORK,
    Role.GATE_STAFF: _WORK - {REOPENED},
    Role.SUPERVISOR: _LEAD,
    Role.ADMINISTRATOR: _LEAD,
    None: frozenset({DISPATCHED, ESCALATED, MERGED, EVIDENCE, VERIFIED}),  # a machine never rejects or closes
}


def allowed(incident: Incident, actor: Actor) -> frozenset[str]:
    """The fact kinds that `actor` may add to `incident` now.

    Closing by one who worked on it is offered (a night may have only one person) and becomes *closed, review due*;
    checking is always another person's. Gate staff answer for the gate and its equipment; for an elder's home only where the
    ladder has called them, and then they answer and report, and judge nothing.
    """
    duties = DUTIES[actor.role]
    if actor.role is Role.GATE_STAFF and incident.kind not in TECHNICAL | {Kind.GATE_CALL}:
        duties = _ANSWER if actor.id in incident.responsible else frozenset()
    may = {kind for kind in duties if (incident.state, kind) in TRANSITIONS or kind == EVIDENCE}
    if EXTENDED in duties and incident.severity is Severity.P4 and incident.open:
        may.add(EXTENDED)
    if actor.id in incident.workers:
        may.discard(CHECKED)
    if actor.id in incident.accepted_by:
        may.discard(ACKNOWLEDGED)
    return frozenset(may)
