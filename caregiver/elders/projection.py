"""Signs of life, care plans, devices and visits of the elders in this desk's scope, as tables."""

import json
import sqlite3

from offline.journal.projections import StoredFact, read_payload
from offline.letters.notes import VIEWED
from watch.ledger import Seen, as_said, seen
from watch.plans import PROPOSED, REFUSED
from watch.plans import SET as PLAN
from watch.signs import BLIND, REGISTERED, REMOVED, SOURCE_FACTS, sign_of_life

CHECKIN = "checkin.pressed"
PASSAGE = "passage.recorded"
VISIT = "visit.recorded"
BATTERY = "device.battery"


class EldersProjection:
    """Tables elders_signs, _last (the newest sign of a person that clears anything), _plans (in force), _proposals, _devices,
    _sources (which facts tell of a home's devices), _visits, _looked."""

    name = "elders"
    version = 5
    kinds = frozenset(
        {REGISTERED, REMOVED, "sign.*", "checkin.*", "careplan.*", "visit.*", "device.*", "record.*", PASSAGE}
    )

    def create(self, db: sqlite3.Connection) -> None:
        for statement in (
            "CREATE TABLE elders_signs (fact INTEGER PRIMARY KEY, person TEXT, at INTEGER, kind TEXT, place TEXT,"
            " device TEXT, trusted INTEGER, sign TEXT, amount REAL)",
            "CREATE INDEX elders_signs_person ON elders_signs (person, at)",
            "CREATE TABLE elders_last (person TEXT PRIMARY KEY, at INTEGER, kind TEXT, place TEXT) WITHOUT ROWID",
            "CREATE TABLE elders_plans (person TEXT PRIMARY KEY, plan TEXT, revision INTEGER, hlc TEXT, at INTEGER,"
            " id TEXT)",
            # `answer`: NULL while the district has not answered, '' taken, else why it was refused
            "CREATE TABLE elders_proposals (id TEXT PRIMARY KEY, fact INTEGER, person TEXT, by TEXT, plan TEXT, answer TEXT)",
            "CREATE INDEX elders_proposals_person ON elders_proposals (person, by)",
            "CREATE TABLE elders_devices (community TEXT, device TEXT, person TEXT, kind TEXT, place TEXT, battery INTEGER,"
            " blind INTEGER DEFAULT 0, blind_since INTEGER, seen INTEGER, since INTEGER, battery_at INTEGER,"
            " PRIMARY KEY (community, device))",
            "CREATE INDEX elders_devices_person ON elders_devices (person)",
            "CREATE TABLE elders_sources (fact INTEGER PRIMARY KEY, person TEXT, community TEXT, device TEXT, said TEXT)",
            "CREATE INDEX elders_sources_person ON elders_sources (person)",
            "CREATE INDEX elders_sources_device ON elders_sources (community, device, said)",
            "CREATE TABLE elders_visits (fact INTEGER PRIMARY KEY, person TEXT, at INTEGER, by TEXT, how TEXT, note TEXT,"
            " photo TEXT)",
            "CREATE INDEX elders_visits_person ON elders_visits (person, at)",
            "CREATE TABLE elders_looked (fact INTEGER PRIMARY KEY, person TEXT, at INTEGER, by TEXT, what TEXT, why TEXT)",
            "CREATE INDEX elders_looked_person ON elders_looked (person, at)",
        ):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        for table in ("signs", "last", "plans", "proposals", "devices", "sources", "visits", "looked"):
            db.execute(f"DROP TABLE IF EXISTS elders_{table}")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload or {}
        family = e.kind.partition(".")[0]
        if e.kind == PASSAGE:
            if e.subject and (passed := sign_of_life(seen(fact))) is not None and passed.clears:
                self._last(db, fact, str(p.get("gate", "")))
        elif family in ("sign", "checkin"):
            self._sign(db, fact)
        elif e.kind == PLAN:
            self._plan(db, fact)
            if p.get("proposal"):
                self._answered(db, fact, "")
        elif e.kind == PROPOSED:
            self._proposed(db, fact)
        elif e.kind == REFUSED:
            self._answered(db, fact, str(p.get("because") or "unreadable"))
        elif family in ("device", "home"):
            self._device(db, fact)
        elif e.kind == VISIT:
            values = (fact.rowid, e.subject, e.at, p.get("by"), p.get("how"), p.get("note"), p.get("photo"))
            db.execute("INSERT OR REPLACE INTO elders_visits VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self._sign(db, fact)
        elif e.kind == VIEWED:
            looked = (fact.rowid, e.subject, e.at, p.get("by"), p.get("what"), p.get("why"))
            db.execute("INSERT OR REPLACE INTO elders_looked VALUES (?, ?, ?, ?, ?, ?)", looked)

    def _sign(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload or {}
        sign = sign_of_life(seen(fact))
        if not e.subject or sign is None:
            return
        place, device = str(p.get("place", p.get("room", ""))), str(p.get("device", ""))
        db.execute(
            "INSERT OR REPLACE INTO elders_signs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fact.rowid,
                e.subject,
                min(e.at, fact.received),
                e.kind,
                place,
                device,
                sign.trusted,
                sign.kind,
                sign.amount,
            ),
        )
        if sign.clears:
            self._last(db, fact, place)
        if device:
            self._seen(db, fact, device)

    @staticmethod
    def _seen(db: sqlite3.Connection, fact: StoredFact, device: str) -> None:
        db.execute(
            "UPDATE elders_devices SET seen = max(coalesce(seen, 0), ?) WHERE community = ? AND device = ?",
            (min(fact.envelope.at, fact.received), fact.envelope.community, device),
        )

    def _last(self, db: sqlite3.Connection, fact: StoredFact, place: str) -> None:
        e = fact.envelope
        db.execute(
            "INSERT INTO elders_last VALUES (?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET at = excluded.at,"
            " kind = excluded.kind, place = excluded.place WHERE excluded.at > at",
            (e.subject, min(e.at, fact.received), e.kind, place),
        )

    def _plan(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if p is None:
            db.execute("DELETE FROM elders_plans WHERE person = ? AND hlc = ?", (e.subject, e.hlc))
            return
        db.execute(
            "INSERT INTO elders_plans VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET plan = excluded.plan,"
            " revision = excluded.revision, hlc = excluded.hlc, at = excluded.at, id = excluded.id"
            " WHERE (excluded.revision, excluded.hlc) > (revision, hlc)",
            (e.subject, json.dumps(p, ensure_ascii=False), int(p.get("revision", 1)), e.hlc, e.at, e.id),
        )

    def _proposed(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if p is None:
            db.execute("UPDATE elders_proposals SET plan = NULL WHERE id = ?", (e.id,))
            return
        plan = json.dumps({k: v for k, v in p.items() if k != "base"}, ensure_ascii=False)
        db.execute(
            "INSERT INTO elders_proposals VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET fact = excluded.fact,"
            " person = excluded.person, by = excluded.by, plan = excluded.plan",
            (e.id, fact.rowid, e.subject, str(p.get("by", "")), plan),
        )

    def _answered(self, db: sqlite3.Connection, fact: StoredFact, answer: str) -> None:
        proposal = str((fact.payload or {}).get("proposal", ""))
        db.execute(
            "INSERT INTO elders_proposals (id, answer) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET answer = excluded.answer",
            (proposal, answer),
        )

    def _device(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        word = seen(fact)
        device = str(word.payload.get("device", ""))
        if not device:
            return
        of = (word.community, device)
        newest = db.execute("SELECT max(said) FROM elders_sources WHERE community = ? AND device = ?", of).fetchone()[0]
        if word.kind in SOURCE_FACTS:
            told = (fact.rowid, word.subject, *of, word.said)
            db.execute("INSERT OR REPLACE INTO elders_sources VALUES (?, ?, ?, ?, ?)", told)
            if word.said < (newest or ""):
                self._tell_anew(db, *of)
            else:
                self._word(db, word, device)
        elif newest is None:  # else it stands where that was said, and not where it reports from
            self._put(db, word, device)
        if word.kind == BATTERY:
            level = word.payload.get("percent", word.payload.get("level"))
            db.execute(
                "UPDATE elders_devices SET battery = ?, battery_at = ? WHERE community = ? AND device = ?"
                " AND coalesce(battery_at, 0) <= ?",
                (level, word.at, *of, word.at),
            )
            self._seen(db, fact, device)

    def _tell_anew(self, db: sqlite3.Connection, *of: str) -> None:
        """A word came that is older than others about the device: all of them once more, in the order in which they were said."""
        kept = db.execute(
            "DELETE FROM elders_devices WHERE community = ? AND device = ? RETURNING battery, battery_at, seen", of
        ).fetchone()
        for word in as_said(about(db, *of)):
            self._word(db, word, of[1])
        if kept is not None:
            sql = "UPDATE elders_devices SET battery = ?, battery_at = ?, seen = ? WHERE community = ? AND device = ?"
            db.execute(sql, (*kept, *of))

    def _word(self, db: sqlite3.Connection, word: Seen, device: str) -> None:
        """Where a device stands after this word, and whether it is blind."""
        if word.kind == REMOVED:
            where = (word.community, device, word.subject)
            db.execute("DELETE FROM elders_devices WHERE community = ? AND device = ? AND person = ?", where)
            return
        self._put(db, word, device)
        if word.kind == BLIND:
            blind = bool(word.payload.get("blind", True))
            since = word.payload.get("since", word.at) if blind else None
            db.execute(
                "UPDATE elders_devices SET blind = ?, blind_since = ? WHERE community = ? AND device = ?",
                (blind, since, word.community, device),
            )

    @staticmethod
    def _put(db: sqlite3.Connection, word: Seen, device: str) -> None:
        said = word.payload
        db.execute(
            "INSERT INTO elders_devices (community, device, person, kind, place, since) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (community, device) DO UPDATE SET person = coalesce(excluded.person, person),"
            " kind = coalesce(nullif(excluded.kind, ''), kind), place = coalesce(nullif(excluded.place, ''), place)",
            (word.community, device, word.subject, str(said.get("kind", "")), str(said.get("place", said.get("room", ""))),
             word.at),
        )  # fmt: skip


def about(db: sqlite3.Connection, community: str, device: str) -> list[Seen]:
    """What was told of where a device stands and whether it is blind."""
    rows = db.execute(
        "SELECT f.rowid, f.id, f.kind, f.community, f.subject, f.at, f.received, f.trusted, p.body, f.hlc, f.device"
        " FROM elders_sources s JOIN facts f ON f.rowid = s.fact JOIN payloads p ON p.fact = s.fact"
        " WHERE s.community = ? AND s.device = ?",
        (community, device),
    )
    return [
        Seen(row, id, kind, where, person, at, received, bool(trusted), read_payload(body) or {}, hlc, by)
        for row, id, kind, where, person, at, received, trusted, body, hlc, by in rows
    ]
