"""An elder under watch, driven by hand: facts go in, incidents come out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.events import to_ms
from domain.incident import Incident
from offline.database import Database
from offline.journal import Journal
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
