"""What the watch must find again after a crash: how far it has read, and by when each elder must be looked at."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Execute = Callable[..., list[tuple[Any, ...]]]


class Sql(Protocol):
    """Statements with `?`; the district's store is one, `SqlFile` another."""

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def write(self, work: Callable[[Execute], T]) -> T: ...


class SqlFile:
    """One SQLite file of a desktop's own, by the one connection it has; any thread. Closes it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Raises offline.journal.database.Error for a file that is damaged, or sealed under another key."""
        self._lock, self._db = threading.RLock(), db
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock, closing(self._db.execute(sql, parameters)) as cursor:
            return cursor.fetchall()

    def write(self, work: Callable[[Execute], T]) -> T:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                done = work(self.read)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
            return done

    def close(self) -> None:
        with self._lock:
            self._db.close()


TABLES = (
    "CREATE TABLE IF NOT EXISTS watch_state (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS watch_due (
        kind TEXT NOT NULL, key TEXT NOT NULL, community TEXT NOT NULL, due BIGINT NOT NULL, rev BIGINT NOT NULL,
        PRIMARY KEY (kind, key)
    )""",
    "CREATE INDEX IF NOT EXISTS watch_due_due ON watch_due (due)",
)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to look at when the clock passes `due` (ms); `rev` changes with every setting."""

    kind: str
    key: str
    community: str
    due: int
    rev: int


class WatchRows:
    """The rows, on any `Sql`."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        sql.write(lambda execute: [execute(statement) for statement in TABLES])

    @property
    def cursor(self) -> str:
        rows = self._sql.read("SELECT value FROM watch_state WHERE key = 'cursor'")
        return str(rows[0][0]) if rows else ""

    def advance(self, cursor: str) -> None:
        """Everything up to `cursor` has been dealt with."""
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO watch_state (key, value) VALUES ('cursor', ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (cursor,),
            )
        )

    def due(self, now: int, many: str = "", most: int = 500) -> list[Due]:
        """What is due, longest first; of the kind `many` at most `most`, and behind all others."""
        asked = "SELECT kind, key, community, due, rev FROM watch_due WHERE due <= ? AND kind"
        rows = self._sql.read(f"{asked} <> ? ORDER BY due LIMIT 500", (now, many))
        rows += self._sql.read(f"{asked} = ? ORDER BY due LIMIT ?", (now, many, most))
        return [Due(*row) for row in rows]

    def due_of(self, kind: str, now: int) -> list[Due]:
        """What is due of one kind, longest first."""
        asked = (
            "SELECT kind, key, community, due, rev FROM watch_due WHERE due <= ? AND kind = ? ORDER BY due LIMIT 500"
        )
        return [Due(*row) for row in self._sql.read(asked, (now, kind))]

    def set(self, kind: str, key: str, community: str, due: int) -> None:
        """Look at it at `due`, or earlier where that is set already."""
        self.set_all([(kind, key, community, due)])

    def set_all(self, wanted: Sequence[tuple[str, str, str, int]]) -> None:
        """`set` for many (kind, key, community, due), in one transaction: a commit for every sign would fall behind them."""

        def work(execute: Execute) -> None:
            for row in wanted:
                execute(
                    "INSERT INTO watch_due (kind, key, community, due, rev) VALUES (?, ?, ?, ?, 1)"
                    " ON CONFLICT (kind, key) DO UPDATE SET rev = watch_due.rev + 1, community = excluded.community,"
                    " due = CASE WHEN excluded.due < watch_due.due THEN excluded.due ELSE watch_due.due END",
                    row,
                )

        if wanted:
            self._sql.write(work)

    def drop(self, kind: str, key: str) -> bool:
        """There is nothing left to look at; False where there was no row."""
        sql = "DELETE FROM watch_due WHERE kind = ? AND key = ? RETURNING rev"
        return bool(self._sql.write(lambda execute: execute(sql, (kind, key))))

    def done(self, row: Due, due: int | None) -> bool:
        """Compare and set: the next time, or none. False where somebody changed the row meanwhile; it is then due again."""

        def work(execute: Execute) -> bool:
            if due is None:
                sql = "DELETE FROM watch_due WHERE kind = ? AND key = ? AND rev = ? RETURNING rev"
                return bool(execute(sql, (row.kind, row.key, row.rev)))
            sql = "UPDATE watch_due SET due = ?, rev = rev + 1 WHERE kind = ? AND key = ? AND rev = ? RETURNING rev"
            return bool(execute(sql, (due, row.kind, row.key, row.rev)))

        return self._sql.write(work)
