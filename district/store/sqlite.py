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
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Any

import sqlite_utils

from district.scope import Lane
from district.store import own, people
from district.store.port import (
    COLUMNS,
    COMMUNITY,
    DEVICE,
    EPOCH,
    ID,
    LANE,
    SEQ,
    Appended,
    Execute,
    Fresh,
    Listener,
    Prepared,
    Row,
    T,
)  # fmt: skip
from district.store.reading import FACT
from district.store.reckon import (
    ERASE_EVIDENCE,
    Reckoning,
    contiguous,
    gaps,
    keep_evidence,
    quoted,
    reckon,
    release,
    sift,
    told_of,
)
from district.store.sqlite_commit import Commit
from district.store.sqlite_reading import SqliteReading
from district.store.sqlite_schema import OF_PERSON, VERSION, migrations
from district.store.writer import GroupWriter, Job, tell
from domain.clock import Hlc
from domain.errors import Mendable
from offline.ballast import Ballast
from offline.database import DAMAGE, code_of, disk_trouble
from offline.wire import FeedItem

log = logging.getLogger(__name__)
NAMES = f"row, position, {', '.join(COLUMNS)}"
_WIDTH = len(COLUMNS) + 2
_CHUNKS = (250, 50, 10, 1)  # rows a statement: one step inserts them all without asking for the interpreter between
_TUPLE = f"({', '.join('?' * _WIDTH)})"
_FACTS = {n: f"INSERT INTO facts ({NAMES}) VALUES {', '.join([_TUPLE] * n)}" for n in _CHUNKS}
_PAYLOADS = {n: f"INSERT INTO payloads (fact, salt, body) VALUES {', '.join(['(?, ?, ?)'] * n)}" for n in _CHUNKS}
# FULL: a commit is on the disk when it returns. NORMAL loses acknowledged facts at a power cut (tests/faults/test_power_cut.py).
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA cache_size=-65536", "PRAGMA wal_autocheckpoint=4000",
)  # fmt: skip
CHECKPOINT_EVERY = 2_000  # facts, about 2 MB of log; the pragma's 16 MB are for whatever else is written
_LEARNT = (Lane.ROSTER, Lane.PASSAGE)


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
        self._recall()

    def _recall(self) -> None:
        """What the writer keeps in mind, from the file: at the start, and after a transaction that failed."""
        one = self._db.execute
        self._row: int = one("SELECT coalesce(max(row), 0) FROM facts").fetchone()[0]
        self._heads: dict[str, int] = dict(one("SELECT community, position FROM feeds").fetchall())
        self._streams: dict[tuple[str, int], tuple[int, int]] = {
            (d, e): (t, g) for d, e, t, g in one("SELECT device, epoch, through, greatest FROM streams")
        }
        self.elders = people.Elders(one(people.KNOWN).fetchall())
        noted = one("SELECT value FROM notes WHERE key = ?", (own.EPOCH_NOTE,)).fetchone()
        self._epoch = int(noted[0]) if noted else own.EPOCH
        newest = one(
            "SELECT hlc FROM facts WHERE device = ? AND epoch = ? ORDER BY seq DESC LIMIT 1", (self.node, self._epoch)
        ).fetchone()
        self._hlc = Hlc.parse(newest[0]) if newest else Hlc(0, 0)

    # ---- writing ----------------------------------------------------------------------------------------------------

    def append_batch(self, batch: Prepared) -> "Future[Appended]":
        return self._writer.submit(Job(lambda tx: self._append(tx, batch), max(1, len(batch.facts))), batch.urgent)

    def append_own(
        self, kind: str, community: str, subject: str | None, at: int, payload: Mapping[str, Any],
        id: str | None = None, trusted: bool = True,
    ) -> FeedItem:  # fmt: skip
        def work(tx: Commit) -> FeedItem:
            if id is not None and (here := self._find(id)) is not None:
                return here
            now = self._now()
            self._hlc = self._hlc.tick(now)
            seq = self._streams.get((self.node, self._epoch), (0, 0))[1] + 1
            row, salt, body = own.own_row(
                self.node, self._epoch, seq, str(self._hlc), kind, community, subject, at, now, payload, id, trusted
            )
            self._append(tx, Prepared(self.node, self._epoch, now, (row,), ((salt, body),)))
            return self._find(row[ID]) or own.feed_item(0, row, salt, body)

        result: FeedItem = self._writer.submit(Job(work), urgent=True).result()
        return result

    def absorb(self, items: Sequence[FeedItem]) -> int:
        batches = list(own.runs(items, self._now()))
        job = Job(lambda tx: sum(self._absorb(tx, batch) for batch in batches), max(1, len(items)))
        result: int = self._writer.submit(job, urgent=True).result()
        return result

    def mend(self, batches: Sequence[Prepared]) -> int:
        job = Job(
            lambda tx: sum(self._mend(tx, batch) for batch in batches), max(1, sum(len(b.facts) for b in batches))
        )
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
        def work(tx: Commit) -> None:
            tx.execute(
                "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (own.EPOCH_NOTE, str(epoch)),
            )
            self._epoch = epoch

        self._writer.submit(Job(work), urgent=True).result()

    def write(self, work: Callable[[Execute], T]) -> T:
        result: T = self._writer.submit(Job(lambda tx: work(tx.execute)), urgent=True).result()
        return result

    def erase(self, person: str, community: str) -> int:
        return self.write(lambda execute: self._erase(execute, person, community))

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
        tx = Commit(self._db)
        with self._mendable():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                results = [job.work(tx) for job in self._writer.doing(jobs)]
                tx.finish(self._heads, self._streams)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                self._recall()
                raise
        if tx.grown or tx.erased:
            lanes = {community: frozenset(found) for community, found in tx.lanes.items()}
            fresh = Fresh({c: self._heads[c] for c in tx.grown}, lanes, tx.streamed, tx.erased)
            tell(self._listeners, fresh)
        return results

    def _append(self, tx: Commit, batch: Prepared) -> Appended:
        key = (batch.device, batch.epoch)
        through, greatest = self._streams.get(key, (0, 0))
        tx.streams.add(key)
        first = min((f[SEQ] for f in batch.facts), default=greatest)
        if first == through + 1 and not batch.poison and through == greatest and _unbroken(batch.facts):
            try:
                with self._savepoint():
                    self._insert(tx, batch.facts, batch.payloads)
            except sqlite3.IntegrityError:  # an id that is taken
                pass
            else:
                through += len(batch.facts)
                self._streams[key] = (through, through)
                return Appended(through, fresh=len(batch.facts))
        return self._append_carefully(tx, batch, key)

    def _append_carefully(self, tx: Commit, batch: Prepared, key: tuple[str, int]) -> Appended:
        if batch.released:
            release(tx.execute, batch)
        reckoning = reckon(batch, *self._known(batch))
        if reckoning.fork:
            self._db.execute("UPDATE devices SET epoch = max(epoch, ?) + 1 WHERE id = ?", (batch.epoch, batch.device))
            row = self._db.execute("SELECT epoch FROM devices WHERE id = ?", (batch.device,)).fetchone()
            return Appended(0, fork_epoch=row[0] if row else batch.epoch + 1)
        self._insert(tx, [batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
        self._put_aside(batch, reckoning)
        through, beyond = self._advance(key)
        aside = tuple(sorted(p.seq for p in batch.poison))
        return Appended(through, gaps(through, beyond), aside, fresh=len(reckoning.keep))

    def _absorb(self, tx: Commit, batch: Prepared) -> int:
        known, aside, taken = self._known(batch)
        if any(fact[SEQ] in aside for fact in batch.facts):  # the one above has taken what was put aside here
            release(tx.execute, batch)
            known, aside, taken = self._known(batch)
        reckoning = sift(batch, known, aside, taken)
        if reckoning.keep or reckoning.evidence:
            self._insert(tx, [batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
            self._put_aside(batch, reckoning)
            tx.streams.add((batch.device, batch.epoch))
            self._advance((batch.device, batch.epoch))
        return len(reckoning.keep)

    def _mend(self, tx: Commit, batch: Prepared) -> int:
        payloads = people.without_the_erased(batch.facts, batch.payloads, self.elders)
        return sum(self._mend_one(tx, *given) for given in zip(batch.facts, payloads, strict=True))

    def _mend_one(self, tx: Commit, fact: Row, payload: tuple[bytes | None, bytes | None]) -> bool:
        rows = tx.execute(
            f"SELECT row, {FACT} FROM facts LEFT JOIN payloads ON fact = row"
            " WHERE id = ? OR (device = ? AND epoch = ? AND seq = ?)",
            (fact[ID], fact[DEVICE], fact[EPOCH], fact[SEQ]),
        )
        if len(rows) != 1:  # nothing to mend, or its number and its id are two other facts'
            return False
        row, found, kept = rows[0][0], rows[0][2:-2], rows[0][-2:]
        if (fresh := own.mended(found, kept, people.relane(fact, self.elders), payload)) is None:
            return False
        tx.execute("INSERT INTO mending VALUES (?)", (row,))
        names = ", ".join(f"{name} = ?" for name in COLUMNS)
        tx.execute(f"UPDATE facts SET {names} WHERE row = ?", (*fresh[0], row))
        tx.execute(
            "INSERT INTO payloads (fact, salt, body) VALUES (?, ?, ?)"
            " ON CONFLICT (fact) DO UPDATE SET salt = excluded.salt, body = excluded.body",
            (row, *fresh[1]),
        )
        tx.execute("DELETE FROM mending")
        keep_evidence(tx.execute, fact, found, kept)
        if fresh[0][LANE] == Lane.ROSTER and (gone := people.learn(fresh[0], fresh[1][1], self.elders, tx.execute)):
            self._erase(tx.execute, gone, fact[COMMUNITY])
            tx.erased.append((gone, fact[COMMUNITY]))
        return True

    def _advance(self, key: tuple[str, int]) -> tuple[int, list[int]]:
        """Where the stream stands by what is kept now: the contiguous end, and the numbers beyond the former one."""
        through, greatest = self._streams.get(key, (0, 0))
        beyond = [
            row[0]
            for table in ("facts", "quarantine", "evidence")
            for row in self._db.execute(
                f"SELECT seq FROM {table} WHERE device = ? AND epoch = ? AND seq > ?", (*key, through)
            )
        ]
        through = contiguous(through, beyond)
        self._streams[key] = (through, max([greatest, through, *beyond]))
        return through, beyond

    def _known(self, batch: Prepared) -> tuple[dict[int, bytes], set[int], set[str]]:
        """Of the batch's numbers: hashes known and what was put aside; and those of its ids that are taken."""
        seqs = [f[SEQ] for f in batch.facts] + [p.seq for p in batch.poison]
        span = (batch.device, batch.epoch, min(seqs, default=0), max(seqs, default=0))
        where = "WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ?"
        known = dict(self._db.execute(f"SELECT seq, hash FROM facts {where}", span).fetchall())
        aside = {
            row[0]
            for table in ("quarantine", "evidence")
            for row in self._db.execute(f"SELECT seq FROM {table} {where}", span)
        }
        ids = [f[ID] for f in batch.facts if f[SEQ] not in known]
        taken = self._db.execute(f"SELECT id FROM facts WHERE id IN ({', '.join('?' * len(ids))})", ids).fetchall()
        return known, aside, {row[0] for row in taken}

    def _put_aside(self, batch: Prepared, reckoning: Reckoning) -> None:
        for i in reckoning.evidence:
            fact = batch.facts[i]
            told = repr(dict(zip(COLUMNS, fact, strict=True)))
            self._db.execute(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, fact[SEQ], fact[ID], told, *batch.payloads[i]),
            )
        for i in reckoning.poison:
            p = batch.poison[i]
            self._db.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, p.seq, p.reason, p.raw, batch.received),
            )

    def _insert(self, tx: Commit, facts: Sequence[Row], payloads: Sequence[tuple[bytes | None, bytes | None]]) -> None:
        gone: list[tuple[str, str]] = []
        lanes = {(fact[COMMUNITY], fact[LANE]) for fact in facts}
        if any(lane in _LEARNT for _, lane in lanes):
            facts = self._learn(tx, facts, payloads, gone)
        payloads = people.without_the_erased(facts, payloads, self.elders)
        rows = self._placed(facts)
        first = self._row + 1
        self._many(_FACTS, rows)
        self._many(_PAYLOADS, [(n, salt, body) for n, (salt, body) in enumerate(payloads, first)])
        self._row += len(rows)
        tx.note(rows, payloads, lanes)
        for person, community in gone:
            self._erase(tx.execute, person, community)
        tx.erased += gone

    def _learn(
        self,
        tx: Commit,
        facts: Sequence[Row],
        payloads: Sequence[tuple[bytes | None, bytes | None]],
        gone: list[tuple[str, str]],
    ) -> list[Row]:
        """Facts of the roster are heeded in their order, and passages that follow put into the lane of their person."""
        found = []
        for fact, (_, body) in zip(facts, payloads, strict=True):
            if fact[LANE] == Lane.PASSAGE:
                fact = people.relane(fact, self.elders)
            elif fact[LANE] == Lane.ROSTER and (person := people.learn(fact, body, self.elders, tx.execute)):
                gone.append((person, fact[COMMUNITY]))
            found.append(fact)
        return found

    def _placed(self, facts: Sequence[Row]) -> list[Row]:
        """(row, position, fact …) with the next places in the feeds of their communities."""
        heads = self._heads
        if len({fact[COMMUNITY] for fact in facts}) == 1:
            community = facts[0][COMMUNITY]
            first = heads.get(community, 0) + 1
            heads[community] = first + len(facts) - 1
            places = zip(count(self._row + 1), count(first), strict=False)  # both count on for ever
            return [(*place, *fact) for place, fact in zip(places, facts, strict=False)]
        rows = []
        for row, fact in enumerate(facts, self._row + 1):
            heads[fact[COMMUNITY]] = heads.get(fact[COMMUNITY], 0) + 1
            rows.append((row, heads[fact[COMMUNITY]], *fact))
        return rows

    def _erase(self, execute: Execute, person: str, community: str) -> int:
        lost = execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL AND fact IN"
            f" (SELECT row FROM {OF_PERSON} WHERE subject = ? AND community = ? AND kind <> ?) RETURNING fact",
            (person, community, people.ERASED),
        )
        execute(ERASE_EVIDENCE, told_of(person, community))
        execute(
            "UPDATE quarantine SET raw = x'' WHERE instr(raw, ?) > 0 AND reason <> ?", (quoted(person), people.HELD)
        )
        return len(lost)

    def _many(self, statements: Mapping[int, str], rows: Sequence[Row]) -> None:
        done = 0
        for size in _CHUNKS:
            while len(rows) - done >= size:
                self._db.execute(statements[size], tuple(chain.from_iterable(rows[done : done + size])))
                done += size

    # ---- below the floor --------------------------------------------------------------------------------------------

    def _find(self, id: str) -> FeedItem | None:
        r = self._db.execute(
            f"SELECT {FACT} FROM facts LEFT JOIN payloads ON fact = row WHERE id = ?", (id,)
        ).fetchone()
        return own.feed_item(r[0], r[1:-2], r[-2], r[-1]) if r else None

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        before = (self._row, dict(self._heads))
        self._db.execute("SAVEPOINT batch")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO batch")
            self._db.execute("RELEASE batch")
            self._row, self._heads = before
            raise
        self._db.execute("RELEASE batch")

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


def _unbroken(facts: Sequence[Row]) -> bool:
    return bool(facts) and all(b[SEQ] == a[SEQ] + 1 for a, b in pairwise(facts))
