"""The store on SQLite: one file, one writer thread with group commit, readers that cannot write.

WAL with ``synchronous=FULL``: what was acknowledged survives a power cut. All writing and checkpointing goes through one connection
(versions 3.7.0 to 3.51.2 can corrupt the log when two connections write or checkpoint at once).
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils

from district.store.port import UNBOUND, Unkeepable
from district.store.sqlite_commit import Transaction, recall
from district.store.sqlite_mending import FIND_ASTRAY, SqliteMending
from district.store.sqlite_reading import SqliteReading
from district.store.sqlite_schema import VERSION, migrations
from district.store.writer import Job
from district.store.writing import Writing
from domain.errors import Mendable
from offline.journal.ballast import Ballast
from offline.sqlite_files import DAMAGE, code_of, disk_trouble

log = logging.getLogger(__name__)
# FULL: a commit is on the disk when it returns. NORMAL loses acknowledged facts at a power cut (tests/faults/test_power_cut.py).
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA cache_size=-65536", "PRAGMA wal_autocheckpoint=4000",
)  # fmt: skip
CHECKPOINT_EVERY = 8_000  # facts, about 8 MB of log (decision 68); the pragma's 16 MB are for whatever else is written


class SqliteStore(SqliteReading, Writing[Transaction]):
    """Raises Mendable: `database_newer`, `database_damaged`, `disk_full`, `disk_readonly`. Safe from any thread."""

    def __init__(self, path: Path, node: str, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        SqliteReading.__init__(self, path)
        Writing.__init__(self, node, now_ms)
        self._ballast = Ballast(path.with_suffix(".ballast"))
        with self._mendable():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
        self._ballast.lay()
        self._spent = False  # the ballast has been given up
        self.open_readers()
        self._uncopied = 0
        self._begin(tidy=self._checkpoint)

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise Mendable("database_newer", path=self.path)
        for pragma in PRAGMAS:
            self._db.execute(pragma)
        migrations.apply(sqlite_utils.Database(self._db))
        self._db.execute(f"PRAGMA user_version={VERSION}")
        self._recall()
        self._take_up(lambda sql, parameters: self._db.execute(sql, parameters).fetchall())

    astray = FIND_ASTRAY

    def forget(self, ids: Sequence[str]) -> int:
        statement = (
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL"
            f" AND fact IN (SELECT row FROM facts WHERE id IN ({', '.join('?' * len(ids))})) RETURNING fact"
        )
        return len(self.write(lambda execute: execute(statement, ids)))

    def expire(self, lanes: Sequence[int], before: int, limit: int) -> int:
        statement = (
            "UPDATE payloads SET salt = NULL, body = NULL WHERE fact IN (SELECT row FROM facts JOIN payloads p ON p.fact = row"
            f" WHERE lane IN ({', '.join('?' * len(lanes))}) AND at < ? AND p.body IS NOT NULL LIMIT ?) RETURNING fact"
        )
        return len(self.write(lambda execute: execute(statement, (*lanes, before, limit))))

    def close(self) -> None:
        self._end()
        while not self._readers.empty():
            self._readers.get().close()
        self._db.close()

    def _commit(self, jobs: list[Job], _seat: int) -> list[Any]:
        vital = all(job.vital for job in jobs)
        if self._spent and not vital:  # the room that the ballast left is for alarms and what the server says itself
            if not self._ballast.lay():
                raise Mendable("disk_full", path=self.path.parent)
            self._spent = False
        try:
            return self._transact(jobs)
        except Mendable as e:
            if e.code == "disk_full" and vital and self._ballast.release():
                self._spent = True
                return self._transact(jobs)
            raise

    def _checkpoint(self, weight: int) -> None:
        """Copy the log into the file after the answers, not before them: SQLite's own turn would come within a commit."""
        self._uncopied += weight
        if self._uncopied >= CHECKPOINT_EVERY:
            self._uncopied = 0
            try:
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except sqlite3.Error as e:  # what is in the log stays there, and the next turn will say it to somebody
                log.warning("the log could not be copied into the file: %s", e)

    def _transact(self, jobs: list[Job]) -> list[Any]:
        tx = Transaction(self._db, self._mind)
        with self._mendable():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                results = [job.work(tx) for job in self._writer.doing(jobs)]
                tx.finish()
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                self._recall()
                raise
        self._tell(tx)
        return results

    def _mending(self, tx: Transaction) -> SqliteMending:
        return SqliteMending(tx)

    def _recall(self) -> None:
        self._mind = recall(self._db)
        self.elders = self._mind.elders

    @contextmanager
    def _mendable(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            raise Mendable("disk_readonly", path=self.path.parent) from e
        except (
            sqlite3.DataError,
            sqlite3.InterfaceError,
            *UNBOUND,
        ) as e:  # of what was to be kept, and not of the database
            raise Unkeepable(str(e)) from e
        except sqlite3.DatabaseError as e:
            if (trouble := disk_trouble(e, self.path.parent)) is not None:
                raise trouble from e
            if code_of(e) in DAMAGE:
                raise Mendable("database_damaged", path=self.path) from e
            raise
