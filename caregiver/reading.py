"""Reading the replica without waiting for who writes it: a connection of one's own, which sees what is committed."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from offline.database import Database

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
    """One thread's view of the journal's tables. Cannot write."""

    def __init__(self, file: Database) -> None:
        self._db = file.reader()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        cursor = self._db.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is none."""
        row = self._db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        self._db.close()
