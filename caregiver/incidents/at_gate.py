"""What a gate told of somebody it knows: who it was, why the staff should know, and whether it opened."""

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
