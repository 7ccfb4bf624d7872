"""Relatives and neighbours whom somebody wrote down to be asked about an elder, and who live elsewhere. No Qt."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from caregiver.memory.people import Person
from caregiver.memory.reading import Reader


@dataclass(frozen=True, slots=True)
class KnownContact:
    """`of`: (elder's id, relation) of every care plan in force that names them; nobody where none does any more, or none yet."""

    person: Person
    of: tuple[tuple[str, str], ...] = ()


def known_contacts(reader: Reader, people: Iterable[Person], colleagues: Iterable[str] = ()) -> list[KnownContact]:
    """Whoever is on the roster without a flat and does not work here, by name."""
    working, of = set(colleagues), _named(reader)
    found = [p for p in people if not p.profile.flat and p.id not in working]
    return sorted((KnownContact(p, tuple(of[p.id])) for p in found), key=lambda c: c.person.name)


def of_nobody_else(
    reader: Reader, people: Iterable[Person], elder: str, colleagues: Iterable[str] = ()
) -> list[Person]:
    """The contacts whom this elder's plan alone names: with the elder there is no reason left to keep them. Not whoever has
    agreed to something of their own, a face at the gate for one."""
    agreed = {person for (person,) in reader.rows("SELECT DISTINCT person FROM roster_consents WHERE given")}
    found = known_contacts(reader, people, colleagues)
    return [c.person for c in found if {named for named, _ in c.of} == {elder} and c.person.id not in agreed]


def _named(reader: Reader) -> dict[str, list[tuple[str, str]]]:
    of: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for contact, elder, relation in reader.rows(
        "SELECT json_extract(c.value, '$.person_id'), e.person, coalesce(json_extract(c.value, '$.relation'), '')"
        " FROM elders_plans e JOIN json_each(e.plan, '$.contacts') c"
        " JOIN roster_people r ON r.person = e.person AND r.profile IS NOT NULL"
    ):
        of[str(contact)].append((elder, relation))
    return of
