"""What a person is asked who is not at a desk: one step after the other, from taking an incident to saying how it ended."""

from collections.abc import Mapping
from enum import StrEnum

from domain.incident import Incident
from domain.incident_kinds import ACKNOWLEDGED, FEEDBACK, HANDLING, ON_SCENE, TECHNICAL, UNANSWERED, State


class Step(StrEnum):
    """What a button on the page stands for; the words are ``incident.reply.*``."""

    TAKE = "take"
    COMING = "coming"
    THERE = "there"
    REPORT = "report"


KINDS: Mapping[Step, str] = {
    Step.TAKE: ACKNOWLEDGED,
    Step.COMING: HANDLING,
    Step.THERE: ON_SCENE,
    Step.REPORT: FEEDBACK,
}


def asked(incident: Incident, person: str) -> tuple[Step, ...]:
    """The steps that bring it on, the nearest first; none once it is reported. An answer takes no more than any role may.

    Whoever only rings up, or repairs a device from afar, reports without having been there.
    """
    if incident.state not in (*UNANSWERED, State.ACCEPTED, State.HANDLING):
        return ()
    unheard = incident.rings > incident.rings_heard
    if not incident.held_by(person) or (unheard and incident.state is State.HANDLING):
        return (Step.TAKE,)
    away = incident.on_scene_at is None and incident.kind not in TECHNICAL
    if incident.state is State.ACCEPTED:  # coming, or being there, answers a call that rang again as well
        return (Step.COMING, Step.THERE) if away or unheard else (Step.COMING, Step.REPORT)
    return (Step.THERE, Step.REPORT) if away else (Step.REPORT,)
