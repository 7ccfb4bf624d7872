"""Incidents as tables: their facts in the order they are folded, and what they add up to."""

import json
import sqlite3
from typing import Any

from domain.clock import Hlc
from domain.events import to_ms
from domain.incident import Event, Incident
from domain.incident_kinds import FINAL, OPENED
from domain.incidents import fold
from offline.journal.projections import StoredFact
from offline.letters.put_aside import PUT_ASIDE

# By the district's feed. A step of this desk that is not there yet stands where it was taken: what comes after it may ring.
DISTRICTS_ORDER = (
    "coalesce(f.position, (SELECT max(e.position) FROM incidents_facts e WHERE e.incident = f.incident AND e.fact < f.fact)),"
    " f.position IS NULL, f.fact"
)
# A row as `folded` takes it. A step of this desk came to the district after what stands before it there.
STEP = (
    "f.id, f.kind, f.at, f.payload, CASE WHEN f.device = (SELECT value FROM state WHERE key = 'device')"
    " THEN coalesce((SELECT max(f.received, e.received) FROM incidents_facts e WHERE e.incident = f.incident"
    " AND e.position < f.position ORDER BY e.position DESC LIMIT 1), f.received) ELSE f.received END AS received, f.hlc"
)


class IncidentsProjection:
    """incidents_facts: one row a fact. incidents_now: one row an incident, for lists, counts and history."""

    name = "incidents"
    version = 7
    kinds = frozenset({"incident.*", "notice.*", PUT_ASIDE})

    def create(self, db: sqlite3.Connection) -> None:
        for statement in (
            "CREATE TABLE incidents_facts (fact INTEGER PRIMARY KEY, id TEXT, incident TEXT, kind TEXT, by TEXT, at INTEGER,"
            " received INTEGER, device TEXT, epoch INTEGER, seq INTEGER, payload TEXT, position INTEGER, hlc TEXT)",
            "CREATE INDEX incidents_facts_incident ON incidents_facts (incident, fact)",
            "CREATE TABLE incidents_now (incident TEXT PRIMARY KEY, elder TEXT, kind TEXT, severity INTEGER, state TEXT,"
            " opened INTEGER, open INTEGER, exercise INTEGER, confirmed INTEGER, accepted INTEGER, on_scene INTEGER,"
            " closed INTEGER, level INTEGER, leader TEXT, place TEXT, rings_on INTEGER)",
            "CREATE INDEX incidents_now_opened ON incidents_now (opened)",
            "CREATE INDEX incidents_now_elder ON incidents_now (elder, opened)",
            "CREATE INDEX incidents_now_open ON incidents_now (open) WHERE open",
        ):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS incidents_facts")
        db.execute("DROP TABLE IF EXISTS incidents_now")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if e.kind == PUT_ASIDE:
            self._take_out(db, p or {})
            return
        if p is None:  # erased: what it added stays in the state, its words go
            db.execute("UPDATE incidents_facts SET payload = NULL WHERE fact = ?", (fact.rowid,))
            return
        incident = p.get("incident")
        if not incident:
            return
        if e.kind == OPENED and e.subject and not p.get("elder"):
            p = {**p, "elder": e.subject}
        db.execute(
            "INSERT OR REPLACE INTO incidents_facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (fact.rowid, e.id, incident, e.kind, str(p.get("by", "system")), e.at, fact.received, e.device, e.epoch,
             e.seq, json.dumps(p, ensure_ascii=False), fact.position, e.hlc),
        )  # fmt: skip
        self._fold(db, incident)

    def placed(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        """A step of this desk's own now has its place among those of others, and may mean something else there; or was put aside
        and is taken after all."""
        self.apply(db, fact)

    def _take_out(self, db: sqlite3.Connection, told: dict[str, Any]) -> None:
        """A step that the district did not take changes nothing here either."""
        number = (str(told.get("device")), int(told.get("epoch", 0)), int(told.get("seq", 0)))
        gone = db.execute(
            "DELETE FROM incidents_facts WHERE device = ? AND epoch = ? AND seq = ? AND position IS NULL"
            " RETURNING incident",
            number,
        ).fetchall()
        for (incident,) in gone:
            self._fold(db, incident)

    def _fold(self, db: sqlite3.Connection, incident: str) -> None:
        rows = db.execute(
            f"SELECT {STEP} FROM incidents_facts f WHERE incident = ? ORDER BY {DISTRICTS_ORDER}",
            (incident,),
        ).fetchall()
        now = folded(rows)
        if now is None:
            return
        place = next(json.loads(r[3]).get("place") for r in rows if r[1] == OPENED and r[3] is not None)
        db.execute(
            "INSERT OR REPLACE INTO incidents_now VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (now.id, now.elder, now.kind, int(now.severity), now.state, to_ms(now.opened_at), now.state not in FINAL,
             now.exercise, now.confirmed, _ms(now.accepted_at), _ms(now.on_scene_at), _ms(now.closed_at), int(now.level),
             now.leader, str(place or ""), now.rings > now.rings_heard),
        )  # fmt: skip


def folded(rows: list[tuple[str, str, int, str | None, int, str]]) -> Incident | None:
    """The incident of rows of `STEP`; an opening whose payload was erased opens nothing."""
    return fold(
        Event.of(
            kind,
            None if payload is None else json.loads(payload),
            at,
            id,
            received,
            said=min(hlc, str(Hlc(received, 0xFFFF))),
        )
        for id, kind, at, payload, received, hlc in rows
        if payload is not None or kind != OPENED
    )


def _ms(at: Any) -> int | None:
    return None if at is None else to_ms(at)
