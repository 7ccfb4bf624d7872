"""Facts that make no sense, and clocks that stand still: what comes behind them is heard all the same."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.events import to_ms
from domain.incident_kinds import Kind
from offline.journal.database import Database
from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from watch.cases import STEPS, Cases
from watch.evaluation import Watch
from watch.ledger import JournalLedger, Seen
from watch.plans import FactPlans
from watch.rows import SqlFile, WatchRows

T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.now = T0
        self.journal = Journal(folder / "journal.db", NodeClock(wall=lambda: self.now.timestamp()))
        self.journal.become("desk-1", 1, "jinxiu")
        self.sql = SqlFile(Database(folder / "watch.db").writer())
        self.ledger = JournalLedger(self.journal)
        self.plans = FactPlans()
        self.cases = Cases(self.ledger, self.plans)
        self.watch = Watch(self.ledger, WatchRows(self.sql), self.plans, self.cases)

    def tell(self, kind: str, subject: str, at: datetime | None = None, /, **payload: Any) -> None:
        self.journal.append(kind, payload, subject=subject, at=to_ms(at or self.now))

    def rings(self, elder: str) -> list[str]:
        self.watch.tick(self.now)
        return [i.id for i in self.cases.of(elder, self.now) if i.open and i.kind is Kind.SOS]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.ledger.close()
    found.journal.close()
    found.sql.close()


OPENED = {"incident": "i1", "elder": "wang", "kind": "sos", "severity": 1}


@pytest.mark.parametrize(
    "facts",
    [
        [("incident.opened", {**OPENED, "kind": "of another age"})],
        [
            (
                "incident.opened",
                {**OPENED, "severity": 77, "happened_at": "yesterday", "received": 10**30, "ladder": "x"},
            )
        ],
        [("incident.opened", {**OPENED, "ladder": {"steps": 5, "zone": "Nowhere/At_All", "stale_after_s": "nan"}})],
        [("incident.opened", OPENED), ("incident.escalated", {"incident": "i1", "level": "x", "due": 10**30})],
        [("incident.opened", OPENED), ("incident.dispatched", {"incident": "i1", "to": 5})],
        [("careplan.set", {"revision": "x", "ladder": {"steps": [{"do": "wait", "seconds": 1e300}]}, "contacts": 7})],
        [("config.ladder_set", {"name": [], "steps": 5, "stale_after_s": []})],
        [("fall.suspected", {"impact": 10**30, "score": {}})],
    ],
)
def test_a_call_for_help_is_heard_behind_nonsense(bench: Bench, facts: list[tuple[str, dict[str, Any]]]) -> None:
    for kind, payload in facts:
        bench.tell(kind, "wang", None, **payload)
    bench.tell("sign.sos", "li", None, device="pendant")
    bench.tell("sign.sos", "wang", None, device="pendant")
    assert len(bench.rings("li")) == 1
    assert len(bench.rings("wang")) >= 1


def test_a_fall_is_confirmed_though_another_report_makes_no_sense(bench: Bench) -> None:
    bench.tell("fall.suspected", "li", None, device="radar", impact=-(10**30), score={})
    bench.tell("fall.aftermath", "li", None, kind="still", since=-(10**30))
    bench.tell("fall.suspected", "li", None, device="band", origin="detector", impact=to_ms(bench.now))
    bench.watch.tick(bench.now)
    bench.now += timedelta(minutes=2)
    bench.watch.tick(bench.now)
    bench.watch.tick(bench.now)
    assert [i.kind for i in bench.cases.of("li", bench.now)] == [Kind.FALL]


def test_a_home_is_watched_though_a_device_said_nonsense(bench: Bench) -> None:
    backstop = {"id": "hall", "kinds": ["motion"], "after_min": 60}
    bench.tell("home.device_registered", "li", None, device="pir", kind="motion")
    bench.tell("consent.given", "li", None, purpose="home_monitoring")
    bench.tell("careplan.set", "li", None, revision=1, backstops=[backstop])
    bench.tell("sign.motion", "li", None, device="pir", amount=1e300)
    bench.tell("device.blind", "li", None, device="pir", blind=True, since="x")
    bench.tell("device.blind", "li", None, device="pir", blind=False, since=10**30)
    bench.watch.tick(bench.now)
    bench.now += timedelta(hours=3)
    bench.watch.tick(bench.now)
    assert Kind.INACTIVITY in [i.kind for i in bench.cases.of("li", bench.now)]


def test_a_follower_that_cannot_read_a_fact_is_passed_over_once(bench: Bench) -> None:
    asked: list[str] = []

    def follow(fact: Seen, _now: datetime) -> None:
        asked.append(fact.kind)
        raise KeyError("incident")

    bench.watch.followers.insert(0, follow)
    bench.tell("sign.sos", "li")
    assert len(bench.rings("li")) == 1
    bench.watch.tick(bench.now)
    assert asked.count("sign.sos") == 1


def test_what_the_disk_says_is_no_fault_of_the_fact(bench: Bench) -> None:
    full = [True]

    def follow(_fact: Seen, _now: datetime) -> None:
        if full.pop() if full else False:
            raise sqlite3.OperationalError("database or disk is full")

    bench.watch.followers.insert(0, follow)
    bench.tell("sign.sos", "li")
    with pytest.raises(sqlite3.OperationalError):
        bench.watch.tick(bench.now)
    assert len(bench.rings("li")) == 1


@pytest.mark.parametrize("stands", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_pendant_whose_clock_stands_rings_again_after_its_incident_was_closed(bench: Bench, stands: datetime) -> None:
    bench.tell("sign.sos", "li", stands, device="pendant")
    (first,) = bench.rings("li")
    bench.tell("incident.rejected", "li", None, incident=first, by="nurse")
    assert bench.rings("li") == []
    bench.now += timedelta(days=3)
    bench.tell("sign.sos", "li", stands, device="pendant")
    (second,) = bench.rings("li")
    assert second != first


def test_incidents_are_read_without_the_signs_between_them(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    about = bench.ledger.about

    def counted(subject: str, kinds: Any = (), since: int = 0) -> list[Seen]:
        asked.append(tuple(kinds))
        return about(subject, kinds, since)

    monkeypatch.setattr(bench.ledger, "about", counted)
    bench.cases.of("li", bench.now)
    assert asked == [STEPS]
