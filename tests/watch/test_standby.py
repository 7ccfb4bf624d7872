"""A desktop without its district: silent while connected, watchful when cut off, and of one mind with it afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.incident_kinds import OPENED, Kind
from tests.watch.test_evaluation import ELDER, Bench, with_morning_window
from watch.standby import Standby


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    with_morning_window(found)
    yield found
    found.close()


def test_while_connected_it_raises_nothing(bench: Bench) -> None:
    standby = Standby(bench.ledger, bench.sql)
    for _ in range(5):
        bench.now += timedelta(hours=1)
        standby.tick(bench.now, connected=True)
    assert not bench.incidents()


def test_cut_off_it_raises_an_unconfirmed_alarm_that_the_districts_own_confirms(bench: Bench) -> None:
    standby = Standby(bench.ledger, bench.sql)
    standby.tick(bench.now, connected=True)
    bench.now += timedelta(hours=2)
    standby.tick(bench.now, connected=False)
    assert not standby.watching
    bench.now += timedelta(hours=2)
    standby.tick(bench.now, connected=False)
    (local,) = bench.incidents()
    assert (local.kind, local.confirmed) == (Kind.MISSED_CHECKIN, False)
    opened = {"incident": local.id, "elder": ELDER, "kind": "missed_checkin", "confirmed": True, "by": "system"}
    bench.journal.append(OPENED, opened, subject=ELDER)
    (met,) = bench.incidents()
    assert met.confirmed


def test_a_short_break_is_the_districts_business(bench: Bench) -> None:
    standby = Standby(bench.ledger, bench.sql)
    bench.now += timedelta(hours=4)
    standby.tick(bench.now, connected=False)
    bench.now += timedelta(seconds=30)
    standby.tick(bench.now, connected=False)
    standby.tick(bench.now, connected=True)
    bench.now += timedelta(seconds=40)
    standby.tick(bench.now, connected=False)
    assert not bench.incidents()
