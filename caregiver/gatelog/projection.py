"""Passages as rows that can be paged and filtered by the hundred thousand, and what reviewers said of them."""

import sqlite3

from offline.projections import StoredFact

PASSAGE = "passage.recorded"
VERDICT, WITHDRAWN = "verdict.given", "verdict.withdrawn"


class GateLogProjection:
    """gatelog_passages: one row a passage, numbers only (details stay in the payload). gatelog_verdicts: one a reader."""

    name = "gatelog"
    version = 2
    kinds = frozenset({PASSAGE, VERDICT, WITHDRAWN})

    def create(self, db: sqlite3.Connection) -> None:
        for statement in (
            "CREATE TABLE gatelog_passages (fact INTEGER PRIMARY KEY, at INTEGER, gate TEXT, direction TEXT, method TEXT,"
            " outcome TEXT, reason TEXT, person TEXT, score REAL, threshold REAL, liveness TEXT, quality REAL)",
            "CREATE INDEX gatelog_at ON gatelog_passages (at)",
            "CREATE INDEX gatelog_person ON gatelog_passages (person, at) WHERE person IS NOT NULL",
            "CREATE INDEX gatelog_outcome ON gatelog_passages (outcome, at) WHERE outcome <> 'identified'",
            "CREATE TABLE gatelog_verdicts (passage INTEGER, by TEXT, verdict TEXT, at INTEGER, fact INTEGER,"
            " PRIMARY KEY (passage, by)) WITHOUT ROWID",
        ):
            db.execute(statement)

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS gatelog_passages")
        db.execute("DROP TABLE IF EXISTS gatelog_verdicts")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if p is None:
            db.execute("DELETE FROM gatelog_passages WHERE fact = ?", (fact.rowid,))
            db.execute("DELETE FROM gatelog_verdicts WHERE fact = ?", (fact.rowid,))
        elif e.kind in (VERDICT, WITHDRAWN):
            row = db.execute("SELECT rowid FROM facts WHERE id = ?", (p.get("passage"),)).fetchone()
            if row and e.kind == WITHDRAWN:
                db.execute(
                    "DELETE FROM gatelog_verdicts WHERE passage = ? AND by = ? AND at <= ?",
                    (row[0], p.get("by", ""), e.at),
                )
            elif row:
                db.execute(
                    "INSERT INTO gatelog_verdicts VALUES (?, ?, ?, ?, ?) ON CONFLICT (passage, by) DO UPDATE SET"
                    " verdict = excluded.verdict, at = excluded.at, fact = excluded.fact WHERE excluded.at >= at",
                    (row[0], p.get("by", ""), p["verdict"], e.at, fact.rowid),
                )
        else:
            scores, quality = p.get("scores") or [], p.get("quality") or {}
            db.execute(
                "INSERT OR REPLACE INTO gatelog_passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (fact.rowid, e.at, p.get("gate"), p.get("direction"), p.get("method"), p.get("outcome"), p.get("reason"),
                 e.subject, scores[0] if scores else None, p.get("threshold"), p.get("liveness"), quality.get("unified")),
            )  # fmt: skip
