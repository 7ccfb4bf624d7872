"""The store on SQLite: one file, one writer thread with group commit, readers that cannot write.

WAL with ``synchronous=FULL``: what was acknowledged survives a power cut. All writing and checkpointing goes through one connection
(versions 3.7.0 to 3.51.2 can corrupt the log when two connections write or checkpoint at once).
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils

from district.store import own, people
from district.store.port import ID, Appended, Execute, Listener, Prepared, T
from district.store.sqlite_commit import Transaction, recall
from district.store.sqlite_mending import SqliteMending
from district.store.sqlite_reading import SqliteReading
from district.store.sqlite_schema import VERSION, migrations
from district.store.writer import GroupWriter, Job, tell
from domain.errors import Mendable
from offline.ballast import Ballast
from offline.database import DAMAGE, code_of, disk_trouble
from offline.wire import FeedItem

log = logging.getLogger(__name__)
# FULL: a commit is on the disk when it returns. NORMAL loses acknowledged facts at a power cut (tests/faults/test_power_cut.py).
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA cache_size=-65536", "PRAGMA wal_autocheckpoint=4000",
)  # fmt: skip
CHECKPOINT_EVERY = 2_000  # facts, about 2 MB of log; the pragma's 16 MB are for whatever else is written


class SqliteStore(SqliteReading):
    """Raises Mendable: `database_newer`, `database_damaged`, `disk_full`, `disk_readonly`. Safe from any thread."""

    def __init__(self, path: Path, node: str, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        super().__init__(path)
        self.node, self._now = node, now_ms
        self._listeners: list[Listener] = []
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
        self.open_readers()
        self._uncopied = 0
        self._writer = GroupWriter(self._commit, tidy=self._checkpoint)

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise Mendable("database_newer", path=self.path)
        for pragma in PRAGMAS:
            self._db.execute(pragma)
        migrations.apply(sqlite_utils.Database(self._db))
        self._db.execute(f"PRAGMA user_version={VERSION}")
        self._mind = recall(self._db, self.node)

    @property
    def elders(self) -> people.Elders:
        return self._mind.elders

    # ---- writing ----------------------------------------------------------------------------------------------------

    def append_batch(self, batch: Prepared) -> "Future[Appended]":
        return self._writer.submit(Job(lambda tx: tx.append(batch), max(1, len(batch.facts))), batch.urgent)

    def append_own(
        self, kind: str, community: str, subject: str | None, at: int, payload: Mapping[str, Any],
        id: str | None = None, trusted: bool = True,
    ) -> FeedItem:  # fmt: skip
        def work(tx: Transaction) -> FeedItem:
            if id is not None and (here := tx.find(id)) is not None:
                return here
            now, mind = self._now(), self._mind
            mind.hlc = mind.hlc.tick(now)
            seq = tx.stream((self.node, mind.epoch))[1] + 1
            row, salt, body = own.own_row(
                self.node, mind.epoch, seq, str(mind.hlc), kind, community, subject, at, now, payload, id, trusted
            )
            tx.append(Prepared(self.node, mind.epoch, now, (row,), ((salt, body),)))
            found = tx.find(row[ID])
            assert found is not None
            return found

        result: FeedItem = self._writer.submit(Job(work), urgent=True).result()
        return result

    def absorb(self, items: Sequence[FeedItem]) -> int:
        batches = list(own.runs(items, self._now()))
        job = Job(lambda tx: sum(tx.absorb(batch) for batch in batches), max(1, len(items)))
        result: int = self._writer.submit(job, urgent=True).result()
        return result

    def mend(self, batches: Sequence[Prepared]) -> int:
        job = Job(lambda tx: SqliteMending(tx).mend(batches), max(1, sum(len(b.facts) for b in batches)))
        result: int = self._writer.submit(job).result()
        return result

    def forget(self, ids: Sequence[str]) -> int:
        statement = (
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL"
            f" AND fact IN (SELECT row FROM facts WHERE id IN ({', '.join('?' * len(ids))})) RETURNING fact"
        )
        return len(self.write(lambda execute: execute(statement, ids)))

    def leave(self, community: str) -> list[str]:
        return self.write(lambda execute: people.leave(execute, community, self.elders))

    def begin_epoch(self, epoch: int) -> None:
        def work(tx: Transaction) -> None:
            tx.execute(
                "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (own.EPOCH_NOTE, str(epoch)),
            )
            self._mind.epoch = epoch

        self._writer.submit(Job(work), urgent=True).result()

    def write(self, work: Callable[[Execute], T]) -> T:
        result: T = self._writer.submit(Job(lambda tx: work(tx.execute)), urgent=True).result()
        return result

    def erase(self, person: str, community: str) -> int:
        erased: int = self._writer.submit(Job(lambda tx: tx.erase(person, community)), urgent=True).result()
        return erased

    def expire(self, lanes: Sequence[int], before: int, limit: int) -> int:
        statement = (
            "UPDATE payloads SET salt = NULL, body = NULL WHERE fact IN (SELECT row FROM facts JOIN payloads p ON p.fact = row"
            f" WHERE lane IN ({', '.join('?' * len(lanes))}) AND at < ? AND p.body IS NOT NULL LIMIT ?) RETURNING fact"
        )
        return len(self.write(lambda execute: execute(statement, (*lanes, before, limit))))

    def on_fresh(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        return self._writer.waiting

    def close(self) -> None:
        self._writer.close()
        while not self._readers.empty():
            self._readers.get().close()
        self._db.close()

    def _commit(self, jobs: list[Job], _seat: int) -> list[Any]:
        try:
            return self._transact(jobs)
        except Mendable as e:
            if e.code == "disk_full" and self._ballast.release():
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
                self._mind = recall(self._db, self.node)
                raise
        if (fresh := tx.fresh()) is not None:
            tell(self._listeners, fresh)
        return results

    @contextmanager
    def _mendable(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            raise Mendable("disk_readonly", path=self.path.parent) from e
        except sqlite3.DatabaseError as e:
            if (trouble := disk_trouble(e, self.path.parent)) is not None:
                raise trouble from e
            if code_of(e) in DAMAGE:
                raise Mendable("database_damaged", path=self.path) from e
            raise
