"""A flood of calls by devices in nobody's home, up to what people are told of it."""

from datetime import timedelta

from district.intake.signals import Heard, Kind, Signal
from district.intake.strays import MOST
from domain import incident_kinds as k
from domain.incident import Incident
from domain.subjects import of_crowd
from tests.district_ladder.conftest import HERE, District

S = timedelta(seconds=1)


def flood(district: District, calls: int, begin: int = 0) -> None:
    for n in range(begin, begin + calls):
        heard = Heard("sia", (Signal("sia", f"{n:04X}", Kind.SOS, key=f"{n}"),), "unknown_account", b"x")
        district.watch.desk.receive(heard, HERE, district.now)
    district.tick(S)


def crowd(district: District) -> list[Incident]:
    return district.watch.watch.cases.of(of_crowd(HERE), district.now)


def test_past_ten_an_hour_they_are_one_alarm_that_counts_them_and_says_so(district: District) -> None:
    flood(district, 40)
    district.tick(11 * S)
    (found,) = crowd(district)
    assert found.evidence + 1 == 40 - MOST
    assert len([m for m in district.recording.messages if m.person == "com"]) == MOST + 1
    (message,) = [m for m in district.recording.messages if "many unregistered devices" in m.title]
    assert message.title == "Call for help: many unregistered devices"
    district.tick(60 * S)
    reminded = [m for m in district.recording.messages if "many unregistered" in m.title][-1]
    assert "30 calls are in this alarm" in reminded.body


def test_once_somebody_has_it_it_rings_anew_every_ten_minutes_at_most(district: District) -> None:
    flood(district, MOST + 5)
    (found,) = crowd(district)
    district.tell(k.ON_SCENE, of_crowd(HERE), incident=found.id, by="com")
    rings = []
    for minute in range(30):
        flood(district, 5, begin=1000 + 5 * minute)
        district.tick(59 * S)
        rings.append(crowd(district)[-1].rings)
    assert len(crowd(district)) == 1
    assert rings[8] == 0, "what came within ten minutes of the ring joins it"
    assert rings[-1] == 2
