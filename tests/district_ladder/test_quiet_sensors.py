"""A silence that rings says whether its sensors may have failed, for one that is dead rings before it is called blind."""

from datetime import timedelta

import pytest

from district.intake.zigbee2mqtt import parse
from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import Kind
from tests.district_ladder.conftest import HERE, District

H = timedelta(hours=1)
FAILED = "they may have failed"


def says(district: District, device: str, body: str) -> None:
    district.watch.desk.receive(parse(f"zigbee2mqtt/{device}", body.encode(), False), HERE, district.now)


def lives_with(district: District, *devices: str) -> None:
    district.tell("consent.given", purpose="home_monitoring", version="1")
    for device in devices:
        district.tell("home.device_registered", device=device, place="hall", kind="motion")
    rule = {"id": "no_motion", "kinds": ["motion"], "after_min": 24 * 60}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[rule], caregiver="ann")
    for device in devices:
        for occupancy in ("false", "true", "false"):
            says(district, device, f'{{"occupancy":{occupancy}}}')
    district.tick()


def hours(district: District, count: int) -> None:
    for _ in range(4 * count):
        district.tick(H / 4)


def alarms(district: District) -> str:
    return "".join(m.body for m in district.recording.messages)


@pytest.mark.parametrize(("reports", "failed"), [("", True), ("hall", False), ("kitchen", False)])
def test_it_says_so_where_no_sensor_of_it_said_anything_since(district: District, reports: str, failed: bool) -> None:
    lives_with(district, "hall", "kitchen")
    hours(district, 12)
    if reports:
        says(district, reports, '{"battery":80}')
    hours(district, 13)
    assert district.incident().kind is Kind.INACTIVITY
    assert district.incident().quiet_sensors is failed
    assert (FAILED in alarms(district)) is failed


def goes_about(district: District, count: int) -> None:
    """Somebody passes the sensor in the kitchen every hour."""
    for _ in range(count):
        hours(district, 1)
        for occupancy in ("true", "false"):
            says(district, "kitchen", f'{{"occupancy":{occupancy}}}')


@pytest.fixture
def home(district: District) -> District:
    """A contact at the door, which speaks when it is opened and of nothing else, and a sensor in the kitchen."""
    district.tell("consent.given", purpose="home_monitoring", version="1")
    for device, kind in (("door", "door"), ("kitchen", "motion")):
        district.tell("home.device_registered", device=device, place="hall", kind=kind)
    rule = {"id": "no_door", "kinds": ["door"], "after_min": 24 * 60}
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[rule], caregiver="ann")
    for contact in ("true", "false", "true"):
        says(district, "door", f'{{"contact":{contact}}}')
    return district


def test_for_a_contact_that_says_nothing_while_somebody_is_about_nobody_is_called(home: District) -> None:
    """It rang for the elder at 24 h, and at 26 h the contact was called blind."""
    goes_about(home, 30)
    assert [(i.kind, i.rule) for i in home.incidents()] == [(Kind.DEVICE_BLIND, "door")]


def test_an_elder_who_opens_it_after_a_day_was_never_missed(home: District) -> None:
    goes_about(home, 25)
    says(home, "door", '{"contact":false}')
    goes_about(home, 8)
    assert home.incidents() == []


def test_where_the_contact_lives_a_day_at_home_rings_as_was_agreed(home: District) -> None:
    goes_about(home, 20)
    says(home, "door", '{"battery":80}')
    goes_about(home, 5)
    assert [(i.kind, i.quiet_sensors) for i in home.incidents()] == [(Kind.INACTIVITY, False)]


@pytest.mark.parametrize(("rule_h", "about_h", "rings_h"), [(24, 11, 24), (10, 9, 19)])
def test_half_a_day_after_nobody_is_about_any_more_it_rings(
    home: District, rule_h: int, about_h: int, rings_h: int
) -> None:
    rule = {"id": "no_door", "kinds": ["door"], "after_min": rule_h * 60}
    home.tell("careplan.set", revision=2, windows=[], backstops=[rule], caregiver="ann")
    goes_about(home, about_h)
    hours(home, rings_h - about_h - 1)
    assert home.incidents() == []
    hours(home, 1)
    assert [(i.kind, i.quiet_sensors) for i in home.incidents()] == [(Kind.INACTIVITY, True)]


def test_it_rings_though_it_was_put_off_for_longer_than_two_days(home: District) -> None:
    """The contact has promised a word a day, so that it is not called blind before the third."""
    home.tell("home.device_registered", device="door", place="hall", kind="door", every_min=24 * 60)
    rule = {"id": "no_door", "kinds": ["door"], "after_min": 10 * 60}
    home.tell("careplan.set", revision=2, windows=[], backstops=[rule], caregiver="ann")
    goes_about(home, 60)
    hours(home, 9)
    assert home.incidents() == []
    hours(home, 1)
    assert [(i.kind, i.quiet_sensors) for i in home.incidents()] == [(Kind.INACTIVITY, True)]


def test_that_a_sensor_is_called_blind_meanwhile_is_told_once_to_those_on_their_way(district: District) -> None:
    lives_with(district, "hall", "kitchen")
    hours(district, 25)
    district.step(k.ACKNOWLEDGED, "ann")
    hours(district, 3)
    silence = next(i for i in district.incidents() if i.kind is Kind.INACTIVITY)
    told = [f.payload for f in district.ledger.told([k.EVIDENCE]) if f.payload["incident"] == silence.id]
    assert [t["reason"] for t in told] == ["sensor_blind"]
    heard = [m.address for m in district.recording.messages if "cut off and may have failed" in m.title]
    assert sorted(heard) == sorted(silence.responsible)


def test_a_watch_on_its_charger_says_nothing_of_a_silence(district: District) -> None:
    lives_with(district, "hall")
    district.tell("home.device_registered", device="watch", kind="wearable")
    hours(district, 25)
    district.tell("device.blind", device="watch", blind=True, since=to_ms(district.now), reason="charging")
    district.tick()
    assert district.ledger.told([k.EVIDENCE]) == []
