"""What a fact costs while the store grows, from ten thousand to five million: processor time of the server (and of PostgreSQL),
wall time of a batch, disk, memory, and how long the newest page of the feed takes. Flat is what it should be.

Every mark is measured over the facts just before it. The devices sign, and the facts go the whole way over HTTP.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil
import psycopg

from bench._load import Sender, enrolled, event, printed, serving, squeezed
from bench.ingest import SIZE, databases
from district.feeds.feed import write_cursor
from offline.wire import Batch, FeedPage

MARKS = (10_000, 100_000, 1_000_000, 2_000_000, 5_000_000)
WINDOW = 50_000  # facts before a mark, or half of it where that is less
CLIENTS = 4
PEOPLE = [f"p{n:032x}" for n in range(20_000)]


@dataclass
class Device:
    """One sender and how far it is."""

    sender: Sender
    sent: int = 0
    times: list[float] = field(default_factory=list)

    def push(self, batches: int) -> None:
        for _ in range(batches):
            now = int(time.time() * 1000)
            events = [
                event(self.sent + n, PEOPLE[(self.sent + n) * 7919 % len(PEOPLE)], now + n, self.sender.community)
                for n in range(1, SIZE + 1)
            ]
            body = squeezed(Batch(1, 1, self.sent + 1, now, events))
            self.times.append(self.sender.ready(body)())
            self.sent += SIZE


def busy_s(processes: Callable[[], list[psutil.Process]]) -> float:
    """Processor time of these so far."""
    return sum(sum(p.cpu_times()[:2]) for p in processes())


def of_postgresql(folder: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == folder:
                yield process
        except psutil.Error:
            continue


def newest_page_ms(device: Device, head: int) -> float:
    """The median of ten reads of the newest page, signed, over HTTP."""
    community = device.sender.community
    target = f"/v1/feed?cursor={write_cursor(1, {community: head - SIZE}, marks={community: ''})}"
    taken = []
    for _ in range(10):
        headers = device.sender.headers("GET", target, b"")
        began = time.perf_counter()
        device.sender.line.request("GET", target, headers=headers)
        page = msgspec.json.decode(device.sender.line.getresponse().read(), type=FeedPage)
        taken.append((time.perf_counter() - began) * 1000)
        assert len(page.items) == SIZE
    return statistics.median(taken)


def grow(database: str, upto: int, seconds: float, note: Callable[[int, dict[str, float]], None]) -> None:
    """Push to the marks up to `upto`, as far as `seconds` allow."""
    with tempfile.TemporaryDirectory(prefix="shouwang-growth-") as name, ExitStack() as stack:
        host, port, settings, process = stack.enter_context(serving(Path(name), database))
        server, folder = psutil.Process(process.pid), ""
        if database:
            with psycopg.connect(database) as db:
                folder = str((db.execute("SHOW data_directory").fetchone() or ("",))[0])

        def processes() -> list[psutil.Process]:
            return [server, *(of_postgresql(folder) if folder else ())]

        devices = [Device(enrolled(host, port, settings, f"c{n}")) for n in range(CLIENTS)]
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        total, until = 0, time.monotonic() + seconds

        def push(facts: int) -> None:
            nonlocal total
            rounds = max(1, facts // SIZE // CLIENTS)
            while rounds > 0 and time.monotonic() < until:
                some = min(rounds, 10)
                list(pool.map(Device.push, devices, [some] * CLIENTS))
                rounds -= some
                total += some * SIZE * CLIENTS

        for mark in (m for m in MARKS if m <= upto):
            window = min(WINDOW, mark // 2)
            push(mark - window - total)
            for device in devices:
                device.times.clear()
            before, began, first = busy_s(processes), time.perf_counter(), total
            push(window)
            if time.monotonic() >= until:
                print(f"time is up at {total:,} facts", file=sys.stderr)
                return
            fresh, took = total - first, time.perf_counter() - began
            cost = (busy_s(processes) - before) / fresh * 1e6
            size = _disk(Path(name) / "data", database)
            figures = {
                "cpu_us_per_fact": round(cost, 1),
                "batch_ms_p50": round(statistics.median([t for d in devices for t in d.times]), 1),
                "facts_per_s": round(fresh / took),
                "bytes_per_fact": round(size / total),
                "rss_mb": round(server.memory_info().rss / 1e6),
                "newest_page_ms": round(newest_page_ms(devices[0], devices[0].sent), 1),
            }
            note(mark, figures)


def _disk(folder: Path, database: str) -> int:
    if not database:
        return sum(f.stat().st_size for f in folder.glob("district.sqlite*"))
    with psycopg.connect(database) as db:
        return int((db.execute("SELECT pg_database_size(current_database())").fetchone() or (0,))[0])


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("bench growth", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="the figures as one JSON object on the last line (they always are)"
    )
    parser.add_argument("--facts", type=int, default=MARKS[-1], help="the greatest mark")
    parser.add_argument("--seconds", type=float, default=3_600, help="a store; then it ends wherever it is")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    args = parser.parse_args(argv)
    found: dict[str, object] = {}
    for store in ("sqlite", "postgresql"):
        if args.only not in (None, store):
            continue
        marks: dict[str, dict[str, float]] = {}

        def note(
            mark: int, figures: dict[str, float], marks: dict[str, dict[str, float]] = marks, store: str = store
        ) -> None:
            marks[str(mark)] = figures
            print(f"{store} at {mark:,}: {figures}", file=sys.stderr, flush=True)

        with databases(store == "postgresql") as urls:
            grow(next(urls, ""), args.facts, args.seconds, note)
        found[store] = marks
    printed(found)
    return 0
