"""What is out of order, or simulated, is said; what still works goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assets.words import LANGUAGES
from domain.passages import Direction, GateRules, Method
from kiosk.faces.messages import RecogniserState
from kiosk.screens.speech import sentence
from kiosk.visit.events import DoorHeld, Press, StandsOpen, Tick
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import Screen, Way
from tests.kiosk_visit.visits import SETTINGS, Bench, asked, decided, kinds, seen, spoken


@pytest.mark.parametrize("code", ["camera_missing", "camera_lost", "camera_frozen"])
def test_a_lost_camera_says_so_and_what_still_works(code: str) -> None:
    bench = Bench()
    bench.send(seen(), Fault(Part.CAMERA, code, {"source": "/dev/video0"}))
    assert bench.screen() is Screen.OUT_OF_ORDER
    assert bench.view.second is not None
    assert bench.view.second.key == f"error.{code}"
    assert bench.view.broken_ways == {Way.QR}
    assert bench.press(Way.QR) == ()
    bench.press(Way.CARD)
    assert bench.screen() is Screen.CARD
    bench.press(Press.BACK)
    assert bench.screen() is Screen.OUT_OF_ORDER
    bench.send(Fault(Part.CAMERA))
    assert bench.screen() is Screen.STANDBY


def test_without_the_infrared_camera_whoever_may_follow_the_lantern_instead_is_seen_and_the_screen_says_so() -> None:
    bench = Bench(strict=False)
    bench.send(seen(), Fault(Part.INFRARED, "camera_lost", {"source": "/dev/video2"}), asked())
    assert bench.screen() is Screen.CHALLENGE
    assert [line.key for line in bench.view.notes] == ["kiosk.note.infrared"]
    bench.send(Fault(Part.INFRARED))
    assert bench.view.notes == ()


def test_without_the_infrared_camera_no_face_is_granted_where_it_is_needed_and_the_screen_names_it() -> None:
    bench = Bench()
    bench.send(seen(), Fault(Part.INFRARED, "camera_lost", {"source": "/dev/video2"}))
    assert bench.screen() is Screen.OUT_OF_ORDER
    assert "/dev/video2" in sentence(bench.view.second, "en")
    assert bench.view.broken_ways == frozenset()
    bench.send(Fault(Part.INFRARED))
    assert bench.screen() is Screen.STANDBY


def test_a_recogniser_that_restarts_is_out_of_order_meanwhile() -> None:
    bench = Bench()
    for down in (RecogniserState(False, 1), RecogniserState(False, 1, "engine_unknown", {"engine": "wizard"})):
        bench.send(down)
        assert bench.screen() is Screen.OUT_OF_ORDER
        assert bench.view.broken_ways == frozenset()
        assert all(sentence(bench.view.second, language) for language in LANGUAGES)
    bench.send(RecogniserState(True, 1))
    assert bench.screen() is Screen.STANDBY


def test_a_lost_reader_pauses_cards_and_a_lost_gate_is_said() -> None:
    bench = Bench()
    bench.send(Fault(Part.READER, "reader_lost"), Fault(Part.GATE, "gate_unreachable"))
    assert bench.view.broken_ways == {Way.CARD}
    assert [note.key for note in bench.view.notes] == ["kiosk.note.gate"]


@pytest.mark.parametrize(
    ("camera", "gate", "note"),
    [(True, False, "simulated_camera"), (False, True, "simulated_gate"), (True, True, "simulated_both")],
)
def test_what_is_simulated_is_always_said(camera: bool, gate: bool, note: str) -> None:
    bench = Bench(settings=replace(SETTINGS, simulated_camera=camera, simulated_gate=gate))
    for event in (seen(), decided()):
        bench.send(event)
        assert [line.key for line in bench.view.notes] == [f"kiosk.note.{note}"]


def test_faces_that_rest_ask_nobody_to_follow_the_lantern_and_open_nothing() -> None:
    bench = Bench(rules=GateRules(Direction.IN, unheard={Method.FACE: timedelta(hours=1)}))
    bench.silence = timedelta(hours=1)
    assert kinds(bench.send(seen(), asked(), decided(), Tick())) == set()
    assert bench.screen() is Screen.OUT_OF_ORDER
    assert bench.view.second is not None
    assert all(sentence(bench.view.second, language) for language in LANGUAGES)
    bench.silence = timedelta(0)
    bench.send(seen("v2"), decided(visit_id="v2"))
    assert bench.screen() is Screen.IDENTIFIED


def test_a_gate_that_stands_open_says_so_and_asks_nobody_to_shut_it() -> None:
    bench = Bench()
    bench.send(Fault(Part.CAMERA, "camera_lost", {"source": "USB 0"}), StandsOpen(True))
    assert spoken(bench.send(DoorHeld(True), Tick())) == []
    assert [line.key for line in bench.view.notes] == ["kiosk.note.stands_open"]
    assert bench.view.headline.key == "kiosk.identified.come_in"
    assert spoken(bench.send(StandsOpen(False))) == ["held_open"]
    assert [line.key for line in bench.view.notes] == ["kiosk.note.held_open"]
