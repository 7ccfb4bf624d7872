"""Incidents as this desk works them: what rings, what may be done, what the ladder does meanwhile. No Qt."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caregiver.incidents.projection import DISTRICTS_ORDER, folded
from caregiver.people import People, Person
from caregiver.reading import Reader
from domain.duties import Actor, allowed
from domain.events import derived_id, from_ms
from domain.incident_kinds import (
    ACKNOWLEDGED,
    FEEDBACK,
    HANDLING,
    NOTICE_ACKNOWLEDGED,
    NOTICE_DELIVERED,
    NOTICE_FAILED,
    NOTICE_SENT,
    OF_EQUIPMENT,
    ON_SCENE,
    OPENED,
    UNANSWERED,
    Level,
    Severity,
    State,
)
from domain.incidents import Incident
from domain.ladder_steps import NOT_ON_SCENE, Act, Ladder, unroll
from domain.subjects import thing
from offline.journal import Journal

NOTICE_STATES = {
    NOTICE_SENT: "sent",
    NOTICE_DELIVERED: "delivered",
    NOTICE_FAILED: "failed",
    NOTICE_ACKNOWLEDGED: "acknowledged",
}
_ORDER = ("sent", "failed", "delivered", "acknowledged")
_ANSWERS = (ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK)


def grave(incident: Incident) -> bool:
    """Whether it fills the screen: somebody's life may depend on it and nobody has answered."""
    return incident.open and incident.severity <= Severity.P2 and incident.state in UNANSWERED


@dataclass(frozen=True, slots=True)
class Step:
    """One fact of an incident as its page lists it. `pending`: the district does not have it yet."""

    id: str
    kind: str
    by: str
    at: datetime
    payload: dict[str, Any]
    pending: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told by which channel, and how far that got."""

    level: Level
    who: str
    channel: str
    state: str  # sent, delivered, failed, acknowledged
    at: datetime


def is_of_equipment(kind: str, subject: str) -> bool:
    """Whether an incident of this kind about this subject stands in nobody's home."""
    return kind in OF_EQUIPMENT or thing(subject) is not None


@dataclass(frozen=True, slots=True)
class Work:
    """An incident with everything its screen shows."""

    incident: Incident
    person: Person | None
    place: str
    steps: tuple[Step, ...]
    told: tuple[Told, ...]
    next_level: tuple[Level, datetime] | None

    @property
    def of_equipment(self) -> bool:
        """It is about a gate, a kiosk, a gateway or a device in nobody's home, and there is nobody to ring up."""
        return is_of_equipment(self.incident.kind, self.incident.elder)

    @property
    def pending(self) -> bool:
        return any(step.pending for step in self.steps)


class IncidentDesk:
    """Open incidents are kept folded in memory; closed ones are read when asked for."""

    def __init__(
        self,
        journal: Journal,
        reader: Reader,
        people: People,
        actor: Actor,
        poke: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._reader, self._people = journal, reader, people
        self.actor, self._poke, self._now = actor, poke, now
        self._open: dict[str, Incident] = {}
        self._by_elder: dict[str, list[Incident]] = {}
        self._called_in: set[str] = set()
        self.refresh(row[0] for row in reader.rows("SELECT incident FROM incidents_now WHERE open"))

    def refresh(self, ids: Iterable[str]) -> None:
        """Fold these incidents again."""
        for id in ids:
            incident = folded(self._reader.rows(
                "SELECT id, kind, at, payload, received FROM incidents_facts f WHERE incident = ?"
                f" ORDER BY {DISTRICTS_ORDER}", (id,)
            ))  # fmt: skip
            if incident is not None and incident.open:
                self._open[id] = incident
                self._confirm(incident)
            else:
                self._open.pop(id, None)
            if incident is not None and self._is_called_in(incident):
                self._called_in.add(id)
            else:
                self._called_in.discard(id)
        self._by_elder = {}
        for incident in self._open.values():
            self._by_elder.setdefault(incident.elder, []).append(incident)

    def _confirm(self, incident: Incident) -> None:
        """What was sent to whoever is signed in here has arrived: sent, delivered and acknowledged are three facts."""
        rows = self._reader.rows(
            "SELECT kind, json_extract(payload, '$.ref') FROM incidents_facts WHERE incident = ? AND kind IN (?, ?)"
            " AND json_extract(payload, '$.channel') = 'desktop' AND (kind = ? OR json_extract(payload, '$.person') = ?)",
            (incident.id, NOTICE_SENT, NOTICE_DELIVERED, NOTICE_DELIVERED, self.actor.id),
        )
        known = {ref for kind, ref in rows if kind == NOTICE_DELIVERED}
        for ref in dict.fromkeys(ref for kind, ref in rows if kind == NOTICE_SENT and ref not in known):
            told = {"incident": incident.id, "by": self.actor.id, "ref": ref, "channel": "desktop"}
            id = derived_id(str(ref), "desktop", "delivered")
            self._journal.append(NOTICE_DELIVERED, told, subject=incident.elder, id=id)
            self._poke()

    def _is_called_in(self, incident: Incident) -> bool:
        """Whether the ladder has called whoever sits here because those who took it have not come, and they said nothing since."""
        if incident.state not in (State.ACCEPTED, State.HANDLING) or incident.on_scene_at is not None:
            return False
        rows = self._reader.rows(
            "SELECT kind FROM incidents_facts f WHERE incident = ? AND ((kind = ?"
            " AND json_extract(payload, '$.channel') = 'desktop' AND json_extract(payload, '$.person') = ?"
            " AND json_extract(payload, '$.act') = ? AND json_extract(payload, '$.reason') = ?)"
            f" OR (by = ? AND kind IN ({', '.join('?' * len(_ANSWERS))}))) ORDER BY {DISTRICTS_ORDER}",
            (incident.id, NOTICE_SENT, self.actor.id, Act.ALARM, NOT_ON_SCENE, self.actor.id, *_ANSWERS),
        )
        return bool(rows) and rows[-1][0] == NOTICE_SENT

    def open(self) -> list[Incident]:
        """Open incidents, unanswered and grave ones first."""
        return sorted(self._open.values(), key=lambda i: (i.state not in UNANSWERED, i.severity, i.opened_at))

    def of(self, elder: str) -> list[Incident]:
        return self._by_elder.get(elder, [])

    def ringing(self) -> list[Incident]:
        """What must fill the screen: grave and unanswered, rung for anew, or climbed to whoever sits here as nobody came.

        Gravest and oldest first, real before drill.
        """
        found = [i for i in self._open.values() if self._rings(i)]
        return sorted(found, key=lambda i: (i.exercise, i.severity, i.opened_at))

    def _rings(self, incident: Incident) -> bool:
        anew = incident.severity <= Severity.P2 and incident.rings > incident.rings_heard
        return anew or incident.id in self._called_in or (grave(incident) and self.actor.id not in incident.accepted_by)

    def work(self, id: str) -> Work | None:
        """Everything about one incident; None where it is not known here."""
        rows = self._reader.query(
            f"SELECT * FROM incidents_facts f WHERE incident = ? ORDER BY {DISTRICTS_ORDER}", (id,)
        )
        incident = folded([(r["id"], r["kind"], r["at"], r["payload"], r["received"]) for r in rows])
        if incident is None:
            return None
        mine, epoch, acked = self._journal_state()
        refused = {event.id for event in incident.refused}
        steps = tuple(
            Step(
                r["id"], r["kind"], r["by"], from_ms(r["at"]), json.loads(r["payload"] or "{}"),
                pending=(r["device"], r["epoch"]) == (mine, epoch) and r["seq"] > acked,
                refused=r["id"] in refused,
            )
            for r in rows
        )  # fmt: skip
        person = self._people.find(incident.elder)
        opened = next((step.payload for step in steps if step.kind == OPENED), {})
        place = str(opened.get("place") or (person.profile.flat if person else ""))
        return Work(incident, person, place, steps, _told(steps), next_level(incident))

    def _journal_state(self) -> tuple[str, int, int]:
        state = dict(self._reader.rows("SELECT key, value FROM state WHERE key IN ('device', 'epoch', 'acked')"))
        return str(state.get("device") or ""), int(state.get("epoch") or 0), int(state.get("acked") or 0)

    def undelivered(self) -> set[str]:
        """Open incidents with a step of ours that the district does not have yet."""
        mine, epoch, acked = self._journal_state()
        rows = self._reader.rows(
            "SELECT DISTINCT incident FROM incidents_facts WHERE device = ? AND epoch = ? AND seq > ?"
            " AND kind NOT GLOB 'notice.*'",
            (mine, epoch, acked),
        )
        return {row[0] for row in rows} & self._open.keys()

    def allowed(self, id: str) -> frozenset[str]:
        incident = self._open.get(id) or (work.incident if (work := self.work(id)) else None)
        return frozenset() if incident is None else allowed(incident, self.actor)

    def acknowledge(self, id: str) -> None:
        """Take the incident: "I have it"."""
        self.step(id, ACKNOWLEDGED)

    def step(self, id: str, kind: str, **payload: Any) -> str:
        """Record one step of ours, durable on return, and hurry it to the district. Returns the fact's id.

        A step that the rules do not allow now is still recorded: the district decides, and the page shows it as refused.
        """
        work = self._open.get(id)
        elder = work.elder if work else self._reader.value("SELECT elder FROM incidents_now WHERE incident = ?", (id,))
        fact = self._journal.append(kind, {"incident": id, "by": self.actor.id, **payload}, subject=elder)
        self._poke()
        return fact.envelope.id

    def history(
        self, wanted: "HistoryFilter", before: tuple[int, str] | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """A page of incidents, newest first; `before` is (opened, incident) of the last row seen."""
        conditions: list[str] = ["1"]
        values: list[Any] = []
        for column, value in (("kind", wanted.kind), ("elder", wanted.elder), ("state", wanted.state)):
            if value:
                conditions.append(f"{column} = ?")
                values.append(value)
        if wanted.open_only:
            conditions.append("open")
        if wanted.since:
            conditions.append("opened >= ?")
            values.append(wanted.since)
        if before:
            conditions.append("(opened, incident) < (?, ?)")
            values += before
        return self._reader.query(
            f"SELECT * FROM incidents_now WHERE {' AND '.join(conditions)} ORDER BY opened DESC, incident DESC LIMIT ?",
            (*values, limit),
        )


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    kind: str = ""
    elder: str = ""
    state: str = ""
    since: int = 0
    open_only: bool = False


def next_level(incident: Incident) -> tuple[Level, datetime] | None:
    """Who is asked next and when, while nobody has answered; None at the top or once somebody has."""
    if incident.state not in UNANSWERED:
        return None
    for rung in unroll(Ladder.of(incident.ladder), incident.severity, incident.level):
        if rung.act is Act.ESCALATE:
            return rung.level, incident.changed_at + rung.after
    return None


def _level(raw: Any) -> Level:
    return Level(raw) if raw in list(Level) else Level.HOME


def _told(steps: Iterable[Step]) -> tuple[Told, ...]:
    """The newest state of every (person, channel), in the order they were first told. What says only that it answers another
    notice is about whom that one was sent to."""
    found: dict[tuple[str, str], Told] = {}
    sent_to: dict[str, str] = {}
    for step in steps:
        state = NOTICE_STATES.get(step.kind)
        if state is None:
            continue
        ref = str(step.payload.get("ref") or "")
        who = str(step.payload.get("person") or step.payload.get("to") or sent_to.get(ref, ""))
        if ref and who:
            sent_to[ref] = who
        channel = str(step.payload.get("channel") or "")
        known = found.get((who, channel))
        if known is None or _ORDER.index(state) > _ORDER.index(known.state):
            level = known.level if known else _level(step.payload.get("level"))
            found[who, channel] = Told(level, who, channel, state, step.at)
    return tuple(found.values())
