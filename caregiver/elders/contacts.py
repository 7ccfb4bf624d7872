"""Whom to ring about an elder: the elder first, then the plan's contacts in their order, as far as names are here. No Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watch.plans import plan_of

if TYPE_CHECKING:
    from caregiver.state import AppState


@dataclass(frozen=True, slots=True)
class Contact:
    person: str
    name: str
    phone: str
    relation: str  # "self", or as the plan says: son, daughter, neighbour …
    has_key: bool = False


def contacts(state: "AppState", person: str) -> list[Contact]:
    found = []
    own = state.people.find(person)
    if own is not None and own.profile.phone:
        found.append(Contact(person, own.name, own.profile.phone, "self"))
    for each in plan_of(person, state.board.plan(person)).contacts:
        known = state.people.find(each.person_id)
        if known is not None:
            found.append(Contact(each.person_id, known.name, known.profile.phone, each.relation, each.has_key))
    return found
