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
