"""Passages as rows that can be paged and filtered by the hundred thousand, and what reviewers said of them."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from domain.passages import Ruling
from domain.verdicts import Standing, standing
from offline.journal.projections import StoredFact

PASSAGE = "passage.recorded"
LETS_IN, GATE_FAILED = (Ruling.GRANTED, Ruling.FIRE), "gate_failed"
VERDICT, WITHDRAWN = "verdict.given", "verdict.withdrawn"


class GateLogProjection:
    """gatelog_passages: one row a passage, numbers only (details stay in the payload); `kept_out` is why the gate stayed shut for
    somebody it knew, or for a card, PIN or pass. gatelog_verdicts: one a reader.
    gatelog_standing: how each passage that somebody has looked at stands, so that a queue is found without counting.
    """

    name = "gatelog"
    version = 4
    kinds = frozenset({PASSAGE, VERDICT, WITHDRAWN})

    def create(self, db: sqlite3.Connection) -> None:
        for statement in (
            "CREATE TABLE gatelog_passages (fact INTEGER PRIMARY KEY, at INTEGER, gate TEXT, direction TEXT, method TEXT,"
            " outcome TEXT, reason TEXT, person TEXT, score REAL, threshold REAL, liveness TEXT, quality REAL,"
            " kept_out TEXT)",
            "CREATE INDEX gatelog_at ON gatelog_passages (at)",
            "CREATE INDEX gatelog_person ON gatelog_passages (person, at) WHERE person IS NOT NULL",
            "CREATE INDEX gatelog_outcome ON gatelog_passages (outcome, at) WHERE outcome <> 'identified'",
            "CREATE INDEX gatelog_kept_out ON gatelog_passages (at) WHERE kept_out <> ''",
            "CREATE TABLE gatelog_verdicts (passage INTEGER, by TEXT, verdict TEXT, at INTEGER, fact INTEGER,"
            " PRIMARY KEY (passage, by)) WITHOUT ROWID",
            "CREATE TABLE gatelog_standing (passage INTEGER PRIMARY KEY, standing TEXT, verdict TEXT)",
            "CREATE INDEX gatelog_waiting ON gatelog_standing (standing)",
        ):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS gatelog_passages")
        db.execute("DROP TABLE IF EXISTS gatelog_verdicts")
        db.execute("DROP TABLE IF EXISTS gatelog_standing")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if p is None:
            db.execute("DELETE FROM gatelog_passages WHERE fact = ?", (fact.rowid,))
            gone = db.execute("DELETE FROM gatelog_verdicts WHERE fact = ? RETURNING passage", (fact.rowid,)).fetchall()
            for (passage,) in gone:
                self._stand(db, passage)
        elif e.kind in (VERDICT, WITHDRAWN):
            row = db.execute("SELECT rowid FROM facts WHERE id = ?", (p.get("passage"),)).fetchone()
            if row and e.kind == WITHDRAWN:
                db.execute(
                    "DELETE FROM gatelog_verdicts WHERE passage = ? AND by = ? AND at <= ?",
                    (row[0], p.get("by", ""), e.at),
                )
                self._stand(db, row[0])
            elif row:
                db.execute(
                    "INSERT INTO gatelog_verdicts VALUES (?, ?, ?, ?, ?) ON CONFLICT (passage, by) DO UPDATE SET"
                    " verdict = excluded.verdict, at = excluded.at, fact = excluded.fact WHERE excluded.at >= at",
                    (row[0], p.get("by", ""), p["verdict"], e.at, fact.rowid),
                )
                self._stand(db, row[0])
        else:
            scores, quality = p.get("scores") or [], p.get("quality") or {}
            db.execute(
                "INSERT OR REPLACE INTO gatelog_passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (fact.rowid, e.at, p.get("gate"), p.get("direction"), p.get("method"), p.get("outcome"), p.get("reason"),
                 e.subject, scores[0] if scores else None, p.get("threshold"), p.get("liveness"), quality.get("unified"),
                 _kept_out(p)),
            )  # fmt: skip

    @staticmethod
    def _stand(db: sqlite3.Connection, passage: int) -> None:
        said = [row[0] for row in db.execute("SELECT verdict FROM gatelog_verdicts WHERE passage = ?", (passage,))]
        stands, verdict = standing(said)
        if stands is Standing.OPEN:
            db.execute("DELETE FROM gatelog_standing WHERE passage = ?", (passage,))
        else:
            db.execute("INSERT OR REPLACE INTO gatelog_standing VALUES (?, ?, ?)", (passage, stands, verdict))


def _kept_out(passage: Mapping[str, Any]) -> str:
    """'' where the gate opened, or knew nobody whom it could have let in."""
    ruling = passage.get("ruling")
    if ruling in LETS_IN:
        return GATE_FAILED if passage.get("gate_did") == "failed" else ""
    return str(ruling or passage.get("refused") or "")
