"""Wrong tries, kept in a file: a restart gives nobody another three."""

from collections.abc import Iterator, MutableMapping
from datetime import datetime
from pathlib import Path

import sqlite_utils

from kiosk.credentials.pins import Tally


class Tallies(MutableMapping[str, Tally]):
    """For one thread, the desk's; opened on its first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite_utils.Database | None = None

    def _table(self) -> sqlite_utils.db.Table:
        if self._db is None:
            self._db = sqlite_utils.Database(self._path)
            columns = {"key": str, "failures": int, "last": str}
            self._db.table("tallies").create(columns, pk="key", if_not_exists=True)
        return self._db.table("tallies")

    def __getitem__(self, key: str) -> Tally:
        for row in self._table().rows_where("key = ?", [key]):
            return Tally(row["failures"], datetime.fromisoformat(row["last"]))
        raise KeyError(key)

    def __setitem__(self, key: str, tally: Tally) -> None:
        self._table().upsert({"key": key, "failures": tally.failures, "last": tally.last.isoformat()}, pk="key")

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._table().delete(key)

    def __iter__(self) -> Iterator[str]:
        return iter([row["key"] for row in self._table().rows])

    def __len__(self) -> int:
        return self._table().count

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
