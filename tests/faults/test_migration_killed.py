"""SIGKILL in the middle of a migration, after any of its statements: the next start finishes it, with all that was in the file."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlite_utils

from district.ledger import StoreLedger
from district.reaching.handovers import Handovers
from district.reaching.ladder import LadderRunner
from district.store import sqlite_schema
from district.store.postgresql import PostgresqlStore
from district.store.sqlite import SqliteStore
from offline.journal import schema
from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from tests.district_ladder.conftest import Town
from watch.plans import FactPlans

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sqlite3, sys
import sqlite_utils
from {module} import migrations
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
left = int(sys.argv[2])
def statement(sql):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
db.set_trace_callback(statement)
migrations.apply(sqlite_utils.Database(db))
print("finished")
"""


def killed_after(module: str, path: Path, statements: int) -> bool:
    """Whether the migration was killed after so many statements; False where it had finished before."""
    told = subprocess.run(
        [sys.executable, "-c", KILLED.format(module=module), str(path), str(statements)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, env=dict(os.environ),
    )  # fmt: skip
    assert told.returncode in (0, -9), told.stderr
    return told.returncode == -9


@pytest.mark.parametrize("statements", [2, 5, 7, 9, 11, 13, 15, 18])
def test_a_journal_whose_migration_was_killed_opens_with_everything(tmp_path: Path, statements: int) -> None:
    path = tmp_path / "j.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        schema.migrations.apply(sqlite_utils.Database(db), stop_before="m002_places")
        db.execute(
            "INSERT INTO facts VALUES (1, 'a', 'g', 1, 1, 'x.y', 1, 'c', NULL, 5, 'synced', '0.0', 'd', '', 5, 1)"
        )
    db.close()
    killed_after("offline.journal.schema", path, statements)
    journal = Journal(path, NodeClock())
    try:
        assert [f.envelope.id for f in journal.facts()] == ["a"]
        journal.become("g", 1, "c")
        journal.append("x.y", {})
    finally:
        journal.close()


@pytest.mark.parametrize("statements", [2, 5, 7, 9, 11])
def test_a_district_whose_migration_was_killed_opens_with_everything(tmp_path: Path, statements: int) -> None:
    path = tmp_path / "d.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        sqlite_schema.migrations.apply(sqlite_utils.Database(db), stop_before="m002_hubs")
        db.execute("INSERT INTO notes VALUES ('kept', 'yes')")
    db.close()
    killed_after("district.store.sqlite_schema", path, statements)
    store = SqliteStore(path, "d0")
    try:
        assert store.read("SELECT value FROM notes WHERE key = 'kept'") == [("yes",)]
        assert store.read("SELECT via FROM devices") == []
    finally:
        store.close()


@pytest.mark.parametrize("statements", [2, 3, 4, 5, 6, 7, 8])
def test_people_are_found_after_a_kill_while_their_index_is_made_anew(tmp_path: Path, statements: int) -> None:
    """On every shelf of it; and an erasure reaches them all."""
    path = tmp_path / "d.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        sqlite_schema.migrations.apply(sqlite_utils.Database(db), stop_before="m003_shelves")
        for n, row in enumerate((1, 40_000, 100_000), 1):
            db.execute(
                "INSERT INTO facts VALUES (?, ?, ?, 'v', 1, ?, 'x.y', 1, 'c', 'p', 5, 'synced', '0.0', x'', x'', 5, 1, 0)",
                (row, n, f"{row:032x}", n),
            )
            db.execute("INSERT INTO payloads VALUES (?, x'00', x'7b7d')", (row,))
    db.close()
    killed_after("district.store.sqlite_schema", path, statements)
    store = SqliteStore(path, "d0")
    try:
        assert [i.event.seq for i in store.about("p")] == [1, 2, 3]
        assert store.about("q") == []
        plan = store.read(f"EXPLAIN QUERY PLAN SELECT row FROM {sqlite_schema.OF_PERSON} WHERE subject = 'p'")
        assert any("facts_subject" in row[3] for row in plan)
        assert store.erase("p", "c") == 3
    finally:
        store.close()


OLD_LADDERS = """CREATE TABLE ladder_rows (
    incident TEXT PRIMARY KEY, community TEXT NOT NULL, elder TEXT NOT NULL, phase TEXT NOT NULL, round BIGINT NOT NULL,
    round_at BIGINT, phase_at BIGINT, from_level BIGINT NOT NULL, position BIGINT NOT NULL, informed BIGINT NOT NULL,
    due BIGINT, rev BIGINT NOT NULL
)"""


@pytest.mark.parametrize("statements", [1, 2, 3, 4, 5, 6])
def test_ladders_go_on_after_a_kill_while_they_become_their_communitys(tmp_path: Path, statements: int) -> None:
    path = tmp_path / "d.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        sqlite_schema.migrations.apply(sqlite_utils.Database(db), stop_before="m005_ladders")
        db.execute(OLD_LADDERS)
        db.execute("CREATE INDEX ladder_rows_due ON ladder_rows (due) WHERE due IS NOT NULL")
        db.execute("INSERT INTO ladder_rows VALUES ('i', 'here', 'e', 'seek', 1, 5, 6, 0, 1, 2, 7, 3)")
    db.close()
    killed_after("district.store.sqlite_schema", path, statements)
    store = SqliteStore(path, "d0")
    try:
        LadderRunner(StoreLedger(store), store, Town(), Handovers(store, "run"), FactPlans())
        assert store.read("SELECT * FROM ladder_rows") == [("i", "here", "e", "seek", 1, 5, 6, 0, 1, 2, 7, 3)]
        copy = (
            "INSERT INTO ladder_rows SELECT incident, 'elsewhere', elder, phase, round, round_at, phase_at, from_level,"
        )
        store.write(lambda execute: execute(copy + " position, informed, due, rev FROM ladder_rows RETURNING incident"))
        indices = store.read("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'ladder_rows'")
        assert ("ladder_rows_due",) in indices
    finally:
        store.close()


def test_the_kill_does_fall_inside(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        schema.migrations.apply(sqlite_utils.Database(db), stop_before="m002_places")
    db.close()
    found = [killed_after("offline.journal.schema", path, n) for n in (3, 8)]
    assert found == [True, True]
    with sqlite3.connect(tmp_path / "d.sqlite", isolation_level=None) as db:
        sqlite_schema.migrations.apply(sqlite_utils.Database(db), stop_before="m003_shelves")
    db.close()
    found = [killed_after("district.store.sqlite_schema", tmp_path / "d.sqlite", n) for n in (3, 6)]
    assert found == [True, True]


KILLED_ON_POSTGRESQL = """
import os, signal, sys
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from district.store.postgresql_migrate import migrate
left = int(sys.argv[2])
@event.listens_for(Engine, "after_cursor_execute")
def statement(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
migrate(sys.argv[1])
"""


@pytest.mark.parametrize("statements", [2, 8, 20])
def test_a_postgresql_whose_migration_was_killed_is_finished_by_the_next_start(
    empty_database: Callable[[], str], statements: int
) -> None:
    """From nothing, and from the revision before the last with something in it."""
    for begun in (False, True):
        url = empty_database()
        if begun:
            PostgresqlStore(url, "d0").close()
            with psycopg.connect(url) as db:
                db.execute("INSERT INTO notes VALUES ('kept', 'yes')")
                for table in ("payloads", "fact_ids"):
                    db.execute(f"DROP POLICY scope ON {table}")
                db.execute("CREATE TABLE ladder_rows (incident TEXT PRIMARY KEY, community TEXT NOT NULL)")
                db.execute("INSERT INTO ladder_rows VALUES ('i', 'here')")
                db.execute("UPDATE alembic_version SET version_num = '002'")
        told = subprocess.run(
            [sys.executable, "-c", KILLED_ON_POSTGRESQL, url, str(min(statements, 8) if begun else statements)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, env=dict(os.environ),
        )  # fmt: skip
        assert told.returncode == -9, told.stderr
        store = PostgresqlStore(url, "d0")
        try:
            assert store.walled
            assert store.read("SELECT version_num FROM alembic_version") == [("005",)]
            assert store.read("SELECT via FROM devices") == []
            if begun:
                assert store.read("SELECT value FROM notes WHERE key = 'kept'") == [("yes",)]
                store.write(lambda execute: execute("INSERT INTO ladder_rows VALUES ('i', 'elsewhere')"))
            assert store.append_own("x.y", "jinxiu", None, 1, {}).event.kind == "x.y"
        finally:
            store.close()
