"""Ingest over HTTP against the best raw insert of the same rows: same tables, indexes, triggers and durability.

Interleaved rounds, each on a fresh database; 8 devices send batches of 500, signed and compressed. Raw: SQLite executemany, 4,000
facts a commit; PostgreSQL COPY in a single transaction. The median of the rounds counts.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from bench._cluster import cluster
from bench._load import batches, enrolled, printed, quantile, serving, squeezed
from district.ingest import prepare
from district.scope import DeviceRole
from district.store.copying import fact_lines, id_lines, payload_lines
from district.store.port import COLUMNS, Payload, Row
from district.store.postgresql import PostgresqlStore
from district.store.sqlite import SqliteStore
from offline.wire import Batch

CLIENTS, SIZE, COMMIT = 8, 500, 4_000


class Work:
    """The same facts for every round: as batches to be sent, and as rows to be inserted."""

    def __init__(self, events: int) -> None:
        each = events // SIZE // CLIENTS
        self.batches = [batches(each, SIZE, f"c{client}") for client in range(CLIENTS)]
        self.bodies = [[squeezed(b) for b in mine] for mine in self.batches]
        self.rows: list[Row] = []
        self.payloads: list[Payload] = []
        for client, mine in enumerate(self.batches):
            for batch in mine:
                self._prepare(client, batch)
        self.events = len(self.rows)

    def _prepare(self, client: int, batch: Batch) -> None:
        ready = prepare(batch, [], f"v{client:024x}", DeviceRole.HUB, (f"c{client}",), batch.sent_at)
        self.rows += ready.facts
        self.payloads += ready.payloads


def over_http(work: Work, folder: Path, database: str) -> tuple[float, list[float]]:
    """(events/s, times of the batches in ms)."""
    with serving(folder, database) as (host, port, settings, _):
        senders = [enrolled(host, port, settings, f"c{client}") for client in range(CLIENTS)]
        ready = [[s.ready(body) for body in mine] for s, mine in zip(senders, work.bodies, strict=True)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            began = time.perf_counter()
            times = list(pool.map(lambda mine: [send() for send in mine], ready))
            took = time.perf_counter() - began
    return work.events / took, [ms for mine in times for ms in mine]


def raw_sqlite(work: Work, folder: Path) -> float:
    """Events/s."""
    path = folder / "raw.sqlite"
    SqliteStore(path, "d0").close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA cache_size=-65536")
    marks = ", ".join("?" * (len(COLUMNS) + 2))
    facts = [(n, n, *row) for n, row in enumerate(work.rows, 1)]
    payloads = [(n, *payload) for n, payload in enumerate(work.payloads, 1)]
    began = time.perf_counter()
    for at in range(0, len(facts), COMMIT):
        db.execute("BEGIN")
        db.executemany(
            f"INSERT INTO facts (row, position, {', '.join(COLUMNS)}) VALUES ({marks})", facts[at : at + COMMIT]
        )
        db.executemany("INSERT INTO payloads VALUES (?, ?, ?)", payloads[at : at + COMMIT])
        db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return work.events / took


def raw_postgresql(work: Work, url: str) -> float:
    """Events/s."""
    PostgresqlStore(url, "d0").close()
    positions = list(range(1, work.events + 1))
    with psycopg.connect(url) as db:
        began = time.perf_counter()
        for table, lines in (
            ("fact_ids (id, community, position, at)", partial(id_lines, work.rows, positions)),
            (f"facts (position, {', '.join(COLUMNS)})", partial(fact_lines, work.rows, positions)),
            (
                "payloads (community, position, at, salt, body)",
                partial(payload_lines, work.rows, positions, work.payloads),
            ),
        ):
            with db.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(lines())
        db.commit()
        return work.events / (time.perf_counter() - began)


@contextmanager
def databases(wanted: bool) -> Iterator[Iterator[str]]:
    """Fresh databases on a cluster of our own."""
    if not wanted:
        yield iter(())
        return
    with cluster() as url:

        def fresh() -> Iterator[str]:
            for n in range(1_000):
                with psycopg.connect(url, autocommit=True) as db:
                    db.execute(f"CREATE DATABASE b{n}")
                yield url.rpartition("/")[0] + f"/b{n}"

        yield fresh()


def measure(store: str, work: Work, rounds: int) -> dict[str, object]:
    raw: list[float] = []
    http: list[float] = []
    times: list[float] = []
    with databases(store == "postgresql") as urls:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="shouwang-bench-") as name:
                folder = Path(name)
                if store == "sqlite":
                    raw.append(raw_sqlite(work, folder))
                    rate, each = over_http(work, folder, "")
                else:
                    raw.append(raw_postgresql(work, next(urls)))
                    rate, each = over_http(work, folder, next(urls))
            http.append(rate)
            times += each
            print(f"{store}: raw {raw[-1]:,.0f}/s, http {rate:,.0f}/s", file=sys.stderr, flush=True)
    return {
        "ratio_to_raw": round(statistics.median(http) / statistics.median(raw), 3),
        "events_per_s": round(statistics.median(http)),
        "raw_events_per_s": round(statistics.median(raw)),
        "batch_ms_p50": round(statistics.median(times), 1),
        "batch_ms_p99": round(quantile(times, 0.99), 1),
        "rounds": rounds,
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("bench ingest", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="the figures as one JSON object on the last line (they always are)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=40_000, help="a round")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    args = parser.parse_args(argv)
    work = Work(args.events)
    printed({s: measure(s, work, args.rounds) for s in ("sqlite", "postgresql") if args.only in (None, s)})
    return 0
