"""The one connection that writes a node's file: turns at it, transactions, and what is done where the disk is full.

What was committed survives a power cut (WAL, ``synchronous=FULL``).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from domain.errors import Mendable
from offline.journal import schema
from offline.journal.ballast import Ballast
from offline.journal.database import Database, Error
from offline.journal.turns import Turns
from offline.sqlite_files import DAMAGE, code_of, disk_trouble

T = TypeVar("T")
_RESERVE = 4 * 1024 * 1024
_CHECKPOINT_PAGES = 1000  # SQLite's own


class Writer:
    """Safe to use from any thread: whoever writes holds `turns`.

    Raises Mendable: `database_newer` (written by a newer program), `journal_damaged` (or sealed under another key), `disk_full`,
    `disk_readonly`. With a `key` the file is sealed as a whole; a plain one is sealed at its first opening with one.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        self.path, self.turns = path, Turns()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._ballast = Ballast(path.with_suffix(".ballast"))
        self._reserve = Ballast(path.with_suffix(".reserve"), _RESERVE)  # for what must not be lost
        self._spent = False  # and has been used
        # What is held in memory of the file: called where a transaction begins, returns how to go back to it where that fails.
        self.held: Callable[[], Callable[[], None]] = lambda: lambda: None
        # Called within a transaction before anything is done in it, where another program has written to the file.
        self.written_elsewhere: Callable[[], None] = lambda: None
        self.file = Database.sealed(path, key)
        try:
            self._open()
        except Mendable as e:
            if e.code != "disk_full" or not self._ballast.release():
                raise
            self._open()

    def _open(self) -> None:
        with self.mendable():
            self.db = self.file.writer()
            try:
                self._prepare()
                self._seen = self._version()
            except BaseException:
                self.db.close()
                raise

    def _prepare(self) -> None:
        found = self.db.execute("PRAGMA user_version").fetchone()[0]
        if found > schema.VERSION:
            raise Mendable("database_newer", path=self.path)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA foreign_keys=ON")
        schema.migrations.apply(sqlite_utils.Database(self.db))
        self.db.execute(f"PRAGMA user_version={schema.VERSION}")

    def _version(self) -> int:
        """Moves when another connection has written."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    @property
    def is_behind(self) -> bool:
        """Whether another program has written to the file since the last transaction."""
        with self.turns, self.mendable():
            return self._version() != self._seen

    def lay_by(self) -> None:
        """Keep room for the day on which the disk is full."""
        self._reserve.lay()
        self._ballast.lay()

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.turns, self.mendable():
            return self.db.execute(sql, parameters).fetchall()

    def state(self, key: str) -> Any:
        """One value that is kept beside the facts; None where it was never set."""
        rows = self.read("SELECT value FROM state WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def set(self, **values: Any) -> None:
        self.db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())

    def durably(self, work: Callable[[], T], precious: bool = False) -> T:
        """Run `work` in a transaction; where the disk is full, give up the ballast and run it once more, and for what is precious
        the reserve as well. Until that is whole again, the room it left is for nothing else."""
        if self._spent and not precious and self._reserve.lay():
            self._spent = False
        elif self._spent and not precious:
            raise Mendable("disk_full", path=self.path.parent)
        try:
            with self.transaction():
                return work()
        except Mendable as e:
            if e.code != "disk_full" or not (self._ballast.release() or precious):
                raise
        try:
            with self.transaction():
                return work()
        except Mendable as e:
            if e.code != "disk_full" or not precious or not self._reserve.release():
                raise
        self._spent = True
        with self.transaction():
            return work()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; within another, part of it."""
        if self.db.in_transaction:
            yield
            return
        with self.mendable():
            go_back = self._begin()
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                go_back()
                self.db.rollback()  # does nothing where the error has rolled back already
                raise

    def _begin(self) -> Callable[[], None]:
        """Begin a transaction, up to date with what another program has written; how to go back where it fails."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            if (version := self._version()) != self._seen:
                self.written_elsewhere()
                self._seen = version
            return self.held()
        except BaseException:
            self.db.rollback()
            raise

    @contextmanager
    def checkpoint_after(self) -> Iterator[None]:
        """What is committed meanwhile goes from the WAL into the file at the end and beside the writer: nobody's commit waits for
        the disk to take hundreds of pages."""
        with self.turns:
            self.db.execute("PRAGMA wal_autocheckpoint=0")
        try:
            yield
        finally:
            with suppress(Error), closing(self.file.writer()) as db:  # the next commit does it where this could not
                db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            with self.turns:
                self.db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")

    @contextmanager
    def mendable(self) -> Iterator[None]:
        """What the disk and the file can do to us, as what somebody can do about it."""
        try:
            yield
        except Error as e:
            if (trouble := disk_trouble(e, self.path.parent)) is not None:
                raise trouble from e
            if code_of(e) in DAMAGE:
                damage_mark(self.path).touch()
                raise Mendable("journal_damaged", path=self.path) from e
            raise

    def close(self) -> None:
        with self.turns:
            self.db.close()


def damage_mark(path: Path) -> Path:
    """Beside a journal in which damage was met: the next start does not trust it."""
    return path.with_suffix(".damaged")
