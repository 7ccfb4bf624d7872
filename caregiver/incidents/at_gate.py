"""What a gate told of itself, or of somebody it knows: what is wrong; who it was, why the staff should know, whether it opened."""

from caregiver.incidents.work import Work
from caregiver.ui import Desk
from caregiver.wording import term

RULINGS = ("blocked", "passback")


def noticed(desk: Desk, work: Work) -> str:
    """The newest, in a sentence; '' where the incident tells of nobody."""
    told = [step.payload for step in work.steps if step.payload.get("ruling") in RULINGS]
    if not told:
        return ""
    last = told[-1]
    person = desk.state.people.find(str(last.get("about", "")))
    name = person.name if person is not None else desk.tr("unknown_person")
    did = "open" if last.get("opened") is True else "shut"
    method = term(desk.language, "method", str(last.get("method", "")))
    return desk.tr(f"noticed.{last['ruling']}_{did}", name=name, method=method)


def trouble(desk: Desk, work: Work) -> str:
    """Whether elders are seen by nobody for it, and the newest that is wrong, a sentence each; '' where the gate's district does
    not say what it is."""
    told = [str(step.payload["trouble"]) for step in work.steps if "trouble" in step.payload]
    unseen = [desk.language.tr("incident.line.elders_unseen")] if work.incident.elders_unseen else []
    return "\n".join((*unseen, *(term(desk.language, "trouble", newest) for newest in told[-1:])))
