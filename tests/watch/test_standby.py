"""A desktop without its district: silent while connected, watchful when cut off, and of one mind with it afterwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from caregiver.invented import Feed
from domain.events import derived_id, to_ms
from domain.falls import fall_id
from domain.incident_kinds import ACKNOWLEDGED, OPENED, Kind, State
from offline.letters.gate_card import GATE_DESCRIBED
from tests.watch.benches import ELDER, T0, Bench, with_morning_window
from watch.falls import CONFIRMED, DOWNGRADED, SUSPECTED
from watch.signs import FACES_LOST
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


def test_a_gate_of_another_community_sees_nobody_who_lives_here(bench: Bench) -> None:
    here, elsewhere = Feed("jinxiu", 1), Feed("west", 2)
    bench.journal.absorb([here.item(GATE_DESCRIBED, {}, None, T0, "south")])
    bench.journal.absorb([elsewhere.item(GATE_DESCRIBED, {}, None, T0, "north")])
    bench.journal.absorb([here.item(FACES_LOST, {"gate": "s", "since": to_ms(T0)}, "south", T0, "south")])
    standby = Standby(bench.ledger, bench.sql)
    cut_off(bench, standby)
    bench.now += timedelta(hours=4)
    standby.tick(bench.now, connected=False)
    assert not bench.incidents(), "blind, and not missed"


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


SECOND = timedelta(seconds=1)


@pytest.fixture
def hub(bench: Bench) -> Standby:
    return Standby(bench.ledger, bench.sql, hears=True)


@pytest.mark.parametrize("kind", ["sign.sos", "sign.fall", "sign.smoke"])
def test_a_call_that_a_hub_has_heard_waits_for_no_line_that_only_seems_to_stand(
    bench: Bench, hub: Standby, kind: str
) -> None:
    bench.tell(kind, device="b")
    for seconds, raised in ((0, False), (2.9, False), (0.2, True), (5, True)):
        bench.now += seconds * SECOND
        hub.tick(bench.now, connected=True)
        assert bool(bench.incidents()) is raised
    assert [i.confirmed for i in bench.incidents()] == [False]
    cut_off(bench, hub)
    assert [(i.evidence, i.rings) for i in bench.incidents()] == [(0, 0)], "and is raised once"


def test_a_call_that_a_hub_has_heard_waits_for_nothing_where_the_line_is_known_to_be_down(
    bench: Bench, hub: Standby
) -> None:
    hub.tick(bench.now, connected=False)
    bench.tell("sign.sos", device="b")
    hub.tick(bench.now + SECOND, connected=False)
    assert len(bench.incidents()) == 1
    assert not hub.watching, "silences and missed check-ins are the district's for a minute yet"


def test_a_fall_that_a_hub_suspects_waits_for_no_line_that_only_seems_to_stand(bench: Bench, hub: Standby) -> None:
    """It is settled a minute and a half after the impact, here as above."""
    bench.tell(SUSPECTED, device="b", origin="radar_warning")
    for seconds, raised in ((0, False), (10, False), (80, False), (2.9, False), (0.2, False), (1, True)):
        bench.now += seconds * SECOND
        hub.tick(bench.now, connected=True)
        assert bool(bench.incidents()) is raised, bench.now
    assert [(i.kind, i.confirmed) for i in bench.incidents()] == [(Kind.FALL, False)]
    cut_off(bench, hub)
    assert [(i.evidence, i.rings) for i in bench.incidents()] == [(0, 0)], "and is raised once"


@pytest.mark.parametrize("settled", [CONFIRMED, DOWNGRADED])
def test_a_fall_that_was_settled_above_is_left_to_those_above(bench: Bench, hub: Standby, settled: str) -> None:
    bench.tell(SUSPECTED, device="b", origin="radar_warning")
    hub.tick(bench.now, connected=True)
    bench.now += 4 * SECOND
    hub.tick(bench.now, connected=True)
    bench.now += 87 * SECOND
    begun = bench.now - 91 * SECOND
    fall = fall_id(ELDER, begun)
    bench.tell(settled, fall=fall, impact=to_ms(begun), by="system")
    bench.now += 7 * SECOND  # what comes down from above is older than what is heard here
    for _ in range(5):
        hub.tick(bench.now, connected=True)
        bench.now += 5 * SECOND
    assert not bench.incidents()


def test_a_suspicion_that_somebody_walked_away_from_raises_nothing_at_a_hub(bench: Bench, hub: Standby) -> None:
    bench.tell(SUSPECTED, device="b", origin="radar_warning")
    hub.tick(bench.now, connected=True)
    bench.now += 30 * SECOND
    bench.tell("fall.aftermath", kind="movement", device="b")
    for _ in range(30):
        bench.now += 5 * SECOND
        hub.tick(bench.now, connected=True)
    assert not bench.incidents()


def test_a_press_after_the_one_before_was_answered_is_no_repeat_of_it(bench: Bench, hub: Standby) -> None:
    signal = bench.tell("sign.sos", device="b")
    opened = {"incident": "i1", "elder": ELDER, "kind": "sos", "confirmed": True, "by": "system"}
    bench.journal.append(OPENED, opened, subject=ELDER, id=derived_id("raised", signal))
    bench.tell("incident.rejected", incident="i1", by="ann")  # before a hub would have raised it
    for seconds in (1, 3):
        bench.now += seconds * SECOND
        hub.tick(bench.now, connected=True)
    bench.now += 2 * SECOND
    bench.tell("sign.sos", device="b")
    for seconds in (0, 4):
        bench.now += seconds * SECOND
        hub.tick(bench.now, connected=True)
    assert [i.id == "i1" for i in bench.incidents() if i.open] == [False]


def test_what_a_hub_has_from_above_was_answered_there(bench: Bench, hub: Standby) -> None:
    bench.tell("sign.sos", device="b")
    bench.now += 6 * SECOND
    for _ in range(5):
        hub.tick(bench.now, connected=True)
        bench.now += 10 * SECOND
    assert not bench.incidents()


def test_what_a_hub_raised_and_somebody_took_there_does_not_ring_anew_when_the_district_hears_of_it(
    bench: Bench, hub: Standby
) -> None:
    hub.tick(bench.now, connected=False)
    bench.tell("sign.sos", device="b")
    hub.tick(bench.now, connected=False)
    (local,) = bench.incidents()
    bench.tell(ACKNOWLEDGED, incident=local.id, by="ann")
    bench.now += timedelta(minutes=3)
    bench.watch.rows.advance("")
    bench.tick()  # of the district
    (met,) = bench.incidents()
    assert (met.confirmed, met.state, met.rings) == (True, State.ACCEPTED, 0)
    bench.tell("sign.sos", device="b")
    bench.tick()
    (again,) = bench.incidents()
    assert again.rings == 1, "a second press does"


@pytest.mark.parametrize("hears", [False, True])
def test_a_call_that_the_district_has_answered_is_left_to_it(bench: Bench, hears: bool) -> None:
    standby = Standby(bench.ledger, bench.sql, hears=hears)
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
