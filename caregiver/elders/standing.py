"""How an elder stands now, as the board says it: what the rules find, with incidents and blind devices on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from domain.incident import Incident
from domain.incident_kinds import UNANSWERED, Severity


class Urgency(IntEnum):
    """The order of the board, most urgent first; the names are theme tokens in lower case."""

    ALARM = 0
    OVERDUE = 1
    BLIND = 2
    DUE = 3
    AWAY = 4
    WELL = 5

    @property
    def token(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Standing:
    """`word` is a key below ``caregiver.state``; `until` is when it changes next, as far as is known."""

    urgency: Urgency
    word: str
    until: datetime | None = None
    since: datetime | None = None
    incident: str | None = None
    severity: int = 9  # of the incident that leads


CHECKING = Standing(Urgency.WELL, "checking")  # not judged yet: never called well


def with_incidents(base: Standing, incidents: Sequence[Incident]) -> Standing:
    """`base` unless an incident of the elder is open: the gravest leads. Equipment alone makes nobody an alarm."""
    open_ = sorted(
        (i for i in incidents if i.open and i.severity <= Severity.P2), key=lambda i: (i.severity, i.opened_at)
    )
    if not open_:
        return base
    worst = open_[0]
    word = "alarm" if worst.state in UNANSWERED else "handled"
    return Standing(Urgency.ALARM, word, base.until, worst.opened_at, worst.id, int(worst.severity))
