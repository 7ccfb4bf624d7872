"""Wrong tries, kept in a file: a restart gives nobody another three."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime
from pathlib import Path

import sqlite_utils

from kiosk.credentials.pins import Tally

log = logging.getLogger(__name__)
_COLUMNS = {"key": str, "failures": int, "last": str}


class Tallies(MutableMapping[str, Tally]):
    """For one thread, the desk's; opened on its first use. Held in memory and written through: on a disk that is full or broken a
    right PIN still opens, and tries are counted until the program ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite_utils.Database | None = None
        self._held: dict[str, Tally] | None = None

    @property
    def _tallies(self) -> dict[str, Tally]:
        if self._held is None:
            try:
                self._held = self._read()
            except (sqlite3.DatabaseError, ValueError):
                log.exception("%s cannot be read: tries are counted anew", self._path)
                self.close()
                self._held = {}
                self._write(self._begin_anew)
        return self._held

    def _read(self) -> dict[str, Tally]:
        self._db = sqlite_utils.Database(self._path)
        table = self._db.table("tallies").create(_COLUMNS, pk="key", if_not_exists=True)
        return {row["key"]: Tally(row["failures"], datetime.fromisoformat(row["last"])) for row in table.rows}

    def _begin_anew(self) -> None:
        self._path.unlink(missing_ok=True)
        self._read()

    def _write(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (sqlite3.DatabaseError, OSError):
            log.exception("wrong tries are counted, and not kept")

    def __getitem__(self, key: str) -> Tally:
        return self._tallies[key]

    def __setitem__(self, key: str, tally: Tally) -> None:
        self._tallies[key] = tally
        if (db := self._db) is not None:
            row = {"key": key, "failures": tally.failures, "last": tally.last.isoformat()}
            self._write(lambda: db.table("tallies").upsert(row, pk="key"))

    def __delitem__(self, key: str) -> None:
        del self._tallies[key]
        if (db := self._db) is not None:
            self._write(lambda: db.table("tallies").delete_where("key = ?", [key]))

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._tallies))

    def __len__(self) -> int:
        return len(self._tallies)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
