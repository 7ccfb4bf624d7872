"""The board: every elder in this desk's scope, most urgent first. No Qt."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from caregiver.elders.standing import CHECKING, Standing, Urgency, with_incidents
from caregiver.people import People, Person
from caregiver.reading import Reader
from domain.events import from_ms
from domain.incidents import Incident

log = logging.getLogger(__name__)

Judge = Callable[[str, dict[str, Any] | None, datetime], Standing]
LOW_BATTERY = 20  # percent; the field's own threshold for "battery low" in Zigbee devices


@dataclass(frozen=True, slots=True)
class Elder:
    """One line of the board. Times are aware UTC."""

    person: Person
    standing: Standing
    last: datetime | None = None
    last_kind: str = ""
    last_place: str = ""
    battery: int | None = None  # the lowest of the elder's devices, percent
    blind: int = 0  # how many devices cannot be heard
    caregiver: str = ""

    @property
    def id(self) -> str:
        return self.person.id


@dataclass(frozen=True, slots=True)
class Filter:
    """Everything empty: everybody. `states` holds theme tokens."""

    words: str = ""
    building: str = ""
    caregiver: str = ""
    states: frozenset[str] = frozenset()
    order: str = "urgency"  # urgency, name, flat, last


class Board:
    """Holds the lines in memory; `refresh` reads again only whom the facts named."""

    def __init__(
        self,
        reader: Reader,
        people: People,
        incidents: Callable[[str], list[Incident]],
        judge: Judge,
        now: Callable[[], datetime],
    ) -> None:
        self._reader, self._people, self._incidents, self._judge, self._now = reader, people, incidents, judge, now
        self._elders: dict[str, Elder] = {}
        self._plans: dict[str, dict[str, Any]] = {}
        self.reload()

    def __len__(self) -> int:
        return len(self._elders)

    def find(self, person: str) -> Elder | None:
        return self._elders.get(person)

    def plan(self, person: str) -> dict[str, Any] | None:
        return self._plans.get(person)

    def reload(self) -> None:
        self._elders.clear()
        self._plans = {row[0]: json.loads(row[1]) for row in self._reader.rows("SELECT person, plan FROM elders_plans")}
        self._read(None)

    def refresh(self, people: Iterable[str]) -> None:
        """Read these people again, in one go."""
        wanted = list(people)
        rows = self._reader.rows(
            "SELECT person, plan FROM elders_plans WHERE person IN (SELECT value FROM json_each(?))",
            (json.dumps(wanted),),
        )
        self._plans.update((row[0], json.loads(row[1])) for row in rows)
        self._read(wanted)

    def rejudge(self, at_most: int = 64) -> list[str]:
        """Judge those who were not judged yet, and those whose standing may have changed with the time alone.

        A slice of `at_most` a call, so that a window stays awake; returns whom it judged.
        """
        now = self._now()
        due = [id for id, e in self._elders.items() if e.standing.word == "checking" or (e.standing.until or now) < now]
        due.sort(key=lambda id: self._elders[id].standing.urgency)
        for id in due[:at_most]:
            elder = self._elders[id]
            self._elders[id] = replace(elder, standing=self._stand(id, now))
        return due[:at_most]

    def _read(self, wanted: list[str] | None) -> None:
        only, values = (
            ("", ()) if wanted is None else (" WHERE person IN (SELECT value FROM json_each(?))", (json.dumps(wanted),))
        )
        last = {
            row[0]: row[1:]
            for row in self._reader.rows(f"SELECT person, at, kind, place FROM elders_last{only}", values)
        }
        devices = {
            row[0]: (row[1], row[2])
            for row in self._reader.rows(
                f"SELECT person, min(battery), sum(blind) FROM elders_devices{only} GROUP BY person", values
            )
        }
        now = self._now()
        for id in [p.id for p in self._people] if wanted is None else wanted:
            person = self._people.find(id)
            if person is None or not (person.profile.lives_alone or id in self._plans):
                self._elders.pop(id, None)
                continue
            at, kind, place = last.get(id, (None, "", ""))
            battery, blind = devices.get(id, (None, 0))
            heard = None if at is None else from_ms(at)
            whose = self._people.find(str((self._plans.get(id) or {}).get("caregiver", "")))
            caregiver = whose.name if whose else ""
            standing = with_incidents(CHECKING, self._incidents(id)) if wanted is None else self._stand(id, now)
            self._elders[id] = Elder(person, standing, heard, kind, place, battery, blind or 0, caregiver)

    def _stand(self, id: str, now: datetime) -> Standing:
        try:
            base = self._judge(id, self._plans.get(id), now)
        except (
            Exception
        ):  # one elder's broken data must not hide the others; nobody whom we cannot judge is called well
            log.exception("could not judge %s", id)
            base = Standing(Urgency.BLIND, "blind", now + timedelta(minutes=5))
        return with_incidents(base, self._incidents(id))

    @property
    def judged(self) -> bool:
        """Whether everybody has been judged since the start."""
        return not any(e.standing.word == "checking" for e in self._elders.values())

    def rename(self) -> None:
        """Take over names as they are now."""
        for id, elder in self._elders.items():
            person = self._people.find(id)
            if person is not None and person is not elder.person:
                self._elders[id] = replace(elder, person=person)

    def counts(self) -> Counter[str]:
        """How many stand how, by theme token."""
        return Counter(elder.standing.urgency.token for elder in self._elders.values())

    def worst(self) -> Urgency:
        return min((elder.standing.urgency for elder in self._elders.values()), default=Urgency.WELL)

    def buildings(self) -> list[str]:
        return sorted({e.person.building for e in self._elders.values() if e.person.building}, key=_natural)

    def caregivers(self) -> list[str]:
        return sorted({e.caregiver for e in self._elders.values() if e.caregiver})

    def rows(self, wanted: Filter = Filter()) -> list[Elder]:
        words = wanted.words.lower().split()
        found = [
            e
            for e in self._elders.values()
            if (not wanted.states or e.standing.urgency.token in wanted.states)
            and (not wanted.building or e.person.building == wanted.building)
            and (not wanted.caregiver or e.caregiver == wanted.caregiver)
            and all(word in e.person.search for word in words)
        ]
        return sorted(found, key=ORDERS[wanted.order])


def _natural(flat: str) -> tuple[tuple[int, str], ...]:
    """Flats in the order of doors: 2-1-3 before 10-1-1."""
    return tuple((int(part), "") if part.isdigit() else (1 << 30, part) for part in flat.split("-"))


_EARLY = from_ms(0)
ORDERS: dict[str, Callable[[Elder], Any]] = {
    "urgency": lambda e: (
        e.standing.urgency,
        e.standing.word == "handled",
        e.standing.severity,
        e.standing.since or e.standing.until or e.last or _EARLY,
        e.person.profile.flat,
    ),
    "name": lambda e: (e.person.search.rpartition(" ")[2] or e.person.name, e.person.name),
    "flat": lambda e: (_natural(e.person.profile.flat), e.person.name),
    "last": lambda e: (e.last or _EARLY, e.person.name),
}
