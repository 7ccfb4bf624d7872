"""A person is erased by two people whose duty it is, together at the terminal: nothing brings anybody back, and a home whose elder
was erased by mistake is watched by nobody.
"""

from enum import StrEnum
from typing import Any

from district.office import Office
from district.operator.signing_in import signed_in
from district.scope import AUTHORS, granted
from district.store.people import ERASED
from domain.errors import Mendable


class Why(StrEnum):
    SUBJECT_REQUEST = "subject_request"
    MOVED_AWAY = "moved_away"
    DIED = "died"
    MISTAKE = "mistake"  # entered by mistake, or twice


def erase(office: Office, person: str, reason: str, by: list[dict[str, str]]) -> dict[str, Any]:
    """`by`: login, password and code of each of the two. Erases wherever the person is known.

    Raises Mendable `erase_at_the_district`, `sign_in_refused`, `sign_in_locked`, `person_unknown`, `erase_refused`.
    """
    if office.hub_line is not None:
        raise Mendable("erase_at_the_district", upstream=office.settings.upstream)
    first, second = (signed_in(office, each["login"], each["password"], each["code"]) for each in by)
    communities = sorted(_where(office, person))
    if not communities:
        raise Mendable("person_unknown", person=person)
    if first.person == second.person:
        raise Mendable("erase_refused", why="own_request")
    if not all(granted(account.grants, c) & AUTHORS[ERASED] for account in (first, second) for c in communities):
        raise Mendable("erase_refused", why="out_of_scope")
    if any(incident.open for incident in office.nightwatch.watch.cases.of(person, office.now())):
        raise Mendable("erase_refused", why="open_incident")
    told = {"by": first.person, "with": second.person, "reason": Why(reason).value}
    for community in communities:
        office.audit.note(office.now_ms(), first.person, ERASED, person, community=community, **told)
        office.store.append_own(ERASED, community, person, office.now_ms(), told)
    office.nightwatch.wake()
    return {"communities": communities}


def _where(office: Office, person: str) -> set[str]:
    """Where somebody is registered; of whom nobody registered, where something is said about them."""
    known = office.registry.communities_of([person]).get(person, set())
    if known or office.registry.erased(person):
        return known
    return {item.event.community for item in office.store.about(person)}
