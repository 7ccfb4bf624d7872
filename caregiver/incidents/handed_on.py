"""How long an alarm is quiet at the desk from which somebody was sent to it, or to whom it was handed over there. No Qt.

Whoever sent somebody has answered as well as they can, and may have another alarm in hand. To take this one as well, only to have
the screen back, would stop the calls to whom they sent. It rings again as soon as the next level is called, or nobody has taken
it in the time that the first level has; the ladder, which is the district's, goes on meanwhile.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from caregiver.incidents.projection import DISTRICTS_ORDER
from caregiver.incidents.work import next_level
from caregiver.memory.reading import Reader
from domain.events import from_ms
from domain.incident import Incident
from domain.incident_kinds import (
    DEADLINES,
    DISPATCHED,
    ESCALATED,
    GRADED,
    REOPENED,
    STEP_WITHDRAWN,
    TRANSFERRED,
    UNANSWERED,
)

_SENT = (DISPATCHED, TRANSFERRED)
_ANEW = (ESCALATED, REOPENED, GRADED, STEP_WITHDRAWN)  # after these somebody is wanted as before


def quiet_until(reader: Reader, incident: Incident, me: str) -> datetime | None:
    """None where `me` has sent nobody, or is sought again since."""
    if incident.state not in UNANSWERED:
        return None
    sent: datetime | None = None
    kinds = (*_SENT, *_ANEW)
    for kind, by, at, payload in reader.rows(
        f"SELECT kind, by, at, payload FROM incidents_facts f WHERE incident = ? AND kind IN ({', '.join('?' * len(kinds))})"
        f" ORDER BY {DISTRICTS_ORDER}",
        (incident.id, *kinds),
    ):
        if kind in _ANEW or me in _named(payload):
            sent = None
        elif by == me:
            sent = from_ms(at)
    if sent is None or (incident.rang_at is not None and incident.rang_at > sent):
        return None
    until, above = sent + DEADLINES[incident.severity].accept[0], next_level(incident)
    return until if above is None else min(until, above[1])


def _named(payload: str | None) -> Sequence[object]:
    """Who is sent, or handed it; whatever a fact says there."""
    told = json.loads(payload or "{}").get("to")
    return told if isinstance(told, list) else (told,)
