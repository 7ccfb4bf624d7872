"""What a line of the board says of an alarm: what happened, for how long, and who has it or is asked next."""

from caregiver.elders.board import Elder
from caregiver.elders.standing import Urgency
from caregiver.incidents.work import next_level
from caregiver.ui import Desk
from caregiver.wording import clock_span, span, term
from domain.incident import Incident
from domain.incident_kinds import UNANSWERED


def foremost(incidents: list[Incident]) -> Incident | None:
    """The one that a line speaks of: real before drill, unanswered before answered, the graver before the lesser, the older before
    the newer."""
    return min(incidents, key=lambda i: (i.exercise, i.state not in UNANSWERED, i.severity, i.opened_at), default=None)


def alarm_line(desk: Desk, elder: Elder, incidents: list[Incident], clock: bool = True) -> str:
    """'' where nothing is open; `incidents`: the elder's; `clock`: to the second, with the time since it happened."""
    first = foremost(incidents)
    if elder.standing.urgency is not Urgency.ALARM or first is None:
        return ""
    now, running = desk.state.now(), clock_span if clock else span
    kind = term(desk.language, "kind", first.kind)
    parts = [desk.tr("incidents.drill_mark", kind=kind) if first.exercise else kind]
    if clock:
        parts.append(clock_span(desk.language, now - first.happened_at))
    if first.leader is not None:
        parts.append(desk.tr("board.taken", who=desk.state.name_of(first.leader)))
    elif (above := next_level(first)) is not None and above[1] > now:
        level = term(desk.language, "level", str(int(above[0])))
        parts.append(desk.tr("incidents.next", level=level, left=running(desk.language, above[1] - now)))
    return " · ".join(parts)
