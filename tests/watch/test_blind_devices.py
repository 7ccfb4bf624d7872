"""Devices that say nothing: incidents of their own, and never a missed check-in."""

from datetime import timedelta

import pytest

from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import ACKNOWLEDGED, FEEDBACK, Kind
from tests.watch.benches import T0, Bench, with_morning_window


def test_a_silent_device_is_its_own_kind_of_incident_and_never_a_missed_check_in(bench: Bench) -> None:
    with_morning_window(bench, counted=["door"])
    bench.tell("home.device_registered", device="door-1", kind="door", place="hall")
    bench.tell("device.blind", device="door-1", kind="door", blind=True, since=to_ms(T0))
    bench.tick()
    bench.tick(timedelta(hours=5))
    assert [i.kind for i in bench.incidents()] == [Kind.DEVICE_BLIND]


def test_a_device_of_no_kind_watches_once_it_has_shown_what_it_is(bench: Bench) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, since=to_ms(T0), windows=[])
    bench.tell("home.device_registered", device="x")
    bench.tell("sign.motion", device="x")
    bench.tick()
    for _ in range(49):
        bench.tick(timedelta(minutes=30))
    assert [(i.kind, i.rule) for i in bench.incidents()] == [(Kind.INACTIVITY, "no_motion")]


@pytest.mark.parametrize(("reason", "hours"), [("charging", 12), ("not_worn", 12), ("silent", 1), ("offline", 1)])
def test_a_watch_on_its_charger_calls_nobody_for_a_night_and_a_dead_device_does(
    bench: Bench, reason: str, hours: int
) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.tell("home.device_registered", device="watch", kind="wearable")
    bench.tell("device.blind", device="watch", blind=True, since=to_ms(bench.now), reason=reason)
    bench.tick()
    bench.tick(timedelta(hours=hours, minutes=-1))
    assert bench.incidents() == []
    bench.tick(timedelta(minutes=2))
    assert [i.kind for i in bench.incidents()] == [Kind.DEVICE_BLIND]


def test_each_silent_device_is_an_incident_of_its_own_and_outlasts_the_mending_of_another(bench: Bench) -> None:
    """Two fell silent; once the first was mended and its incident closed nobody ever heard of the second."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    for device in ("hall", "door"):
        bench.tell("home.device_registered", device=device, kind="motion", place="hall")
        bench.tell("device.blind", device=device, blind=True, since=to_ms(bench.now), reason="silent")
        bench.tick(timedelta(hours=2))
    first, second = bench.incidents()
    assert (first.rule, second.rule) == ("hall", "door")
    for step in (ACKNOWLEDGED, FEEDBACK, k.CLOSED):
        bench.tell(step, incident=first.id, by="ann")
    bench.tick()
    assert [i.rule for i in bench.incidents() if i.open] == ["door"]


@pytest.mark.parametrize("days", [2.2, 3.0, 30.0])
def test_a_device_that_is_found_silent_after_days_is_told_of_once(bench: Bench, days: float) -> None:
    """Servers that stood still had given it its time anew, until its silence lay further back than anybody looked."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.tell("home.device_registered", device="hall", kind="motion")
    died = bench.now
    bench.now += timedelta(days=days)
    bench.tell("device.blind", device="hall", blind=True, since=to_ms(died), reason="silent")
    bench.tick()
    (told,) = bench.incidents()
    assert (told.kind, told.rule, told.happened_at) == (Kind.DEVICE_BLIND, "hall", died + timedelta(hours=1))
    for step in (ACKNOWLEDGED, FEEDBACK, k.CLOSED):
        bench.tell(step, incident=told.id, by="ann")
    for _ in range(3):
        bench.tell("sign.motion", device="other")
        bench.tick(timedelta(days=1))
    assert [i.open for i in bench.incidents()] == [False]


def silent(bench: Bench, device: str = "hall") -> k.Kind:
    bench.tell("device.blind", device=device, blind=True, since=to_ms(bench.now), reason="silent")
    bench.tick(timedelta(hours=2))
    return bench.incidents()[-1].kind


@pytest.fixture
def hall(bench: Bench) -> Bench:
    """A home with a device that was called blind."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.tell("home.device_registered", device="hall", kind="motion", place="hall")
    assert silent(bench) is Kind.DEVICE_BLIND
    return bench


@pytest.mark.parametrize("hours", [1, 60])
def test_that_a_device_is_back_is_told_once_to_those_who_were_called(hall: Bench, hours: int) -> None:
    hall.tick(timedelta(hours=hours))
    hall.tell("device.blind", device="hall", blind=False, since=to_ms(T0), spoke=True)
    for _ in range(3):
        hall.tick(timedelta(hours=1))
    (incident,) = hall.incidents()
    told = [f.payload for f in hall.ledger.told([k.EVIDENCE])]
    assert [(t["reason"], t["tells"], t.get("rings", False)) for t in told] == [("device_back", True, False)]
    assert (incident.open, incident.resolved_by_late_evidence) == (True, True)


@pytest.mark.parametrize("why", ["its gateway is back, and it has not spoken", "it is charging now", "another one"])
def test_a_device_that_has_not_spoken_or_sees_nothing_is_not_back(hall: Bench, why: str) -> None:
    device, spoke = ("door" if why == "another one" else "hall"), "spoken" not in why
    hall.tell("device.blind", device=device, blind=False, since=to_ms(T0), spoke=spoke)
    if "charging" in why:
        hall.tell("device.blind", device="hall", blind=True, since=to_ms(hall.now), reason="charging")
    hall.tick()
    assert hall.ledger.told([k.EVIDENCE]) == []


def test_one_that_speaks_only_after_its_gateway_was_back_is_back_then(hall: Bench) -> None:
    hall.tell("device.blind", device="hall", blind=False, since=to_ms(T0), spoke=False)
    hall.tick(timedelta(hours=1))
    hall.tell("device.blind", device="hall", blind=False, since=to_ms(T0), spoke=True)
    hall.tick(timedelta(hours=1))
    (incident,) = hall.incidents()
    assert (incident.open, incident.resolved_by_late_evidence) == (True, True)


def test_one_that_falls_silent_again_before_anybody_closed_it_calls_again(hall: Bench) -> None:
    hall.tell("device.blind", device="hall", blind=False, since=to_ms(T0), spoke=True)
    hall.tick(timedelta(hours=3))
    silent(hall)
    (incident,) = hall.incidents()
    assert (incident.rings, incident.resolved_by_late_evidence) == (1, False)


def test_a_silence_that_is_over_when_it_is_heard_of_calls_nobody(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.tell("home.device_registered", device="hall", kind="motion")
    since, bench.now = bench.now, bench.now + timedelta(hours=5)
    bench.tell("device.blind", device="hall", blind=True, since=to_ms(since), reason="silent")
    bench.tell("device.blind", device="hall", blind=False, since=to_ms(since), spoke=True)
    bench.tick()
    assert bench.incidents() == []
