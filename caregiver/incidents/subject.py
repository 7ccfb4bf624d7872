"""Whom or what an incident is about: its name, and ringing somebody up.

The system's telephone is handed the number, and the screen shows it for those whose computer has none.
"""

from PySide6.QtGui import QDesktopServices

from caregiver.incidents.work import Work
from caregiver.memory.people import Person
from caregiver.ui import Desk
from domain.incident_kinds import LIFE_SAFETY

ELDER, EMERGENCY, CONTACT = "elder", "120", "contact"


def name_of(desk: Desk, person: Person | None, of_equipment: bool, place: str) -> str:
    """An elder's name; of a gate, a kiosk or a gateway where it stands."""
    if person is not None:
        return person.name
    return desk.place(place) if of_equipment and place else desk.tr("unknown_person")


def to_ring_up(work: Work) -> tuple[str, ...]:
    """Whom one may ring up about it: nobody about a gate, the ambulance alone where it is not known whose life it is, the
    elder alone in a drill."""
    if work.incident.exercise:  # nobody sends an ambulance for an exercise
        return () if work.of_equipment else (ELDER,)
    if not work.of_equipment:
        return ELDER, EMERGENCY
    return (EMERGENCY,) if work.incident.kind in LIFE_SAFETY else ()


def dial(desk: Desk, work: Work, whom: str) -> str:
    """Ring up `whom`: `ELDER`, or a number itself. The sentence to show, as `dial_words`."""
    if phone := _number_of(work, whom):
        QDesktopServices.openUrl(f"tel:{phone.replace(' ', '')}")
    return dial_words(desk, work, whom)


def dial_words(desk: Desk, work: Work, whom: str) -> str:
    """The sentence that shows the number, for a computer that cannot ring anybody up, or says that there is none."""
    phone = _number_of(work, whom)
    return desk.tr("alarm.number" if phone else "alarm.no_number", number=phone)


def _number_of(work: Work, whom: str) -> str:
    return whom if whom != ELDER else work.person.profile.phone if work.person else ""
