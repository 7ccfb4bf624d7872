"""An elder under watch, driven by hand: facts go in, incidents come out."""

import random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from domain.events import to_ms
from domain.incident import Incident
from offline.journal.database import Database
from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from watch.cases import Cases
from watch.evaluation import Watch
from watch.ledger import JournalLedger
from watch.plans import FactPlans
from watch.rows import SqlFile, WatchRows

T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai

ELDER = "p1"


class Bench:
    """A desktop's watch at a time that the test sets."""

    def __init__(self, folder: Path, confirmed: bool = True) -> None:
        self.now = T0
        self.folder = folder
        self.journal = Journal(folder / "journal.db", NodeClock(wall=lambda: self.now.timestamp()))
        if not self.journal.device:
            self.journal.become("desk-1", 1, "jinxiu")
        self.sql = SqlFile(Database(folder / "watch.db").writer())
        self.ledger = JournalLedger(self.journal)
        self.plans = FactPlans()
        self.plans.recall(self.ledger)
        self.cases = Cases(self.ledger, self.plans, confirmed)
        self.watch = Watch(self.ledger, WatchRows(self.sql), self.plans, self.cases)

    def tell(self, kind: str, subject: str | None = ELDER, /, **payload: Any) -> str:
        return self.journal.append(kind, payload, subject=subject, at=to_ms(self.now)).envelope.id

    def tick(self, after: timedelta = timedelta(0)) -> None:
        self.now += after
        self.watch.tick(self.now)

    def incidents(self) -> list[Incident]:
        return self.cases.of(ELDER, self.now)

    def close(self) -> None:
        self.ledger.close()
        self.journal.close()
        self.sql.close()


def with_morning_window(bench: Bench, **more: Any) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell(
        "careplan.set",
        revision=1,
        since=to_ms(T0),
        windows=[{"id": "morning", "start": "09:00", "end": "11:00", "grace_min": 30}],
        backstops=[],
        **more,
    )


def lived(bench: Bench) -> None:
    """Three weeks of a home."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, since=to_ms(T0), windows=[], backstops=[])
    rng = random.Random(7)
    for day in range(21):
        for hour in (6.5, 7.2, 8.1, 9.0, 10.3, 11.5, 12.4, 13.9, 15.0, 16.2, 17.5, 18.3, 19.6, 20.5, 21.4):
            bench.now = T0 + timedelta(days=day, hours=hour - 8 + rng.gauss(0, 0.15))
            bench.tell("sign.motion", device="hall")


class Apart(Executor):
    """Does what it was given when the test says so."""

    def __init__(self) -> None:
        self.given: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.given.append((Future(), partial(fn, *args, **kwargs)))
        return self.given[-1][0]

    def work(self) -> None:
        for done, job in self.given:
            done.set_result(job())
        self.given.clear()
