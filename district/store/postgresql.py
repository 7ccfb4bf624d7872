"""The store on PostgreSQL 15 or newer: COPY into day partitions under the stream's lock, positions from one row a community.

Order of locks in every transaction: streams, sorted; then feeds, sorted. A community's feed row is locked from the allocation of
positions to the commit, so positions become visible in their order and no reader can skip one.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout
from sqlalchemy.exc import OperationalError

from district.scope import STREAMED, Lane, Scope, lanes_of
from district.store import own, people, wall
from district.store.copying import fact_lines, id_lines, payload_lines
from district.store.partitions import Partitions
from district.store.port import (
    AT,
    COLUMNS,
    COMMUNITY,
    DEVICE,
    EPOCH,
    GLIMPSE,
    ID,
    LANE,
    SEQ,
    Appended,
    Execute,
    Fresh,
    Listener,
    Page,
    Prepared,
    Row,
    T,
)  # fmt: skip
from district.store.postgresql_migrate import migrate
from district.store.reading import erased_by, merge
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
from district.store.writer import GroupWriter, Job, tell
from domain.clock import Hlc
from domain.errors import Mendable
from offline.wire import FeedItem

_NAMES = ", ".join(("position", *COLUMNS))
_COPY_FACTS = f"COPY facts ({_NAMES}) FROM STDIN"
_COPY_PAYLOADS = "COPY payloads (community, position, at, salt, body) FROM STDIN"
_COPY_IDS = "COPY fact_ids (id, community, position, at) FROM STDIN"
_FACT = ", ".join(f"facts.{c}" for c in ("position", *COLUMNS)) + ", salt, body"
# Each payload is looked up by its whole key: free to choose, a planner that knows nothing yet of today's partition reads all of it
# for every page (decision 68). OFFSET 0 keeps the two apart.
_FROM = """FROM facts LEFT JOIN LATERAL (
    SELECT salt, body FROM payloads WHERE community = facts.community AND position = facts.position AND at = facts.at OFFSET 0
) p ON true"""
_ALL_LANES = [int(lane) for lane in Lane]
WRITERS, READERS = 2, 8
Db = psycopg.Connection[Row]


class PostgresqlStore:
    """Raises Mendable `database_newer`, `database_down`. Safe from any thread."""

    def __init__(self, url: str, node: str, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self.node, self._now, self._url = node, now_ms, url
        self._listeners: list[Listener] = []
        with _mendable():
            migrate(url)
            self._partitions = Partitions(url)
            self._partitions.ensure([now_ms() + day * 86_400_000 for day in (-1, 0, 1, 2)], now_ms())
            self.walled = wall.stands(url)
            behind = wall.go_behind if self.walled else None
            self._pool = ConnectionPool(url, min_size=2, max_size=READERS, timeout=10, open=False, configure=behind)
            self._pool.open(wait=True, timeout=10)
        self.elders = people.Elders(self.read(people.KNOWN))
        noted = self.read("SELECT value FROM notes WHERE key = ?", (own.EPOCH_NOTE,))
        self._epoch = int(noted[0][0]) if noted else own.EPOCH
        self._hlc, self._hlc_lock = Hlc(0, 0), threading.Lock()
        self._order: dict[str, threading.Lock] = {}  # per community: commits and what is told of them in one order
        self._seats: dict[int, Db] = {}
        self._writer = GroupWriter(self._commit, threads=WRITERS)

    # ---- writing ----------------------------------------------------------------------------------------------------

    def append_batch(self, batch: Prepared) -> "Future[Appended]":
        job = Job(lambda tx: tx.append(batch), max(1, len(batch.facts)))
        job.about = batch
        return self._writer.submit(job, batch.urgent)

    def append_own(
        self, kind: str, community: str, subject: str | None, at: int, payload: Mapping[str, Any],
        id: str | None = None, trusted: bool = True,
    ) -> FeedItem:  # fmt: skip
        def work(tx: _Transaction) -> FeedItem:
            if id is not None and (here := tx.find(id)) is not None:
                return here
            now = self._now()
            with self._hlc_lock:
                self._hlc = self._hlc.tick(now)
                hlc = str(self._hlc)
            epoch = self._epoch
            seq = tx.stream((self.node, epoch))[1] + 1
            row, salt, body = own.own_row(
                self.node, epoch, seq, hlc, kind, community, subject, at, now, payload, id, trusted
            )
            tx.append(Prepared(self.node, epoch, now, (row,), ((salt, body),)))
            tx.flush()
            found = tx.find(row[ID])
            assert found is not None
            return found

        result: FeedItem = self._writer.submit(Job(work), urgent=True).result()
        return result

    def absorb(self, items: Sequence[FeedItem]) -> int:
        batches = list(own.runs(items, self._now()))

        def work(tx: _Transaction) -> int:
            tx.lock_streams({(b.device, b.epoch) for b in batches})
            return sum(tx.absorb(batch) for batch in batches)

        result: int = self._writer.submit(Job(work, max(1, len(items))), urgent=True).result()
        return result

    def mend(self, batches: Sequence[Prepared]) -> int:
        job = Job(lambda tx: sum(tx.mend(batch) for batch in batches), max(1, sum(len(b.facts) for b in batches)))
        result: int = self._writer.submit(job).result()
        return result

    def forget(self, ids: Sequence[str]) -> int:
        statement = (
            "UPDATE payloads p SET salt = NULL, body = NULL FROM fact_ids i WHERE i.id = ANY(?::uuid[])"
            " AND p.community = i.community AND p.position = i.position AND p.at = i.at AND p.body IS NOT NULL RETURNING 1"
        )
        return len(self.write(lambda execute: execute(statement, (list(ids),))))

    def leave(self, community: str) -> list[str]:
        return self.write(lambda execute: people.leave(execute, community, self.elders))

    def begin_epoch(self, epoch: int) -> None:
        self.write(
            lambda execute: execute(
                "INSERT INTO notes VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING key",
                (own.EPOCH_NOTE, str(epoch)),
            )
        )
        self._epoch = epoch

    def write(self, work: Callable[[Execute], T]) -> T:
        result: T = self._writer.submit(Job(lambda tx: work(tx.execute)), urgent=True).result()
        return result

    def erase(self, person: str, community: str) -> int:
        return self.write(lambda execute: _erase(execute, person, community))

    def expire(self, lanes: Sequence[int], before: int, limit: int) -> int:
        statement = (
            "UPDATE payloads p SET salt = NULL, body = NULL FROM (SELECT f.community, f.position, f.at FROM facts f"
            " JOIN payloads q ON q.community = f.community AND q.position = f.position AND q.at = f.at"
            " WHERE f.lane = ANY(?) AND f.at < ? AND q.at < ? AND q.body IS NOT NULL LIMIT ?) d"
            " WHERE p.community = d.community AND p.position = d.position AND p.at = d.at RETURNING 1"
        )
        return len(self.write(lambda execute: execute(statement, (list(lanes), before, before, limit))))

    def on_fresh(self, listener: Listener) -> None:
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        return self._writer.waiting

    def close(self) -> None:
        self._writer.close()
        for db in self._seats.values():
            db.close()
        self._pool.close()

    def _commit(self, jobs: list[Job], seat: int) -> list[Any]:
        batches = [job.about for job in jobs if isinstance(job.about, Prepared)]
        with _mendable(), ExitStack() as locks:
            self._partitions.ensure([f[AT] for b in batches for f in b.facts], self._now())
            db = self._seat(seat)
            tx = _Transaction(self, db, locks)
            try:
                with db.transaction():
                    tx.lock_streams({(b.device, b.epoch) for b in batches})
                    results = [job.work(tx) for job in self._writer.doing(jobs)]
                    tx.finish()
            except psycopg.OperationalError:
                self._seats.pop(seat).close()
                raise
            if tx.heads or tx.erased:
                lanes = {community: frozenset(found) for community, found in tx.lanes.items()}
                fresh = Fresh(dict(tx.heads), lanes, tx.streamed, tx.erased)
                tell(self._listeners, fresh)
        return results

    def _seat(self, seat: int) -> Db:
        if seat not in self._seats or self._seats[seat].closed:
            self._seats[seat] = psycopg.connect(self._url, autocommit=True)
        return self._seats[seat]

    def order(self, community: str) -> threading.Lock:
        return self._order.setdefault(community, threading.Lock())

    # ---- reading ----------------------------------------------------------------------------------------------------

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _mendable(), self._pool.connection() as db:
            return db.execute(_percent(sql), parameters).fetchall()

    def read_within(self, communities: Sequence[str], sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _mendable(), self._pool.connection() as db:
            wall.open_for(db, communities)
            return db.execute(_percent(sql), parameters).fetchall()

    def _read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """What the district itself looks at: facts of every community."""
        with _mendable(), self._pool.connection() as db:
            wall.step_over(db)
            return db.execute(_percent(sql), parameters).fetchall()

    def feed_after(self, scope: Scope, positions: Mapping[str, int], limit: int) -> Page:
        with _mendable(), self._pool.connection() as db:
            wall.open_for(db, scope.communities)
            heads: dict[str, int] = dict(db.execute("SELECT community, position FROM feeds").fetchall())

            def lane(community: str, lane: int, after: int) -> list[Row]:
                return db.execute(
                    f"SELECT {_FACT} {_FROM} WHERE facts.community = %s AND lane = %s AND facts.position > %s"
                    " ORDER BY facts.position LIMIT %s",
                    (community, lane, after, limit),
                ).fetchall()

            def run(sql: str, given: Sequence[Any]) -> list[Row]:
                return [(r[0].hex, *r[1:]) for r in db.execute(_percent(sql), given)]

            page = merge(scope, positions, heads, limit, lambda *asked: [_row(r) for r in lane(*asked)])
            return erased_by(page, scope, run)

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[FeedItem]:
        rows = self._read_all(
            f"SELECT {_FACT} {_FROM} WHERE subject = ? AND facts.at >= ? AND (? OR kind = ANY(?))"
            " ORDER BY received, facts.position",
            (subject, since, not kinds, list(kinds)),
        )
        return [_item(r) for r in rows]

    def glimpses(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Row]:
        names = ", ".join(name if name == "body" else f"facts.{name}" for name in GLIMPSE)
        rows = self._read_all(
            f"SELECT {names} {_FROM} WHERE subject = ? AND facts.at >= ? AND (? OR kind = ANY(?))"
            " ORDER BY received, facts.position",
            (subject, since, not kinds, list(kinds)),
        )
        return [_row(row) for row in rows]

    def told(self, kinds: Sequence[str]) -> list[FeedItem]:
        rows = self._read_all(
            f"SELECT {_FACT} {_FROM} WHERE lane = ANY(?) AND kind = ANY(?) ORDER BY facts.community, facts.position",
            (lanes_of(kinds), list(kinds)),
        )
        return [_item(r) for r in rows]

    def heads(self) -> dict[str, int]:
        return dict(self.read("SELECT community, position FROM feeds"))

    def counts(self) -> dict[str, int]:
        tables = ("facts", "payloads", "quarantine", "evidence")
        return {t: self._read_all(f"SELECT count(*) FROM {t}")[0][0] for t in tables}


class _Transaction:
    """One group's transaction: batches are judged as they come, and copied together at the end."""

    def __init__(self, store: PostgresqlStore, db: Db, locks: ExitStack) -> None:
        self._store, self._db, self._locks = store, db, locks
        self._streams: dict[tuple[str, int], tuple[int, int]] = {}
        self._touched: set[tuple[str, int]] = set()
        self._facts: list[Row] = []
        self._payloads: list[tuple[bytes | None, bytes | None]] = []
        self._ids: set[str] = set()
        self._gone: list[tuple[str, str]] = []
        self._held: set[str] = set()
        self.heads: dict[str, int] = {}
        self.lanes: dict[str, set[int]] = {}
        self.streamed: list[FeedItem] = []
        self.erased: list[tuple[str, str]] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        found = self._db.execute(_percent(sql), parameters)
        return found.fetchall() if found.description else []

    def lock_streams(self, keys: set[tuple[str, int]]) -> None:
        for device, epoch in sorted(keys):
            rows = self.execute(
                "INSERT INTO streams (device, epoch, through, greatest) VALUES (?, ?, 0, 0)"
                " ON CONFLICT (device, epoch) DO UPDATE SET through = streams.through RETURNING through, greatest",
                (device, epoch),
            )
            self._streams[device, epoch] = (rows[0][0], rows[0][1])

    def stream(self, key: tuple[str, int]) -> tuple[int, int]:
        if key not in self._streams:
            self.lock_streams({key})
        return self._streams[key]

    def append(self, batch: Prepared) -> Appended:
        key = (batch.device, batch.epoch)
        through, greatest = self.stream(key)
        first = batch.facts[0][SEQ] if batch.facts else 0
        in_order = all(f[SEQ] == first + i for i, f in enumerate(batch.facts))
        if first == through + 1 and through == greatest and not batch.poison and in_order and self._new(batch):
            self._keep(batch.facts, batch.payloads)
            through += len(batch.facts)
            self._streams[key] = (through, through)
            self._touched.add(key)
            return Appended(through, fresh=len(batch.facts))
        self.flush()
        return self._append_carefully(batch, key)

    def _new(self, batch: Prepared) -> bool:
        """Whether no id of the batch is known: asked of the index, which the insert would ask as well."""
        ids = [f[ID] for f in batch.facts]
        unique = set(ids)
        if len(unique) < len(ids) or unique & self._ids:
            return False
        return not self.execute("SELECT 1 FROM fact_ids WHERE id = ANY(?::uuid[]) LIMIT 1", (ids,))

    def _append_carefully(self, batch: Prepared, key: tuple[str, int]) -> Appended:
        if batch.released:
            release(self.execute, batch)
        reckoning = reckon(batch, *self._known(batch))
        if reckoning.fork:
            rows = self.execute(
                "UPDATE devices SET epoch = greatest(epoch, ?) + 1 WHERE id = ? RETURNING epoch",
                (batch.epoch, batch.device),
            )
            return Appended(0, fork_epoch=rows[0][0] if rows else batch.epoch + 1)
        self._keep([batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
        self._put_aside(batch, reckoning)
        through, beyond = self._advance(key)
        aside = tuple(sorted(p.seq for p in batch.poison))
        return Appended(through, gaps(through, beyond), aside, fresh=len(reckoning.keep))

    def absorb(self, batch: Prepared) -> int:
        """Facts from upstream; how many were new."""
        self.flush()
        known, aside, taken = self._known(batch)
        if any(fact[SEQ] in aside for fact in batch.facts):  # the one above has taken what was put aside here
            release(self.execute, batch)
            known, aside, taken = self._known(batch)
        reckoning = sift(batch, known, aside, taken)
        if reckoning.keep or reckoning.evidence:
            self._keep([batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
            self._put_aside(batch, reckoning)
            self._advance((batch.device, batch.epoch))
        return len(reckoning.keep)

    def mend(self, batch: Prepared) -> int:
        self.flush()
        payloads = people.without_the_erased(batch.facts, batch.payloads, self._store.elders)
        return sum(self._mend_one(*given) for given in zip(batch.facts, payloads, strict=True))

    def _mend_one(self, fact: Row, payload: tuple[bytes | None, bytes | None]) -> bool:
        places = self.execute("SELECT community, position, at FROM fact_ids WHERE id = ?::uuid", (fact[ID],))
        rows = self.execute(
            f"SELECT {_FACT} {_FROM} WHERE facts.device = ? AND epoch = ? AND seq = ?", (fact[DEVICE], fact[EPOCH], fact[SEQ])
        ) or [
            row
            for place in places
            for row in self.execute(
                f"SELECT {_FACT} {_FROM} WHERE facts.community = ? AND facts.position = ? AND facts.at = ?"
                " AND facts.lane = ANY(?)", (*place, _ALL_LANES),
            )
        ]  # fmt: skip
        if not rows:  # taken out: its id and its payload must not stand in the way of its return
            self._take_out(fact[ID], places)
            return False
        if len(rows) != 1:
            return False
        position, *found = _row(rows[0])[:-2]
        kept = rows[0][-2:]
        fresh = own.mended(tuple(found), kept, people.relane(fact, self._store.elders), payload)
        if fresh is None:
            return False
        self._take_out(fact[ID], [*places, (found[COMMUNITY], position, found[AT])])
        for statement, lines in (
            (_COPY_IDS, id_lines([fresh[0]], [position])),
            (_COPY_FACTS, fact_lines([fresh[0]], [position])),
            (_COPY_PAYLOADS, payload_lines([fresh[0]], [position], [fresh[1]])),
        ):
            with self._db.cursor().copy(statement) as copy:
                copy.write(lines)
        keep_evidence(self.execute, fact, tuple(found), kept)
        if fresh[0][LANE] == Lane.ROSTER and (
            gone := people.learn(fresh[0], fresh[1][1], self._store.elders, self.execute)
        ):
            _erase(self.execute, gone, fact[COMMUNITY])
            self.erased.append((gone, fact[COMMUNITY]))
        return True

    def _take_out(self, id: str, places: Sequence[Row]) -> None:
        self.execute("SELECT set_config('shouwang.mending', 'on', true)")
        self.execute("DELETE FROM fact_ids WHERE id = ?::uuid", (id,))
        for place in places:
            for table in ("facts", "payloads"):
                self.execute(f"DELETE FROM {table} WHERE community = ? AND position = ? AND at = ?", place)
        self.execute("SELECT set_config('shouwang.mending', 'off', true)")

    def _advance(self, key: tuple[str, int]) -> tuple[int, list[int]]:
        """Where the stream stands by what is kept now: the contiguous end, and the numbers beyond the former one."""
        self.flush()
        through, greatest = self._streams[key]
        beyond = [
            row[0]
            for table in ("facts", "quarantine", "evidence")
            for row in self.execute(
                f"SELECT seq FROM {table} WHERE device = ? AND epoch = ? AND seq > ?", (*key, through)
            )
        ]
        through = contiguous(through, beyond)
        self._streams[key] = (through, max([greatest, through, *beyond]))
        self._touched.add(key)
        return through, beyond

    def _known(self, batch: Prepared) -> tuple[dict[int, bytes], set[int], set[str]]:
        """Of the batch's numbers: hashes known and what was put aside; and those of its ids that are taken."""
        seqs = [f[SEQ] for f in batch.facts] + [p.seq for p in batch.poison]
        span = (batch.device, batch.epoch, min(seqs, default=0), max(seqs, default=0))
        where = "WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ?"
        known = {row[0]: bytes(row[1]) for row in self.execute(f"SELECT seq, hash FROM facts {where}", span)}
        aside = {
            r[0] for table in ("quarantine", "evidence") for r in self.execute(f"SELECT seq FROM {table} {where}", span)
        }
        ids = [f[ID] for f in batch.facts if f[SEQ] not in known]
        taken = {r[0].hex for r in self.execute("SELECT id FROM fact_ids WHERE id = ANY(?::uuid[])", (ids,))}
        return known, aside, taken

    def _put_aside(self, batch: Prepared, reckoning: Reckoning) -> None:
        for i in reckoning.evidence:
            fact = batch.facts[i]
            told = repr(dict(zip(COLUMNS, fact, strict=True)))
            self.execute(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, fact[SEQ], fact[ID], told, *batch.payloads[i]),
            )
        for i in reckoning.poison:
            p = batch.poison[i]
            self.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, p.seq, p.reason, p.raw, batch.received),
            )

    def _keep(self, facts: Sequence[Row], payloads: Sequence[tuple[bytes | None, bytes | None]]) -> None:
        elders = self._store.elders
        kept: list[Row] = []
        for fact, (_, body) in zip(facts, payloads, strict=True):
            if fact[LANE] == Lane.PASSAGE:
                fact = people.relane(fact, elders)
            elif fact[LANE] == Lane.ROSTER and (person := people.learn(fact, body, elders, self.execute)):
                self._gone.append((person, fact[COMMUNITY]))
            self._ids.add(fact[ID])
            kept.append(fact)
        self._facts += kept
        self._payloads += people.without_the_erased(kept, payloads, elders)

    def flush(self) -> None:
        """Give positions to what is gathered, and copy it."""
        if self._facts:
            positions = self._allocate()
            for statement, lines in (
                (_COPY_IDS, id_lines(self._facts, positions)),
                (_COPY_FACTS, fact_lines(self._facts, positions)),
                (_COPY_PAYLOADS, payload_lines(self._facts, positions, self._payloads)),
            ):
                with self._db.cursor().copy(statement) as copy:
                    copy.write(lines)
            self._note(positions)
        for person, community in self._gone:
            _erase(self.execute, person, community)
        self.erased += self._gone
        self._facts, self._payloads, self._gone = [], [], []
        self._ids.clear()

    def _allocate(self) -> list[int]:
        """Positions for the gathered facts. Locks each community's feed until the commit."""
        wanted: dict[str, int] = {}
        for fact in self._facts:
            wanted[fact[COMMUNITY]] = wanted.get(fact[COMMUNITY], 0) + 1
        next_of: dict[str, int] = {}
        for community in sorted(wanted):
            if community not in self._held:
                self._locks.enter_context(self._store.order(community))
                self._held.add(community)
            rows = self.execute(
                "INSERT INTO feeds (community, position) VALUES (?, ?) ON CONFLICT (community)"
                " DO UPDATE SET position = feeds.position + excluded.position RETURNING position",
                (community, wanted[community]),
            )
            self.heads[community] = rows[0][0]
            next_of[community] = rows[0][0] - wanted[community] + 1
        positions = []
        for fact in self._facts:
            positions.append(next_of[fact[COMMUNITY]])
            next_of[fact[COMMUNITY]] += 1
        return positions

    def _note(self, positions: Sequence[int]) -> None:
        for fact, position, payload in zip(self._facts, positions, self._payloads, strict=True):
            self.lanes.setdefault(fact[COMMUNITY], set()).add(fact[LANE])
            if fact[LANE] in STREAMED:
                self.streamed.append(own.feed_item(position, fact, *payload))

    def find(self, id: str) -> FeedItem | None:
        self.flush()
        rows = self.execute(
            f"SELECT {_FACT} FROM fact_ids i JOIN facts ON facts.community = i.community AND facts.position = i.position"
            " AND facts.at = i.at AND facts.lane = ANY(?) LEFT JOIN payloads p ON p.community = facts.community"
            " AND p.position = facts.position AND p.at = facts.at WHERE i.id = ?::uuid",
            (_ALL_LANES, id),
        )
        return _item(rows[0]) if rows else None

    def finish(self) -> None:
        self.flush()
        for device, epoch in sorted(self._touched):
            self.execute(
                "UPDATE streams SET through = ?, greatest = ? WHERE device = ? AND epoch = ?",
                (*self._streams[device, epoch], device, epoch),
            )


def _erase(execute: Execute, person: str, community: str) -> int:
    lost = execute(
        "UPDATE payloads p SET salt = NULL, body = NULL FROM facts f WHERE f.subject = ? AND f.community = ?"
        " AND f.kind <> ? AND p.community = f.community AND p.position = f.position AND p.at = f.at"
        " AND p.body IS NOT NULL RETURNING 1",
        (person, community, people.ERASED),
    )
    execute(ERASE_EVIDENCE, told_of(person, community))
    execute(
        "UPDATE quarantine SET raw = '' WHERE position(? in raw) > 0 AND reason <> ?", (quoted(person), people.HELD)
    )
    return len(lost)


def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _row(r: Row) -> Row:
    return (r[0], r[1].hex, *r[2:])


def _item(r: Row) -> FeedItem:
    row = _row(r)
    return own.feed_item(row[0], row[1:-2], row[-2], row[-1])


@contextmanager
def _mendable() -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout, OperationalError) as e:
        raise Mendable("database_down", what=str(getattr(e, "orig", e)).partition("\n")[0]) from e
