"""A device that speaks again: whoever was called for it hears so, and nobody further up is called any more."""

from datetime import timedelta

from district.intake.zigbee2mqtt import parse
from domain.events import to_ms
from tests.district_ladder.conftest import HERE, District

H = timedelta(hours=1)


def says(district: District, *devices: str) -> None:
    for device in devices:
        district.watch.desk.receive(parse(f"zigbee2mqtt/{device}", b'{"battery":80}', False), HERE, district.now)


def furnish(district: District, *devices: str) -> None:
    district.tell("consent.given", purpose="home_monitoring", version="1")
    district.tell("careplan.set", revision=1, since=to_ms(district.now), windows=[], backstops=[], caregiver="ann")
    for device in devices:
        district.tell("home.device_registered", device=device, place="hall", kind="motion", every_min=20)
    says(district, *devices)
    for _ in range(9):
        says(district, "kitchen")  # its gateway lives
        district.tick(H / 4)


def test_it_is_told_to_whoever_was_called_and_the_climb_ends(district: District) -> None:
    furnish(district, "hall")
    (blind,) = district.incidents()
    assert [(m.address, "Device silent" in m.title) for m in district.recording.messages] == [("ann", True)]
    says(district, "hall")
    for _ in range(4 * 24):
        says(district, "hall")
        district.tick(H / 4)
    _, *news = district.recording.messages
    assert [m.title for m in news] == ["Device silent, Ms Zhang: it can be heard again"]
    assert "Device: hall" in news[0].body
    assert news[0].urgent is False
    assert blind.id == district.incident().id


def test_of_many_that_come_back_together_one_message_tells(district: District) -> None:
    devices = [f"room-{n}" for n in range(8)]
    furnish(district, *devices)
    assert len(district.incidents()) == 8
    before = len(district.recording.messages)
    says(district, *devices)
    for _ in range(3):
        district.tick(timedelta(minutes=1))
    (news,) = district.recording.messages[before:]
    assert news.title == "News of 8 alarms"
    assert news.body.count("it can be heard again") == 8
