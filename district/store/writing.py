"""The writing half of a store, the same on every database: work queues up, and a group of it is one transaction."""

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Generic

from district.store import own, people
from district.store.mending import Mending, Tx
from district.store.port import ID, Appended, Execute, Listener, Prepared, Row, T
from district.store.writer import GroupWriter, Job, tell
from domain.clock import Hlc
from offline.wire import FeedItem

_LOTS = 1 << 30  # fifteen million starts until a number is beyond what every reader of JSON can count to


class Writing(ABC, Generic[Tx]):
    """A database gives its transactions. Nothing can be written before `_begin` and after `_end`."""

    elders: people.Elders
    astray: str  # a statement: the ids of facts that stand nowhere in their feed

    @abstractmethod
    def heads(self) -> dict[str, int]: ...

    @abstractmethod
    def read_within(self, communities: Sequence[str], sql: str, parameters: Sequence[Any] = ()) -> list[Row]: ...

    def __init__(self, node: str, now_ms: Callable[[], int]) -> None:
        self.node, self._now = node, now_ms
        self.secret = secrets.token_bytes(32)
        self._listeners: list[Listener] = []
        self.doubted: Collection[str] = frozenset()

    def _take_up(self, read: Callable[..., list[Row]]) -> None:
        """Where this node's own facts left off; `read` sees those of every community.

        Every start begins an epoch, drawn by lot from those beyond the last: a database that was put back gives out no number
        twice, whatever the clock showed and shows (0076).
        """
        noted = read("SELECT value FROM notes WHERE key = ?", (own.EPOCH_NOTE,))
        newest = read(
            "SELECT epoch, hlc FROM facts WHERE device = ? AND epoch BETWEEN 1 AND ? ORDER BY epoch DESC, seq DESC LIMIT 9",
            (self.node, own.GREATEST),
        )
        epoch = max([int(noted[0][0]) if noted else 0, *(row[0] for row in newest[:1])])
        self._epoch = epoch + 1 + secrets.randbelow(_LOTS)
        stamps = (Hlc.of(row[1]) for row in newest)  # a bad disk must not keep the server from starting
        noted = read("SELECT value FROM notes WHERE key = ?", (own.STAMP_NOTE,))
        known = [next(filter(None, stamps), Hlc(0, 0)), *filter(None, (Hlc.of(row[0]) for row in noted))]
        self._hlc, self._hlc_lock = max(known, key=str), threading.Lock()

    def _begin(self, threads: int = 1, tidy: Callable[[int], None] = lambda _: None) -> None:
        """As `GroupWriter`."""
        self._writer = GroupWriter(self._commit, threads, tidy=tidy)

    def _end(self) -> None:
        self._writer.close()

    @abstractmethod
    def _commit(self, jobs: list[Job], seat: int) -> list[Any]:
        """As `GroupWriter` asks for it; a job's work is handed the transaction."""

    @abstractmethod
    def _mending(self, tx: Tx) -> Mending[Tx]: ...

    def _tell(self, tx: Tx) -> None:
        """After the commit."""
        if (fresh := tx.fresh()) is not None:
            tell(self._listeners, fresh)

    def append_batch(self, batch: Prepared) -> "Future[Appended]":
        urgent = batch.urgent
        job = Job(lambda tx: tx.append(batch), max(1, len(batch.facts)), about=batch, vital=urgent)
        return self._writer.submit(job, urgent)

    def append_own(
        self, kind: str, community: str, subject: str | None, at: int, payload: Mapping[str, Any],
        id: str | None = None, trusted: bool = True,
    ) -> FeedItem:  # fmt: skip
        def work(tx: Tx) -> FeedItem:
            if id is not None and (here := tx.find(id)) is not None:
                return here
            now, epoch = self._now(), self._epoch
            seq = tx.stream((self.node, epoch))[1] + 1
            row, salt, body = own.own_row(
                self.node, epoch, seq, self._tick(now), kind, community, subject, at, now, payload, id, trusted,
                self.secret,
            )  # fmt: skip
            tx.append(Prepared(self.node, epoch, now, (row,), ((salt, body),)))
            found = tx.find(row[ID])
            assert found is not None
            return found

        return self._done(work)

    def _tick(self, now: int) -> str:
        with self._hlc_lock:
            self._hlc = self._hlc.tick(now)
            return str(self._hlc)

    def _heed(self, items: Iterable[FeedItem], execute: Execute) -> None:
        """What is said here is said after what came from above, though the clock here is behind: else a device that is moved here
        stays where it was. A stamp that is ahead counts as of its receipt there."""
        stamps = (Hlc.of(min(item.event.hlc, str(Hlc(item.received, 0xFFFF)))) for item in items)
        newest = max(filter(None, stamps), key=str, default=None)
        if newest is None or str(newest) <= str(self._hlc):
            return
        with self._hlc_lock:
            self._hlc = max(newest, self._hlc, key=str)
        sql = "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        execute(sql, (own.STAMP_NOTE, str(newest)))

    def absorb(self, items: Sequence[FeedItem]) -> int:
        batches = list(own.runs(items, self._now()))

        def work(tx: Tx) -> int:
            tx.expect({(b.device, b.epoch) for b in batches})
            self._heed(items, tx.execute)
            return sum(tx.absorb(batch) for batch in batches)

        return self._done(work, len(items), vital=any(batch.urgent for batch in batches))

    def mend(self, batches: Sequence[Prepared], source: bool = False) -> int:
        facts = sum(len(b.facts) for b in batches)
        return self._done(lambda tx: self._mending(tx).mend(batches, source), facts, urgent=False, vital=False)

    def put_in_place(self, misplaced: Sequence[str] = ()) -> int:
        ids = [str(id) for (id,) in self.read_within(tuple(self.heads()), self.astray)]
        if not ids and not misplaced:
            return 0
        weight = len(ids) + len(misplaced)
        return self._done(lambda tx: self._mending(tx).put_in_place(ids, misplaced), weight, urgent=False)

    def leave(self, community: str) -> list[str]:
        return self.write(lambda execute: people.leave(execute, community, self.elders))

    def begin_epoch(self, epoch: int) -> None:
        self.write(
            lambda execute: execute(
                "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (own.EPOCH_NOTE, str(epoch)),
            )
        )
        self._epoch = epoch

    def erase(self, person: str, community: str) -> int:
        def work(tx: Tx) -> int:
            people.erase(tx.execute, person, community, tx.elders, self._now())
            return tx.erase(person, community)

        return self._done(work)

    def write(self, work: Callable[[Execute], T]) -> T:
        return self._done(lambda tx: work(tx.execute))

    def prove(self) -> None:
        self._done(lambda tx: tx.prove())

    def _done(self, work: Callable[[Tx], T], weight: int = 1, urgent: bool = True, vital: bool = True) -> T:
        result: T = self._writer.submit(Job(work, max(1, weight), vital=vital), urgent).result()
        return result

    def on_fresh(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        return self._writer.waiting
