"""A door that stands open and a fire, in the midst of visits."""

from domain.identification import Outcome, Reason
from kiosk.faces.messages import ChallengeAsked, Turn
from kiosk.visit.events import (
    DoorHeld,
    FireInput,
    Tick,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import Screen, Way
from tests.kiosk_visit.visits import Bench, decided, ended, seen, spoken


def test_a_door_that_stands_open_is_spoken_of_again_and_again_but_never_into_a_visit() -> None:
    bench = Bench()
    assert spoken(bench.send(DoorHeld(True))) == ["held_open"]
    assert spoken(bench.wait(29)) == []
    assert spoken(bench.wait(2)) == ["held_open"]
    bench.send(seen())
    assert spoken(bench.wait(40)) == []
    bench.send(decided("p-li"))
    assert "held_open" not in spoken(bench.wait(2))
    bench.send(ended())
    assert "held_open" in spoken(bench.wait(40))
    bench.wait(180)
    assert spoken(bench.wait(3600)) == [], "who sleeps above a door that is wedged open does not hear of it all night"
    assert [line.key for line in bench.view.notes] == ["kiosk.note.held_open"]
    bench.send(DoorHeld(False))
    assert spoken(bench.send(DoorHeld(True))) == ["held_open"]
    bench.send(DoorHeld(False))
    assert spoken(bench.wait(60)) == []


def test_in_a_fire_nobody_is_asked_to_look_or_to_follow_a_lantern_nor_called_unknown() -> None:
    bench = Bench()
    bench.send(seen())
    bench.send(FireInput(True))
    assert bench.screen() is Screen.OPEN
    assert spoken(bench.send(ChallengeAsked("v1", (Turn.LEFT,), 1.5, 0.0), seen())) == []
    assert spoken(bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH))) == []
    assert bench.screen() is Screen.OPEN
    bench.press(Way.PIN)
    bench.wait(60)
    assert bench.screen() is Screen.OPEN, "whoever left the pad leaves no other screen behind"
    bench.send(Fault(Part.GATE, "gate_unreachable", {"where": ""}), Tick())
    assert bench.screen() is not Screen.OPEN, "of a gate that does not answer nobody says that it is open"
    bench.send(Fault(Part.GATE), Tick())
    assert bench.screen() is Screen.OPEN
    bench.send(FireInput(False))
    assert bench.screen() in (Screen.STANDBY, Screen.COACHING)


def test_fire_is_spoken_of_and_nobody_is_asked_to_shut_the_door_then() -> None:
    bench = Bench()
    assert spoken(bench.send(FireInput(True))) == ["fire"]
    assert spoken(bench.send(DoorHeld(True))) == []
    assert spoken(bench.wait(60)) == []
    assert spoken(bench.send(FireInput(False))) == []
    assert spoken(bench.wait(1)) == ["held_open"]
