"""The tables of the district on SQLite, and how an older file becomes a newer one."""

from typing import Any

from sqlite_utils.migrations import Migrations

from district.store.registry_schema import REGISTRY, VIA

VERSION = 5  # PRAGMA user_version; raise it with every migration

migrations = Migrations("district")


SHELF = 15  # bits: so many facts in a row, 32,768, share a shelf of the index of people
# An index of people over all facts has a page of its own for every insert once it is large; one shelf of it is small enough to stay
# in memory, and of those before it only what is asked for is read (docs/decisions/0068).
BY_PERSON = f"CREATE INDEX facts_subject ON facts (row >> {SHELF}, subject, at) WHERE subject IS NOT NULL"
# Facts of a person are looked for shelf by shelf: as a table, with `subject = ?` to follow.
OF_PERSON = (
    "(WITH RECURSIVE shelves(shelf) AS (SELECT 0 UNION ALL SELECT shelf + 1 FROM shelves"
    f" WHERE shelf < (SELECT max(row) >> {SHELF} FROM facts)) SELECT shelf FROM shelves)"
    f" CROSS JOIN facts ON row >> {SHELF} = shelf"
)

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE facts (
        row INTEGER PRIMARY KEY,
        position INTEGER NOT NULL,      -- in the feed of its community, without gaps
        id TEXT NOT NULL UNIQUE,
        device TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        kind TEXT NOT NULL, schema INTEGER NOT NULL, community TEXT NOT NULL, subject TEXT,
        at INTEGER NOT NULL, clock TEXT NOT NULL, hlc TEXT NOT NULL, digest BLOB NOT NULL,
        hash BLOB NOT NULL,
        received INTEGER NOT NULL, trusted INTEGER NOT NULL, lane INTEGER NOT NULL
    )""",
    "CREATE UNIQUE INDEX facts_key ON facts (device, epoch, seq)",
    "CREATE UNIQUE INDEX facts_feed ON facts (community, lane, position)",
    "CREATE INDEX facts_subject ON facts (subject, at) WHERE subject IS NOT NULL",
    "CREATE TABLE payloads (fact INTEGER PRIMARY KEY, salt BLOB, body BLOB)",
    # second bodies under an id that was taken: kept and shown, never in force
    """CREATE TABLE evidence (
        device TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, fact TEXT NOT NULL,
        salt BLOB, body BLOB, PRIMARY KEY (device, epoch, seq)
    ) WITHOUT ROWID""",
    """CREATE TABLE quarantine (
        device TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, raw BLOB NOT NULL,
        received INTEGER NOT NULL, PRIMARY KEY (device, epoch, seq)
    ) WITHOUT ROWID""",
    """CREATE TABLE streams (
        device TEXT NOT NULL, epoch INTEGER NOT NULL, through INTEGER NOT NULL, greatest INTEGER NOT NULL,
        PRIMARY KEY (device, epoch)
    ) WITHOUT ROWID""",
    "CREATE TABLE feeds (community TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TRIGGER facts_immutable BEFORE UPDATE ON facts
       BEGIN SELECT RAISE(ABORT, 'an envelope is immutable'); END""",
    """CREATE TRIGGER facts_kept BEFORE DELETE ON facts
       BEGIN SELECT RAISE(ABORT, 'an envelope is kept'); END""",
    """CREATE TRIGGER payloads_only_erased BEFORE UPDATE ON payloads
       WHEN NEW.body IS NOT NULL OR NEW.salt IS NOT NULL
       BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
    """CREATE TRIGGER payloads_kept BEFORE DELETE ON payloads
       BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
    *REGISTRY,
)


@migrations()
def m001_district(db: Any) -> None:
    for statement in STATEMENTS:
        db.execute(statement)


@migrations()
def m002_hubs(db: Any) -> None:
    db.execute(VIA)


# A row that is being mended may change; nothing else may (docs/decisions/0076).
MENDING = (
    "CREATE TABLE mending (row INTEGER PRIMARY KEY)",
    "DROP TRIGGER facts_immutable",
    """CREATE TRIGGER facts_immutable BEFORE UPDATE ON facts WHEN OLD.row NOT IN (SELECT row FROM mending)
       BEGIN SELECT RAISE(ABORT, 'an envelope is immutable'); END""",
    "DROP TRIGGER payloads_only_erased",
    """CREATE TRIGGER payloads_only_erased BEFORE UPDATE ON payloads
       WHEN (NEW.body IS NOT NULL OR NEW.salt IS NOT NULL) AND OLD.fact NOT IN (SELECT row FROM mending)
       BEGIN SELECT RAISE(ABORT, 'a payload can only be erased'); END""",
)


@migrations()
def m003_shelves(db: Any) -> None:
    db.execute("DROP INDEX IF EXISTS facts_subject")
    db.execute(BY_PERSON)


@migrations()
def m004_mending(db: Any) -> None:
    for statement in MENDING:
        db.execute(statement)


# The ladder of an incident is its community's, whoever else writes under its id (docs/decisions/0063).
_LADDER = "incident, community, elder, phase, round, round_at, phase_at, from_level, position, informed, due, rev"
LADDERS = (
    "ALTER TABLE ladder_rows RENAME TO ladder_rows_before",
    """CREATE TABLE ladder_rows (
        incident TEXT NOT NULL, community TEXT NOT NULL, elder TEXT NOT NULL, phase TEXT NOT NULL, round BIGINT NOT NULL,
        round_at BIGINT, phase_at BIGINT, from_level BIGINT NOT NULL, position BIGINT NOT NULL, informed BIGINT NOT NULL,
        due BIGINT, rev BIGINT NOT NULL, PRIMARY KEY (incident, community)
    )""",
    f"INSERT INTO ladder_rows ({_LADDER}) SELECT {_LADDER} FROM ladder_rows_before",
    "DROP TABLE ladder_rows_before",
)


@migrations()
def m005_ladders(db: Any) -> None:
    for statement in LADDERS if db["ladder_rows"].exists() else ():  # the ladder lays its tables itself
        db.execute(statement)
