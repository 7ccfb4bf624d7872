"""The desktop under load: start, filter, page switch, alarm to paint, gaps while syncing, memory. Milliseconds and MB.

A gate-staff replica of 2,000 elders and 1,000,000 passages is laid once and kept in the cache folder (six to seven minutes).
``start_ms`` runs from process start to a painted board on which everybody is judged, in a fresh process with a warm file cache.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 23, 1, 41, tzinfo=UTC)
SHAPE = 4  # raise it when the replica's shape changes


def replica(elders: int, passages: int) -> Path:
    """The folder of the replica; laid now where it is missing."""
    from caregiver.sample import Sample, lay
    from caregiver.state import projections

    versions = "-".join(f"{p.name}{p.version}" for p in projections())
    folder = user_cache_path("shouwang") / f"bench-desktop-{SHAPE}-{elders}-{passages}-{versions}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print("laying the replica, once …", file=sys.stderr)
        lay(
            folder,
            Sample(NOW, elders=elders, residents=elders, days=10, signs_a_day=6, passages=passages, incidents=False),
        )
        (folder / "done").touch()
    return folder


def _copy(here: str, there: str) -> None:
    """On the disk at once, as a replica is that has been there for a while: its first write must not wait for a gigabyte."""
    shutil.copy2(here, there)
    with Path(there).open("rb+") as file:
        os.fsync(file.fileno())


def p95(times: list[float]) -> float:
    return float(round(statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0], 1))


class Driver:
    """A real window over the replica, off screen."""

    def __init__(self, folder: Path, later_s: float = 0.0) -> None:
        from caregiver.main_window import MainWindow
        from caregiver.sample import open_sample
        from qtkit.app import start
        from qtkit.theme import Mode

        self.app = start("bench", folder / "log", mode=Mode.LIGHT)
        self.state = open_sample(folder, NOW + timedelta(seconds=later_s), zone=UTC, ticking=True)
        self.window = MainWindow(self.state, self.app.language, self.app.theme, self.app.background)
        self.window.show()
        self.until(lambda: self.state.elders.board.judged)

    def until(self, done: Callable[[], bool], limit_s: float = 600.0) -> None:
        """Let events run, as they do in the program, until `done`; raises TimeoutError."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop, end = QEventLoop(), time.monotonic() + limit_s
        poll = QTimer(interval=3)
        poll.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > end else None)
        poll.start()
        loop.exec()
        poll.stop()
        if not done():
            raise TimeoutError

    def settle(self) -> None:
        for _ in range(3):
            self.app.qt.processEvents()

    def close(self) -> None:
        self.window.close()
        self.app.background.close()
        self.state.close()
        self.state.journal.close()


def child(folder: Path, later_s: float) -> int:
    """In a process of its own: ready as soon as the board is painted and everybody is judged."""
    driver = Driver(folder, later_s)
    driver.settle()
    print(json.dumps({"ready": time.time()}), flush=True)
    driver.close()
    return 0


def start_ms(folder: Path, rounds: int = 3) -> float:
    """Median over a few fresh processes, each opened a minute after the last; the first warms the file cache and is not counted."""
    times = []
    (folder / "standings").unlink(missing_ok=True)
    # a user's Python keeps its bytecode
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for number in range(rounds + 1):
        began = time.time()
        out = subprocess.run(
            [sys.executable, "-m", "bench", "desktop", "--child", str(folder), "--later", str(60 * number)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        ready = json.loads(out.stdout.strip().splitlines()[-1])["ready"]
        if number:
            times.append((ready - began) * 1000)
    return float(round(statistics.median(times), 1))


def filter_ms(driver: Driver, rounds: int = 40) -> float:
    """From a keystroke in the search to the list painted."""
    page, times = driver.window.board, []
    painted: list[float] = []
    page.list.painted.connect(lambda: painted.append(time.perf_counter()))
    for number in range(rounds):
        painted.clear()
        began = time.perf_counter()
        page.search.setText(("", "w", "wx", "王", "1-2", "3-1-2", "zh", "陈桂")[number % 8])
        page.list.viewport().repaint()
        times.append((time.perf_counter() - began) * 1000)
        driver.settle()
    page.search.clear()
    return p95(times)


def page_ms(driver: Driver, rounds: int = 4) -> float:
    """From the choice of a page to its paint, each page having been opened once before."""
    names = ["board", "incidents", "gatelog", "residents", "reports", "admin"]
    times = []
    for number in range(rounds + 1):
        for name in names:
            began = time.perf_counter()
            driver.window.go(name)
            driver.window.repaint()
            if number:
                times.append((time.perf_counter() - began) * 1000)
            driver.settle()
            driver.until(lambda: True)
    driver.window.go("board")
    return p95(times)


def alarm_ms(driver: Driver, rounds: int = 20, more: Callable[[], bool] = lambda: True) -> float:
    """From an incident arriving down the stream, on its own thread, to the alarm really painted; while there are `more`."""
    from caregiver.invented import Feed, open_incident

    feed, times = Feed("jinxiu", time.time_ns()), []
    device = f"b{feed.rng.getrandbits(64):x}"
    painted: dict[str, float] = {}
    heard = driver.window.alarm_painted.connect(lambda id: painted.setdefault(id, time.perf_counter()))
    elders = [e.id for e in driver.state.elders.board.rows()]
    for number in range(rounds):
        id = f"{device}-{number}"
        at = NOW + timedelta(seconds=number)
        items = list(open_incident(feed, id, "sos", elders[number], at, "", device=device))[:1]
        began = time.perf_counter()
        threading.Thread(target=driver.state.journal.absorb, args=(items,)).start()
        driver.until(partial(painted.__contains__, id))
        times.append((painted[id] - began) * 1000)
        driver.window.ringing.acknowledge(id)
        driver.settle()
        if not more():
            break
    driver.window.alarm_painted.disconnect(heard)
    driver.window.go("board")
    return p95(times)


class Flood:
    """`facts` facts coming down the feed, page by page, on a thread of their own."""

    def __init__(self, driver: Driver, facts: int) -> None:
        self._journal = driver.state.journal
        self._people = [(e.id, e.person.profile) for e in driver.state.elders.board.rows()]
        self._facts, self._done = facts, threading.Event()
        threading.Thread(target=self._run).start()

    @property
    def over(self) -> bool:
        return self._done.is_set()

    def _run(self) -> None:
        from caregiver.invented import Feed, passage
        from offline.wire import MAX_BATCH_EVENTS

        feed = Feed("jinxiu", time.time_ns())
        device = f"b{feed.rng.getrandbits(64):x}"
        for start in range(0, self._facts, MAX_BATCH_EVENTS):
            numbers = range(start, min(start + MAX_BATCH_EVENTS, self._facts))
            times = [NOW + timedelta(milliseconds=n) for n in numbers]
            self._journal.absorb([passage(feed, feed.rng, self._people, at, device) for at in times])
        self._done.set()


def gap_ms(driver: Driver, facts: int = 100_000) -> float:
    """The longest the interface stood still while `facts` facts came down the feed."""
    from PySide6.QtCore import QTimer

    beats: list[float] = []
    heart = QTimer(interval=5)
    heart.timeout.connect(lambda: beats.append(time.perf_counter()))
    heart.start()
    flood = Flood(driver, facts)
    driver.until(lambda: flood.over)
    heart.stop()
    return round(max((b - a) * 1000 for a, b in pairwise(beats)), 1)


def alarm_in_flood_ms(driver: Driver, facts: int) -> float:
    """`alarm_ms` while `facts` facts come down the feed."""
    flood = Flood(driver, facts)
    found = alarm_ms(driver, more=lambda: not flood.over)
    driver.until(lambda: flood.over)
    return found


def main(argv: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser(prog="./run bench desktop", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--elders", type=int, default=2_000)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--facts", type=int, default=100_000, help="how many are synced while the interface is watched")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    # s; as when it was closed and opened again
    parser.add_argument("--later", type=float, default=0.0, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.child:
        return child(args.child, args.later)
    import tempfile

    import psutil

    kept = replica(args.elders, args.passages)
    figures: dict[str, Any] = {"elders": args.elders, "passages": args.passages, "start_ms": start_ms(kept)}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "replica"
        shutil.copytree(kept, folder, copy_function=_copy)
        driver = Driver(folder)
        driver.app.language.set("zh")
        figures["filter_ms_p95"] = filter_ms(driver)
        figures["page_ms_p95"] = page_ms(driver)
        figures["alarm_ms_p95"] = alarm_ms(driver)
        figures["gap_ms_max"] = gap_ms(driver, args.facts)
        figures["alarm_in_flood_ms_p95"] = alarm_in_flood_ms(driver, args.facts // 5)
        figures["rss_mb"] = round(psutil.Process().memory_info().rss / 1e6, 1)
        driver.close()
    print(json.dumps(figures) if args.json else "\n".join(f"{k:16} {v}" for k, v in figures.items()))
    return 0
