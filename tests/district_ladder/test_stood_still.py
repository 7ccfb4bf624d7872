"""A server that was off or suspended for hours rings, once it is back, for nobody of whom it merely heard nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from district.intake.zigbee2mqtt import coordinator
from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import Kind
from domain.subjects import of_gateway
from tests.district_ladder.conftest import ELDER, HERE, T0, Box, District
from watch.outages import unheard

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Away = Callable[[District, timedelta], None]


def suspended(district: District, length: timedelta) -> None:
    district.stands_still(length)


def killed(district: District, length: timedelta) -> None:
    district.crash()
    district.stands_still(length)


@pytest.fixture(params=[suspended, killed])
def stands_still(request: pytest.FixtureRequest) -> Away:
    found: Away = request.param
    return found


def agrees(district: District, **plan: Any) -> None:
    """08:00 UTC is 16:00 in Shanghai."""
    district.tell("consent.given", purpose="home_monitoring", version="1")
    district.tell("home.device_registered", device="hall", place="hall", kind="motion")
    district.tell("careplan.set", revision=1, since=to_ms(district.now), **{"windows": [], "backstops": [], **plan})
    district.tell("sign.motion", device="hall")
    district.tick()


def minutes(district: District, length: timedelta) -> None:
    for _ in range(length // M):
        district.tick(M)


def test_a_window_waits_for_as_long_as_nobody_was_heard(district: District, stands_still: Away) -> None:
    agrees(district, windows=[{"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30}])
    minutes(district, H)
    stands_still(district, 5 * H)
    assert district.incidents() == []
    minutes(district, 89 * M)
    assert district.incidents() == [], "an hour and a half was agreed"
    minutes(district, 3 * M)
    assert [i.kind for i in district.incidents()] == [Kind.MISSED_CHECKIN]


def test_whoever_is_heard_once_it_is_back_was_never_missed(district: District, stands_still: Away) -> None:
    agrees(district, windows=[{"id": "evening", "start": "17:00", "end": "18:00", "grace_min": 30}])
    minutes(district, H)
    stands_still(district, 5 * H)
    district.tell("sign.motion", device="hall")
    minutes(district, 3 * H)
    assert district.incidents() == []


def test_a_fixed_rule_counts_the_hours_in_which_somebody_could_be_heard(district: District, stands_still: Away) -> None:
    agrees(district, backstops=[{"id": "no_motion", "kinds": ["motion"], "after_min": 180}])
    minutes(district, H)
    stands_still(district, 6 * H)
    minutes(district, 119 * M)
    assert district.incidents() == []
    minutes(district, 2 * M)
    assert [i.kind for i in district.incidents()] == [Kind.INACTIVITY]


def test_who_went_out_has_as_much_longer_to_be_seen_again(district: District, stands_still: Away) -> None:
    agrees(district)
    district.now += M
    district.tell("passage.recorded", method="face", outcome="identified", direction="out")
    minutes(district, H)
    stands_still(district, 6 * H)
    minutes(district, 3 * H + 28 * M)
    assert district.incidents() == []
    minutes(district, 4 * M)
    assert [i.rule for i in district.incidents()] == ["return"]


def test_a_learned_silence_does_not_ring_for_hours_in_which_nobody_could_be_heard(
    district: District, stands_still: Away
) -> None:
    begin = district.now
    for day in range(-20, 0):  # days at home, heard every hour from six to ten in the evening
        for hour in range(-10, 7):
            at = to_ms(begin + day * D + hour * H)
            district.ledger.add("sign.motion", {"device": "hall", "trusted": True}, HERE, ELDER, at)
    agrees(district)
    routine = district.watch.plans.routine(ELDER)
    assert routine is not None
    assert routine.allowed(16.0, door=False, rest=False) < 4
    stands_still(district, 4 * H)
    assert district.incidents() == []
    minutes(district, 4 * H)
    assert [i.rule for i in district.incidents()] == ["silence"], "and for those in which somebody could"


def test_a_call_for_help_and_a_deadline_before_it_wait_for_nothing(district: District, stands_still: Away) -> None:
    agrees(district, windows=[{"id": "noon", "start": "16:00", "end": "16:10", "grace_min": 0, "counted": ["gate"]}])
    minutes(district, 9 * M)
    district.tell("sign.sos", device="b")
    district.now += 2 * M  # what was due came before it stood still, and nothing had looked yet
    district.watch.silence.listen(district.now)
    stands_still(district, 2 * H)
    assert {i.kind for i in district.incidents()} == {Kind.SOS, Kind.MISSED_CHECKIN}


def test_a_break_of_minutes_puts_nothing_off_and_a_clock_that_was_ahead_is_taken_back(district: District) -> None:
    agrees(district)
    district.stands_still(4 * M)
    assert unheard(district.ledger, HERE, ELDER, T0) == []
    began = district.now
    district.stands_still(2 * D)
    assert unheard(district.ledger, HERE, ELDER, T0) == [(began, began + 2 * D)]
    district.stands_still(-2 * D)
    assert unheard(district.ledger, HERE, ELDER, T0) == []


def test_no_kiosk_and_no_hub_is_silent_because_nobody_listened(district: District) -> None:
    heard = {"v1": to_ms(district.now), "v2": to_ms(district.now)}
    district.surround(kiosks=lambda: [Box("v1", "South gate")], hubs=lambda: [Box("v2", "Hall")], heard=heard.get)
    minutes(district, 2 * M)
    district.stands_still(H)
    minutes(district, 4 * M)
    told = district.ledger.told(["kiosk.silent", "gateway.silent"])
    assert told == []
    minutes(district, 20 * M)
    assert {f.kind for f in district.ledger.told(["kiosk.silent", "gateway.silent"])} == {
        "kiosk.silent",
        "gateway.silent",
    }


def test_a_clock_that_was_set_back_and_mended_puts_nobody_off(district: District) -> None:
    """Eight hours that the clock skipped are none in which nobody was heard: somebody may lie there."""
    seconds = [0.0]
    district.surround(passed=lambda: seconds[0])
    agrees(district)

    def second_by_second(count: int, clock: timedelta = timedelta(0)) -> None:
        district.now += clock
        for _ in range(count):
            seconds[0] += 1
            district.stands_still(timedelta(seconds=1))

    second_by_second(40)
    second_by_second(40, -8 * H)
    second_by_second(40, 8 * H)
    assert unheard(district.ledger, HERE, ELDER, T0) == []
    seconds[0] += 2 * 3600
    second_by_second(1, 2 * H)
    ((since, until),) = unheard(district.ledger, HERE, ELDER, T0)
    assert 2 * H <= until - since < 2 * H + M, "asleep for two hours, by every clock"


@pytest.mark.parametrize("days", [2.2, 30.0])
@pytest.mark.parametrize("sender", ["gateway", "kiosk", "hub"])
def test_a_sender_that_is_found_silent_after_days_is_told_of_once(district: District, sender: str, days: float) -> None:
    """A line or a key of a webhook, a gate and a hub as much as a device: nobody looked while the server was off for days."""
    agrees(district)
    heard = {"v1": to_ms(district.now)}
    box = Box("v1", "South")
    around: dict[str, Any] = {f"{sender}s": lambda: [box], "heard": heard.get} if sender != "gateway" else {}
    row = {"gateway": "bridge/main", "kiosk": "v1", "hub": "hub/South"}[sender]
    subject = "v1" if sender == "kiosk" else of_gateway(HERE, row)
    district.surround(**around)
    district.tick()
    if sender == "gateway":
        district.watch.desk.receive(coordinator(row, True), HERE, district.now)
        district.watch.desk.receive(coordinator(row, False), HERE, district.now)
    heard.clear()
    district.crash()
    district.now += days * D
    district.surround(**around)
    minutes(district, 40 * M)
    cases = district.watch.watch.cases
    (told,) = cases.of(subject, district.now)
    for step in (k.ACKNOWLEDGED, k.FEEDBACK, k.CLOSED):
        district.tell(step, subject, incident=told.id, by="ann" if step != k.CLOSED else "bo")
    for _ in range(3):
        district.stands_still(D)
        minutes(district, 40 * M)
    assert [i.id for i in cases.of(subject, district.now)] == [told.id]
