"""A desktop without its district: silent while connected, watchful when cut off, and of one mind with it afterwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from domain.events import derived_id
from domain.incident_kinds import ACKNOWLEDGED, OPENED, Kind, State
from tests.watch.benches import ELDER, Bench, with_morning_window
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


def cut_off(bench: Bench, standby: Standby) -> None:
    for seconds in (10, 61, 1):
        bench.now += timedelta(seconds=seconds)
        standby.tick(bench.now, connected=False)
    assert standby.watching


@pytest.mark.parametrize("kind", ["sign.sos", "sign.fall", "fall.suspected"])
def test_a_call_that_came_while_the_line_only_seemed_to_stand_is_raised_here(bench: Bench, kind: str) -> None:
    standby = Standby(bench.ledger, bench.sql)
    bench.tell(kind, device="b")
    standby.tick(bench.now, connected=True)  # as far as is known
    cut_off(bench, standby)
    bench.now += timedelta(seconds=90)
    for _ in range(3):
        standby.tick(bench.now, connected=False)
    (local,) = bench.incidents()
    assert not local.confirmed


def test_a_call_that_the_district_has_answered_is_left_to_it(bench: Bench) -> None:
    standby = Standby(bench.ledger, bench.sql)
    signal = bench.tell("sign.sos", device="b")
    opened = {"incident": "i1", "elder": ELDER, "kind": "sos", "confirmed": True, "by": "system"}
    bench.journal.append(OPENED, opened, subject=ELDER, id=derived_id("raised", signal))
    bench.tell(ACKNOWLEDGED, incident="i1", by="ann")
    standby.tick(bench.now, connected=True)
    cut_off(bench, standby)
    (known,) = bench.incidents()
    assert (known.state, known.evidence, known.rings) == (State.ACCEPTED, 0, 0)


def test_a_call_of_long_ago_was_heard_by_the_district(bench: Bench) -> None:
    standby = Standby(bench.ledger, bench.sql)
    bench.tell("sign.sos", device="b")
    standby.tick(bench.now, connected=True)
    bench.now += timedelta(minutes=20)
    standby.tick(bench.now, connected=True)
    cut_off(bench, standby)
    assert not bench.incidents()


def test_what_is_read_of_a_quarter_keeps_nobody_waiting_who_writes(bench: Bench) -> None:
    bench.tell("sign.motion", device="m")
    with bench.journal._turns, ThreadPoolExecutor(1) as apart:  # somebody writes
        told = apart.submit(bench.ledger.about, ELDER, ["sign.motion"]).result(10)
    assert [fact.payload for fact in told] == [{"device": "m"}]
