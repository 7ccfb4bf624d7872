"""Whom to ring about an elder: the elder first, then the plan's contacts in their order, as far as names are here. No Qt."""

import json
from dataclasses import dataclass
from typing import Any

from caregiver.memory.people import People
from caregiver.memory.reading import Reader
from watch.plan_payloads import plan_of


@dataclass(frozen=True, slots=True)
class Contact:
    person: str
    name: str
    phone: str
    relation: str  # "self", or as the plan says: son, daughter, neighbour …
    has_key: bool = False


def plan_in_force(reader: Reader, person: str) -> dict[str, Any] | None:
    """The payload of an elder's care plan; None where there is none."""
    plain = reader.value("SELECT plan FROM elders_plans WHERE person = ?", (person,))
    return None if plain is None else json.loads(plain)


def contacts(people: People, person: str, plan: dict[str, Any] | None) -> list[Contact]:
    found = []
    own = people.find(person)
    if own is not None and own.profile.phone:
        found.append(Contact(person, own.name, own.profile.phone, "self"))
    for each in plan_of(person, plan).contacts:
        known = people.find(each.person_id)
        if known is not None:
            found.append(Contact(each.person_id, known.name, known.profile.phone, each.relation, each.has_key))
    return found
