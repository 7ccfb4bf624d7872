"""What was done at this desk and not taken by the district: left out of what stands, and told to whoever sits here. No Qt."""

import sqlite3
from dataclasses import dataclass

from caregiver.memory.reading import Reader
from offline.journal.projections import StoredFact
from offline.letters.put_aside import PUT_ASIDE, UNREADABLE
from offline.roster import REGISTERED
from watch.plans import REFUSED as PLAN_REFUSED

ANSWERS = frozenset({PUT_ASIDE, PLAN_REFUSED, REGISTERED})
OVERTAKEN = "overtaken"  # two desks corrected somebody at once: one of the two stands


class RefusalsProjection:
    """Table refusals: own facts that were put aside. They are superseded: a rebuild of the projections leaves them out. And own
    corrections of somebody that another desk's of the same moment has overtaken."""

    name = "refusals"
    version = 3
    kinds = ANSWERS | frozenset({"config.*", "home.*", "verdict.*", "margin.*", "person.*", "incident.*"})

    def create(self, db: sqlite3.Connection) -> None:
        # `fact` is the district's answer; `about` the fact that was not taken, by its row
        db.execute("CREATE TABLE refusals (fact INTEGER PRIMARY KEY, about INTEGER, because TEXT)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS refusals")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        told = fact.payload or {}
        if fact.envelope.kind == PUT_ASIDE:
            which = "device = ? AND epoch = ? AND seq = ?"
            about = self._own(db, which, str(told.get("device")), int(told.get("epoch", 0)), int(told.get("seq", 0)))
            if about is not None:
                db.execute("INSERT OR IGNORE INTO superseded VALUES (?)", (about,))
        elif fact.envelope.kind == PLAN_REFUSED:  # a proposal stands for nothing until it is taken
            about = self._own(db, "id = ?", str(told.get("proposal")))
        elif fact.envelope.kind == REGISTERED:
            self._overtake(db, fact, told.get("revision"))
            return
        else:
            return
        if about is not None:
            why = str(told.get("because") or UNREADABLE)
            db.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)", (fact.rowid, about, why))

    @staticmethod
    def _overtake(db: sqlite3.Connection, fact: StoredFact, revision: object) -> None:
        """Both were made from what stood before them; by the roster's rule the later one of the two holds."""
        db.execute(
            "INSERT OR REPLACE INTO refusals SELECT ?, f.rowid, ? FROM facts f JOIN payloads p ON p.fact = f.rowid"
            " WHERE f.subject = ? AND f.kind = ? AND f.chain IS NOT NULL AND f.hlc < ?"
            " AND json_valid(p.body) AND json_extract(p.body, '$.revision') = ? ORDER BY f.hlc DESC LIMIT 1",
            (fact.rowid, OVERTAKEN, fact.envelope.subject, REGISTERED, fact.envelope.hlc, revision),
        )

    @staticmethod
    def _own(db: sqlite3.Connection, which: str, *bound: object) -> int | None:
        """The row of an own fact that is not in the district's feed: what was taken after all is not left out again."""
        found = db.execute(
            f"SELECT rowid FROM facts WHERE {which} AND chain IS NOT NULL AND rowid NOT IN (SELECT fact FROM places)",
            bound,
        ).fetchone()
        return int(found[0]) if found else None

    def placed(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        """The district has taken it after all."""
        if db.execute("DELETE FROM refusals WHERE about = ? AND because <> ?", (fact.rowid, OVERTAKEN)).rowcount:
            db.execute("DELETE FROM superseded WHERE fact = ?", (fact.rowid,))


def refused_steps(reader: Reader) -> list[tuple[str, str]]:
    """(incident, whom it is about) of every step of an incident that was not taken of this desk."""
    return reader.rows(
        "SELECT DISTINCT json_extract(p.body, '$.incident'), f.subject FROM refusals r CROSS JOIN facts f ON f.rowid = r.about"
        " CROSS JOIN payloads p ON p.fact = f.rowid WHERE f.kind GLOB 'incident.*' AND json_valid(p.body)"
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """`answered` and `at`, when it was done: ms; `kind` and `because` are codes."""

    answered: int
    at: int
    kind: str
    person: str | None
    because: str


def refused(reader: Reader, after: int = 0) -> list[Refused]:
    """What was done here and answered with a no later than `after`, ms; newest first."""
    rows = reader.rows(  # CROSS: from the few refusals; SQLite would go through every fact, over half a second at the start
        "SELECT a.received, f.at, f.kind, f.subject, r.because FROM refusals r CROSS JOIN facts f ON f.rowid = r.about"
        " CROSS JOIN facts a ON a.rowid = r.fact WHERE a.received > ? ORDER BY a.received DESC",
        (after,),
    )
    return [Refused(*row) for row in rows]
