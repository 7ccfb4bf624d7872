"""The board: every elder in this desk's scope, most urgent first. No Qt."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from caregiver.elders.projection import PASSAGE
from caregiver.elders.standing import CHECKING, Standing, Urgency, with_incidents
from caregiver.memory.people import People, Person
from caregiver.memory.reading import Reader
from domain.events import from_ms
from domain.incident import Incident

log = logging.getLogger(__name__)

Judge = Callable[[str, dict[str, Any] | None, datetime], Standing]
CALL = "sign.sos"
AT_ONCE = 4  # people; more wait for their slice
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
    base: Standing = CHECKING  # without incidents

    @property
    def id(self) -> str:
        return self.person.id


@dataclass(frozen=True, slots=True)
class Filter:
    """Everything empty: everybody. `states` holds theme tokens, `without` the ids of those who are left out."""

    words: str = ""
    building: str = ""
    caregiver: str = ""
    states: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
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
        known: dict[str, Standing] | None = None,
        filling: Callable[[], bool] = lambda: False,
        named: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._reader, self._people, self._incidents, self._judge, self._now = reader, people, incidents, judge, now
        self._named = named  # who an id is, be it a resident's or a colleague's
        self._filling = filling  # whether the past is still coming: nobody is judged from a part of it
        self._elders: dict[str, Elder] = {}
        self._bases: dict[str, Standing] = dict(known or {})  # without incidents
        self._dirty: set[str] = set()  # to be judged again
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
        """Read these people again, in one go; a few are judged at once, many wait for `rejudge`."""
        wanted = list(people)
        rows = self._reader.rows(
            "SELECT person, plan FROM elders_plans WHERE person IN (SELECT value FROM json_each(?))",
            (json.dumps(wanted),),
        )
        self._plans.update((row[0], json.loads(row[1])) for row in rows)
        self._read(wanted)

    def rejudge(self, budget_s: float = 0.01) -> list[str]:
        """Judge whom facts have named, who was never judged, and whose standing may have changed with the time alone.

        As many as fit into `budget_s` (one at least), so that a window stays awake; returns whom it judged.
        """
        now, end = self._now(), perf_counter() + budget_s
        judged: list[str] = []
        if self._filling():
            return judged
        self._dirty |= {id for id, base in self._bases.items() if base.until is not None and base.until < now}
        self._dirty &= self._elders.keys()
        while self._dirty and (not judged or perf_counter() < end):
            id = self._dirty.pop()
            self._judge_now(id, now)
            self._elders[id] = replace(self._elders[id], standing=self._standing(id))
            judged.append(id)
        return judged

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
        now, at_once = self._now(), wanted is not None and len(wanted) <= AT_ONCE and not self._filling()
        for id in [p.id for p in self._people] if wanted is None else wanted:
            person = self._people.find(id)
            if person is None or not (person.profile.lives_alone or id in self._plans):
                self._elders.pop(id, None)
                continue
            if at_once:
                self._judge_now(id, now)
            elif wanted is not None or id not in self._bases:
                self._dirty.add(id)
            at, kind, place = last.get(id, (None, "", ""))
            if kind == CALL and self._incidents(id):
                at, kind, place = self._besides_the_call(id) or (None, "", "")
            battery, blind = devices.get(id, (None, 0))
            caregiver = self._named(str((self._plans.get(id) or {}).get("caregiver") or ""))
            heard = None if at is None else from_ms(at)
            self._elders[id] = Elder(person, self._standing(id), heard, kind, place, battery, blind or 0, caregiver)

    def _besides_the_call(self, id: str) -> tuple[int, str, str] | None:
        """The newest sign that is no call for help: while one is open, everybody sees that they called."""
        found = self._reader.rows(
            "SELECT * FROM (SELECT at, kind, place FROM elders_signs WHERE person = ?1 AND trusted AND kind <> ?2"
            " ORDER BY at DESC LIMIT 1) UNION ALL SELECT * FROM (SELECT at, ?3, gate FROM gatelog_passages"
            " WHERE person = ?1 AND outcome = 'identified' ORDER BY at DESC LIMIT 1)",
            (id, CALL, PASSAGE),
        )
        return max(found, default=None)

    def _judge_now(self, id: str, now: datetime) -> None:
        self._dirty.discard(id)
        try:
            self._bases[id] = self._judge(id, self._plans.get(id), now)
        except Exception:  # one elder's broken data must not hide the others; whom we cannot judge is never called well
            log.exception("could not judge %s", id)
            self._bases[id] = Standing(Urgency.BLIND, "blind", now + timedelta(minutes=5))

    def _standing(self, id: str) -> Standing:
        return with_incidents(self._bases.get(id, CHECKING), self._incidents(id))

    def remember(self) -> dict[str, Standing]:
        """What the rules said of everybody who needs no new look."""
        return {id: base for id, base in self._bases.items() if id not in self._dirty}

    @property
    def judged(self) -> bool:
        """Whether everybody has been judged since the start."""
        return not self._dirty and all(id in self._bases for id in self._elders)

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
            and e.id not in wanted.without
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
