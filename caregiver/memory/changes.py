"""What facts have named since the window last looked: noted on whatever thread they came, taken over on the window's. No Qt."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from offline.journal.projections import StoredFact

FOLDED_ANEW = "folded anew"  # among the kinds: anything that is held in memory may be otherwise now, or be gone


@dataclass(slots=True)
class Changes:
    """What facts named since the last look. `roster`: names, consents or keys."""

    people: set[str] = field(default_factory=set)
    signs: set[str] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)
    incident_people: set[str] = field(default_factory=set)
    plan_people: set[str] = field(default_factory=set)  # of a plan, or of an answer to a change of one
    roster: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.kinds or self.people)

    def add(self, others: "Changes") -> None:
        for each in fields(self):
            getattr(self, each.name).update(getattr(others, each.name))

    def sort_in(self, fact: StoredFact) -> None:
        """Whom and what a fact names."""
        e, p = fact.envelope, fact.payload or {}
        family = e.kind.partition(".")[0]
        self.kinds.add(e.kind)
        if e.subject:
            self.people.add(e.subject)
            if family in ("sign", "checkin", "visit") or (family == "passage" and p.get("outcome") == "identified"):
                self.signs.add(e.subject)
            if family in ("person", "consent"):
                self.roster.add(e.subject)
        if family == "photo" and p.get("of") == "incident":
            self.incidents.add(str(p.get("ref")))
        if family == "careplan" and e.subject:
            self.plan_people.add(e.subject)
        if family in ("incident", "notice") and p.get("incident"):
            self.incidents.add(str(p["incident"]))
            self.incident_people |= {e.subject or "", str(p.get("elder") or "")} - {""}
            self.people |= self.incident_people

    def incident_steps(self, steps: Iterable[tuple[str, str]]) -> None:
        """Of these (incident, whom it is about) a step has gone."""
        for incident, person in steps:
            self.incidents.add(incident)
            self.incident_people |= {person or ""} - {""}
        self.people |= self.incident_people


class Noted:
    """Changes that wait. Any thread."""

    def __init__(self) -> None:
        self._waiting, self._lock = Changes(), threading.Lock()

    def note(self, facts: Iterable[StoredFact]) -> None:
        with self._lock:
            for fact in facts:
                self._waiting.sort_in(fact)

    def names(self, people: Iterable[str]) -> None:
        """What describes these people may read otherwise now."""
        with self._lock:
            self._waiting.roster.update(people)
            self._waiting.people.update(people)

    def anew(self, people: Iterable[str], kinds: Iterable[str]) -> None:
        """All that is held was folded anew: of these people, and of facts of these kinds."""
        with self._lock:
            everybody = set(people)
            self._waiting.people |= everybody
            self._waiting.roster |= everybody
            self._waiting.kinds.update(kinds, (FOLDED_ANEW,))

    def take(self, at_most: int | None) -> Changes:
        """All of it; of people no more than `at_most`, and those of incidents and plans before others: the rest goes on waiting,
        with what is new of their names."""
        with self._lock:
            changes, self._waiting = self._waiting, Changes()
            if at_most is not None and len(changes.people) > at_most:
                later = set(list(changes.people)[at_most:]) - changes.incident_people - changes.plan_people
                self._waiting.people |= later
                changes.people -= later
                self._waiting.roster |= changes.roster & later
                changes.roster -= later
        return changes

    def put_back(self, changes: Changes) -> None:
        with self._lock:
            self._waiting.add(changes)

    @property
    def any(self) -> bool:
        return bool(self._waiting)

    @property
    def urgent(self) -> bool:
        """Whether there are incidents among it."""
        return bool(self._waiting.incidents)
