"""Reading the replica without waiting for who writes it: a connection of one's own, which sees what is committed."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from domain.errors import Mendable
from offline.journal.database import Database, Error
from offline.journal.writer import damage_mark
from offline.sqlite_files import DAMAGE, code_of

T = TypeVar("T")


def reading(file: Database, work: "Callable[[Reader], T]") -> "Callable[[], T]":
    """`work` with a reader of its own: for a background thread, so that neither the writer nor the window waits."""

    def run() -> T:
        reader = Reader(file)
        try:
            return work(reader)
        finally:
            reader.close()

    return run


class Reader:
    """One thread's view of the journal's tables. Cannot write.

    Every question, and the opening, raises Mendable: `journal_damaged` where damage is met, and the next start begins the file
    anew; `journal_unreadable` where the disk does not give it out.
    """

    def __init__(self, file: Database) -> None:
        self._file = file
        with self._mendable():
            self._db = file.reader()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        with self._mendable():
            cursor = self._db.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._mendable():
            return self._db.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is none."""
        with self._mendable():
            row = self._db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _mendable(self) -> Iterator[None]:
        try:
            yield
        except Error as e:
            code = code_of(e)
            if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
                raise Mendable("journal_unreadable", path=self._file.path) from e
            if code not in DAMAGE:
                raise
            damage_mark(self._file.path).touch()
            raise Mendable("journal_damaged", path=self._file.path) from e
