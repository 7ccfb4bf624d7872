"""The tables of a node's journal, and how an older file becomes a newer one."""

from typing import Any

from sqlite_utils.migrations import Migrations

VERSION = 3  # PRAGMA user_version; raise it with every migration

migrations = Migrations("journal")


@migrations()
def m001_journal(db: Any) -> None:
    for statement in (
        """CREATE TABLE facts (
            rowid INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            device TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
            kind TEXT NOT NULL, schema INTEGER NOT NULL,
            community TEXT NOT NULL, subject TEXT,
            at INTEGER NOT NULL, clock TEXT NOT NULL, hlc TEXT NOT NULL,
            digest TEXT NOT NULL,
            chain TEXT,                -- own facts only: hash over the envelopes so far
            received INTEGER NOT NULL, -- own facts: when appended; others': the district's time of receipt
            trusted INTEGER NOT NULL
        )""",
        # Not unique: after a fork, both the facts that were superseded here and the original's stand under a number.
        "CREATE INDEX facts_seq ON facts (device, epoch, seq)",
        "CREATE INDEX facts_subject ON facts (subject, at) WHERE subject IS NOT NULL",
        "CREATE INDEX facts_kind ON facts (kind, at)",
        """CREATE TABLE payloads (
            fact INTEGER PRIMARY KEY REFERENCES facts (rowid),
            salt BLOB, body BLOB
        )""",
        """CREATE TRIGGER facts_immutable BEFORE UPDATE ON facts
           BEGIN SELECT RAISE(ABORT, 'an envelope is immutable'); END""",
        """CREATE TRIGGER facts_kept BEFORE DELETE ON facts
           BEGIN SELECT RAISE(ABORT, 'an envelope is kept'); END""",
        """CREATE TRIGGER payloads_only_erased BEFORE UPDATE ON payloads
           WHEN NEW.body IS NOT NULL OR NEW.salt IS NOT NULL
           BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
        """CREATE TRIGGER payloads_kept BEFORE DELETE ON payloads
           BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
        "CREATE TABLE segments (day TEXT PRIMARY KEY, last_seq INTEGER, head TEXT, signature BLOB)",
        # own facts of a fork that were recorded anew under the next epoch
        "CREATE TABLE superseded (fact INTEGER PRIMARY KEY REFERENCES facts (rowid))",
        "CREATE TABLE state (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
        "CREATE TABLE projections (name TEXT PRIMARY KEY, version INTEGER) WITHOUT ROWID",
    ):
        db.execute(statement)


@migrations()
def m002_places(db: Any) -> None:
    """Where the district has put a fact in its feed; own facts have no place until they come back down."""
    db.execute("CREATE TABLE places (fact INTEGER PRIMARY KEY REFERENCES facts (rowid), position INTEGER NOT NULL)")


@migrations()
def m003_leaving(db: Any) -> None:
    """Others' facts may go where they have left this node's scope, or came to harm here: named in `leaving`, and only then."""
    for statement in (
        "CREATE TABLE leaving (fact INTEGER PRIMARY KEY)",
        "DROP TRIGGER facts_kept",
        "DROP TRIGGER payloads_kept",
        """CREATE TRIGGER facts_kept BEFORE DELETE ON facts WHEN OLD.rowid NOT IN (SELECT fact FROM leaving)
           BEGIN SELECT RAISE(ABORT, 'an envelope is kept'); END""",
        """CREATE TRIGGER payloads_kept BEFORE DELETE ON payloads WHEN OLD.fact NOT IN (SELECT fact FROM leaving)
           BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
    ):
        db.execute(statement)
