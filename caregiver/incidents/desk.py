"""Incidents as this desk works them: what rings, what may be done, what the ladder does meanwhile. No Qt."""

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from caregiver.incidents import history
from caregiver.incidents.handed_on import quiet_until
from caregiver.incidents.history import HistoryFilter
from caregiver.incidents.projection import DISTRICTS_ORDER, STEP, folded
from caregiver.incidents.work import Step, Work, next_level, told, withdrawn
from caregiver.memory.changes import FOLDED_ANEW, Changes
from caregiver.memory.replica import Replica
from domain.duties import Actor, allowed, gradable, last_answer
from domain.events import derived_id, from_ms, to_ms
from domain.incident import Incident
from domain.incident_kinds import (
    ACKNOWLEDGED,
    EXTENDED,
    FEEDBACK,
    HANDLING,
    MERGED,
    NOTICE_DELIVERED,
    NOTICE_SENT,
    ON_SCENE,
    OPENED,
    STEP_WITHDRAWN,
    UNANSWERED,
    Severity,
    State,
)
from domain.ladder_steps import NOT_ON_SCENE, Act
from domain.merging import takes_in

_ANSWERS = (ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK)

log = logging.getLogger(__name__)


def grave(incident: Incident) -> bool:
    """Whether it fills the screen: somebody's life may depend on it and nobody has answered."""
    return incident.open and incident.severity <= Severity.P2 and incident.state in UNANSWERED


class IncidentDesk:
    """Open incidents are kept folded in memory; closed ones are read when asked for."""

    def __init__(self, replica: Replica) -> None:
        self._replica, self._journal, self._reader = replica, replica.journal, replica.reader
        self.actor, self._poke = Actor(replica.session.person, replica.session.role), replica.hurry
        self._open: dict[str, Incident] = {}
        self._by_elder: dict[str, list[Incident]] = {}
        self._called_in: set[str] = set()
        self._quiet: dict[str, datetime] = {}  # until when, as whoever sits here has sent somebody
        self.refresh(row[0] for row in self._reader.rows("SELECT incident FROM incidents_now WHERE open"))
        replica.follow(self._came, urgent=True)

    def _came(self, changes: Changes) -> None:
        if FOLDED_ANEW in changes.kinds:
            changes.incidents |= self._open.keys()
            changes.incidents |= {row[0] for row in self._reader.rows("SELECT incident FROM incidents_now WHERE open")}
        if changes.incidents:
            self.refresh(changes.incidents)

    def refresh(self, ids: Iterable[str]) -> None:
        """Fold these incidents again. Each is shown, and rings, whatever is wrong with one of them."""
        for id in ids:
            incident = folded(self._reader.rows(
                f"SELECT {STEP} FROM incidents_facts f WHERE incident = ? ORDER BY {DISTRICTS_ORDER}", (id,)
            ))  # fmt: skip
            if incident is not None and incident.open:
                self._open[id] = incident
            else:
                self._open.pop(id, None)
            self._called_in.discard(id)
            self._quiet.pop(id, None)
            if incident is not None:
                try:
                    self._look_for_oneself(incident)
                except Exception:
                    log.exception("what incident %s is to whoever sits here", id)
        self._by_elder = {}
        for incident in self._open.values():
            self._by_elder.setdefault(incident.elder, []).append(incident)

    def _look_for_oneself(self, incident: Incident) -> None:
        if self._is_called_in(incident):
            self._called_in.add(incident.id)
        if (until := quiet_until(self._reader, incident, self.actor.id)) is not None:
            self._quiet[incident.id] = until
        if incident.open:
            self._confirm(incident)

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
        if (until := self._quiet.get(incident.id)) is not None and self._replica.now() < until:
            return False
        anew = incident.severity <= Severity.P2 and incident.rings > incident.rings_heard
        return anew or incident.id in self._called_in or (grave(incident) and self.actor.id not in incident.accepted_by)

    def work(self, id: str) -> Work | None:
        """Everything about one incident; None where it is not known here."""
        rows = self._reader.query(
            f"SELECT {STEP}, f.by, f.device, f.epoch, f.seq FROM incidents_facts f WHERE incident = ?"
            f" ORDER BY {DISTRICTS_ORDER}", (id,)
        )  # fmt: skip
        incident = folded([(r["id"], r["kind"], r["at"], r["payload"], r["received"], r["hlc"]) for r in rows])
        if incident is None:
            return None
        mine, epoch, acked = self._journal_state()
        refused = {event.id for event in incident.refused}
        gone = withdrawn((r["id"], r["kind"], r["payload"]) for r in rows if r["id"] not in refused)
        steps = tuple(
            Step(
                r["id"], r["kind"], r["by"], from_ms(r["at"]), json.loads(r["payload"] or "{}"),
                pending=(r["device"], r["epoch"]) == (mine, epoch) and r["seq"] > acked,
                refused=r["id"] in refused,
                overtaken=r["id"] in incident.overtaken,
                withdrawn=r["id"] in gone,
            )
            for r in rows
        )  # fmt: skip
        person = self._replica.people.find(incident.elder)
        opened = next((step.payload for step in steps if step.kind == OPENED), {})
        place = str(opened.get("place") or (person.profile.flat if person else ""))
        those = tuple(replace(one, level=incident.asks(one.level)) for one in told(steps))
        return Work(incident, person, place, steps, those, next_level(incident))

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
        if incident is None:
            return frozenset()
        found = allowed(incident, self.actor)
        return found if self.mergeable(id) else found - {MERGED}

    def gradable(self, id: str) -> tuple[Severity, ...]:
        """The severities that whoever sits here may give it now."""
        incident = self._open.get(id)
        return () if incident is None else gradable(incident, self.actor)

    def mergeable(self, id: str) -> list[Incident]:
        """The open incidents about the same elder that it may be part of: the district undoes any other merge."""
        mine = self._open.get(id)
        if mine is None:
            return []
        return [i for i in self.open() if i.elder == mine.elder and i.id != id and takes_in(i, mine)]

    def withdraw(self, id: str) -> None:
        """Take one's own last answer back."""
        incident = self._open.get(id)
        if incident is not None and (step := last_answer(incident, self.actor.id)):
            self.step(id, STEP_WITHDRAWN, step=step)

    def approve(self, id: str) -> None:
        """Give the time that somebody has asked for."""
        incident = self._open.get(id)
        if incident is not None and incident.extension_asked is not None:
            self.step(id, EXTENDED, until=to_ms(incident.extension_asked[0]))

    def waits_for_time(self, id: str) -> bool:
        """Whether somebody has asked for more time for it, and nobody has said yes."""
        incident = self._open.get(id)
        return incident is not None and incident.extension_asked is not None

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
        self, wanted: HistoryFilter, before: tuple[int, str] | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """A page of incidents, newest first; `before` is (opened, incident) of the last row seen."""
        return history.page(self._reader, wanted, before, limit)

    def colleagues(self) -> list[tuple[str, str]]:
        """(id, name) of those who work here, and of whoever has worked on incidents, as far as names can be read here."""
        rows = self._reader.rows(
            "SELECT DISTINCT by FROM incidents_facts UNION SELECT DISTINCT leader FROM incidents_now"
        )
        ids = {row[0] for row in rows if row[0]} | self._replica.colleague_names.keys()
        found = {id: name for id in ids if (name := self._replica.known_name(id))}
        return sorted(found.items(), key=lambda pair: pair[1])
