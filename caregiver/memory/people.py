"""Names, as far as this desk may read them: opened once, kept in memory, never written anywhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

from caregiver.memory.reading import Reader
from caregiver.memory.spelling import spell
from domain.people import Profile
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from offline.roster import Roster


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    profile: Profile
    search: str  # lower case: name, flat, phone; with pinyin and its initials once `spell` has run

    @property
    def name(self) -> str:
        return self.profile.full_name

    @property
    def building(self) -> str:
        """The part of the flat before the first dash; '' where there is none."""
        return self.profile.flat.partition("-")[0]

    def age(self, today: date) -> int | None:
        return self.profile.age(today)


class People:
    """Everybody whose name can be read here, by id."""

    def __init__(self, reader: Reader, keys: Keystore) -> None:
        # The roster asks its journal only to read here, and the reader answers the same question without its lock.
        self._roster = Roster(cast(Journal, reader), keys)
        self._spelling: dict[str, str] = {}  # by name
        self._people = {id: self._person(id, profile) for id, profile in self._roster.profiles().items()}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people.values())

    def __len__(self) -> int:
        return len(self._people)

    def find(self, id: str | None) -> Person | None:
        return self._people.get(id or "")

    def refresh(self, ids: Iterable[str]) -> None:
        """Read these people again: registered, renamed, erased, or their key arrived."""
        for id in ids:
            profile = self._roster.profile(id)
            if profile is None:
                self._people.pop(id, None)
            else:
                self._people[id] = self._person(id, profile)

    def reload(self) -> None:
        self._people = {id: self._person(id, profile) for id, profile in self._roster.profiles().items()}

    def spell(self) -> dict[str, str]:
        """Pinyin and initials, by name, of the names that were not spelled yet; slow, so called from a background thread."""
        return spell({person.name for person in list(self._people.values())} - self._spelling.keys())

    def learn_spelling(self, spelled: dict[str, str]) -> None:
        """Find people by it from now on; that of names which nobody bears goes."""
        known = self._spelling | spelled
        self._spelling = {name: known[name] for p in self._people.values() if (name := p.name) in known}
        self._people = {id: self._person(id, person.profile) for id, person in self._people.items()}

    def _person(self, id: str, profile: Profile) -> Person:
        words = (
            profile.full_name,
            profile.flat,
            profile.flat.replace("-", ""),
            profile.phone,
            self._spelling.get(profile.full_name, ""),
        )
        return Person(id, profile, " ".join(words).lower())
