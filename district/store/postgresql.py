"""The store on PostgreSQL 15 or newer: COPY into day partitions under the stream's lock, positions from one row a community.

Order of locks in every transaction: streams, sorted; then feeds, sorted. A community's feed row is locked from the allocation of
positions to the commit, so positions become visible in their order and no reader can skip one.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout
from sqlalchemy.exc import OperationalError

from district.scope import Scope, lanes_of
from district.store import people, wall
from district.store.partitions import Partitions
from district.store.port import (
    AT,
    GLIMPSE,
    ID,
    UNBOUND,
    Page,
    Prepared,
    Row,
    Unkeepable,
)  # fmt: skip
from district.store.postgresql_commit import FACT, FROM, Db, Transaction, item_of, percent, row_of
from district.store.postgresql_mending import FIND_ASTRAY, PostgresqlMending
from district.store.postgresql_migrate import migrate
from district.store.postgresql_url import noticing
from district.store.reading import erased_by, merge
from district.store.writer import Job
from district.store.writing import Writing
from domain.errors import Mendable
from offline.wire import FeedItem

WRITERS, READERS = 2, 8


class PostgresqlStore(Writing[Transaction]):
    """Raises Mendable `database_newer`, `database_down`, `disk_full`. Safe from any thread."""

    def __init__(self, url: str, node: str, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        super().__init__(node, now_ms)
        with _mendable():
            migrate(url)
            self._url = url = noticing(url)
            self._partitions = Partitions(url)
            self._partitions.ensure([now_ms() + day * 86_400_000 for day in (-1, 0, 1, 2)], now_ms())
            self.walled = wall.stands(url)
            behind = wall.go_behind if self.walled else None
            self._pool = ConnectionPool(url, min_size=2, max_size=READERS, timeout=10, open=False, configure=behind)
            self._pool.open(wait=True, timeout=10)
        self.elders = people.Elders(self.read(people.KNOWN))
        self._order: dict[str, threading.Lock] = {}  # per community: commits and what is told of them in one order
        self._seats: dict[int, Db] = {}
        self._take_up(self._read_all)
        self._begin(WRITERS)

    astray = FIND_ASTRAY

    def forget(self, ids: Sequence[str]) -> int:
        statement = (
            "UPDATE payloads p SET salt = NULL, body = NULL FROM fact_ids i WHERE i.id = ANY(?::uuid[])"
            " AND p.community = i.community AND p.position = i.position AND p.at = i.at AND p.body IS NOT NULL RETURNING 1"
        )
        return len(self.write(lambda execute: execute(statement, (list(ids),))))

    def expire(self, lanes: Sequence[int], before: int, limit: int) -> int:
        statement = (
            "UPDATE payloads p SET salt = NULL, body = NULL FROM (SELECT f.community, f.position, f.at FROM facts f"
            " JOIN payloads q ON q.community = f.community AND q.position = f.position AND q.at = f.at"
            " WHERE f.lane = ANY(?) AND f.at < ? AND q.at < ? AND q.body IS NOT NULL LIMIT ?) d"
            " WHERE p.community = d.community AND p.position = d.position AND p.at = d.at RETURNING 1"
        )
        return len(self.write(lambda execute: execute(statement, (list(lanes), before, before, limit))))

    def close(self) -> None:
        self._end()
        for db in self._seats.values():
            db.close()
        self._pool.close()

    def _commit(self, jobs: list[Job], seat: int) -> list[Any]:
        batches = [job.about for job in jobs if isinstance(job.about, Prepared)]
        with _mendable(), ExitStack() as locks:
            self._partitions.ensure([f[AT] for b in batches for f in b.facts], self._now())
            db = self._seat(seat)
            tx = Transaction(self.elders, self.order, db, locks)
            try:
                with db.transaction():
                    tx.expect({(b.device, b.epoch) for b in batches})
                    tx.look_up({f[ID] for b in batches for f in b.facts})
                    results = [job.work(tx) for job in self._writer.doing(jobs)]
                    tx.finish()
            except psycopg.OperationalError:
                self._seats.pop(seat).close()
                raise
            self._tell(tx)
        return results

    def _mending(self, tx: Transaction) -> PostgresqlMending:
        return PostgresqlMending(tx)

    def _seat(self, seat: int) -> Db:
        if seat not in self._seats or self._seats[seat].closed:
            self._seats[seat] = psycopg.connect(self._url, autocommit=True)
        return self._seats[seat]

    def order(self, community: str) -> threading.Lock:
        return self._order.setdefault(community, threading.Lock())

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _mendable(), self._pool.connection() as db:
            return db.execute(percent(sql), parameters).fetchall()

    def read_within(self, communities: Sequence[str], sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _mendable(), self._pool.connection() as db:
            wall.open_for(db, communities)
            return db.execute(percent(sql), parameters).fetchall()

    def _read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """What the district itself looks at: facts of every community."""
        with _mendable(), self._pool.connection() as db:
            wall.step_over(db)
            return db.execute(percent(sql), parameters).fetchall()

    def feed_after(self, scope: Scope, positions: Mapping[str, int], limit: int) -> Page:
        with _mendable(), self._pool.connection() as db:
            wall.open_for(db, scope.communities)
            heads: dict[str, int] = dict(db.execute("SELECT community, position FROM feeds").fetchall())

            def lane(community: str, lane: int, after: int) -> list[Row]:
                return db.execute(
                    f"SELECT {FACT} {FROM} WHERE facts.community = %s AND lane = %s AND facts.position > %s"
                    " ORDER BY facts.position LIMIT %s",
                    (community, lane, after, limit),
                ).fetchall()

            def run(sql: str, given: Sequence[Any]) -> list[Row]:
                return [(r[0].hex, *r[1:]) for r in db.execute(percent(sql), given)]

            page = merge(scope, positions, heads, limit, lambda *asked: [row_of(r) for r in lane(*asked)])
            return erased_by(page, scope, run)

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[FeedItem]:
        rows = self._read_all(
            f"SELECT {FACT} {FROM} WHERE subject = ? AND facts.at >= ? AND (? OR kind = ANY(?))"
            " ORDER BY received, facts.position",
            (subject, since, not kinds, list(kinds)),
        )
        return [item_of(r) for r in rows]

    def glimpses(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Row]:
        names = ", ".join(name if name == "body" else f"facts.{name}" for name in GLIMPSE)
        rows = self._read_all(
            f"SELECT {names} {FROM} WHERE subject = ? AND facts.at >= ? AND (? OR kind = ANY(?))"
            " ORDER BY received, facts.position",
            (subject, since, not kinds, list(kinds)),
        )
        return [row_of(row) for row in rows]

    def told(self, kinds: Sequence[str]) -> list[FeedItem]:
        rows = self._read_all(
            f"SELECT {FACT} {FROM} WHERE lane = ANY(?) AND kind = ANY(?) ORDER BY facts.community, facts.position",
            (lanes_of(kinds), list(kinds)),
        )
        return [item_of(r) for r in rows]

    def heads(self) -> dict[str, int]:
        return dict(self.read("SELECT community, position FROM feeds"))

    def counts(self) -> dict[str, int]:
        tables = ("facts", "payloads", "quarantine", "evidence")
        return {t: self._read_all(f"SELECT count(*) FROM {t}")[0][0] for t in tables}


@contextmanager
def _mendable() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DiskFull as e:
        raise Mendable("disk_full", path="PostgreSQL") from e
    except (
        psycopg.DataError,
        psycopg.errors.ProgramLimitExceeded,
        *UNBOUND,
    ) as e:  # of what was to be kept, and not of the database
        raise Unkeepable(str(e).partition("\n")[0]) from e
    except (psycopg.OperationalError, PoolTimeout, OperationalError) as e:
        raise Mendable("database_down", what=str(getattr(e, "orig", e)).partition("\n")[0]) from e
