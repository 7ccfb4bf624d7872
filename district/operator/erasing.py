"""Erasing a person at the terminal: both whose duty it is say who they are there."""

from typing import Any

from district.office import Office
from district.operator.signing_in import signed_in
from district.people.erasing import ErasureRefused, Why
from domain.errors import Mendable


def erase(office: Office, person: str, reason: str, by: list[dict[str, str]]) -> dict[str, Any]:
    """`by`: login, password and code of each of the two.

    Raises Mendable `erase_at_the_district`, `sign_in_refused`, `sign_in_locked`, `person_unknown`, `two_people_unsettled`,
    `erase_refused`.
    """
    if office.hub_line is not None:
        raise Mendable("erase_at_the_district", upstream=office.settings.upstream)
    first, second = (signed_in(office, each["login"], each["password"], each["code"]) for each in by)
    try:
        communities = office.erasing.erase(person, Why(reason), first, second, office.now_ms())
    except ErasureRefused as e:
        if e.code == "not_found":
            raise Mendable("person_unknown", person=person) from e
        raise Mendable("two_people_unsettled" if e.code == "unsettled" else "erase_refused", why=e.code) from e
    office.nightwatch.wake()
    return {"communities": communities}
