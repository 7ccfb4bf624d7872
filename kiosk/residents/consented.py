"""Faces that are kept here without a consent that holds: of an enrolment that was cut short, or that one program of this gate
finished just as another heard of a withdrawal."""

import logging
from collections.abc import Iterable

from domain.consent import Purpose
from kiosk.residents.templates import TemplateStore
from offline.roster import Roster

log = logging.getLogger(__name__)


def let_go_without_consent(templates: TemplateStore, roster: Roster, people: Iterable[str]) -> int:
    """Erase the templates and photos of those of `people` who were erased or do not consent to them now, each by its own consent;
    of how many there was something."""
    gone = 0
    for person in people:
        if roster.erased(person) or not roster.holds(person, Purpose.FACE_AT_GATE):
            erased = templates.remove(person)
        else:
            erased = not roster.holds(person, Purpose.ENROLMENT_PHOTOS) and templates.remove_photos(person)
        if erased:
            log.info("what was kept of %s without their consent is erased", person)
        gone += erased
    return gone
