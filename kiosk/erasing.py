"""SQLite files of what must be gone when it is erased: deleted rows are overwritten, and every write is durable."""

import json
import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)


def open_erasing(path: Path) -> sqlite3.Connection:
    """For any thread, without transactions of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA secure_delete=ON")
    return db


def add_column(db: sqlite3.Connection, table: str, column: str, form: str) -> None:
    """To a table that an older program made."""
    if column not in {row[1] for row in db.execute(f"PRAGMA table_info({table})")}:
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {form}")


def fill_in_what_was_known(db: sqlite3.Connection, table: str, agreeing: Mapping[str, frozenset[str]]) -> None:
    """Of rows that an older program made, `knew` is NULL. It erased at a withdrawal, so what it left of somebody who agrees now (as
    `Roster.agreeing`) came after those that are known now; of anybody else any takes it."""
    people = db.execute(f"SELECT DISTINCT person FROM {table} WHERE knew IS NULL").fetchall()
    known = [(json.dumps(sorted(agreeing.get(person, ()))), person) for (person,) in people]
    db.execute("BEGIN")
    db.executemany(f"UPDATE {table} SET knew = ? WHERE person = ? AND knew IS NULL", known)
    db.execute("COMMIT")


def begin_anew_where_damaged(path: Path) -> None:
    """For what a gate can do without: a file that is no longer whole is erased, and keeps nobody outside."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path)) as db:
            whole = db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        whole = False
    if not whole:
        log.error("%s is damaged and was begun anew", path)
        for part in (path, *path.parent.glob(f"{path.name}-*")):
            part.unlink(missing_ok=True)
