"""What may happen to a gate on a bad day, seen in the real window: fire, doors, tampering, a dead relay, readers, the line."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from PySide6.QtCore import Qt

from assets.words import LANGUAGES, say
from demo.district import District
from kiosk.gatehouse import line_changed
from kiosk.screens.enrol_page import EnrolPage
from kiosk.visit.events import Chosen, Press, ResidentsFound, StaffAccepted
from kiosk.visit.faults import Fault, Part
from kiosk.visit.people import Newcomer
from kiosk.visit.view import Screen, Way
from offline.node import Node
from qtkit.shots import settle
from tests.fakes.gates import ModbusRelay
from tests.fakes.measure import cut_off
from tests.kiosk_screens.front import CARD, Front
from tests.kiosk_screens.shown import labels, page, words


def notes(front: Front) -> str:
    return front.window.notes.label.text() if front.window.notes.isVisible() else ""


def noted(front: Front, key: str) -> Callable[[], bool]:
    return lambda: say("en", f"kiosk.note.{key}") in notes(front)


def swipe(qtbot: Any, front: Front) -> None:
    front.swipe()


def test_fire_holds_the_gate_open_says_so_and_ends(front: Front, qtbot: Any) -> None:
    front.wires.fire = True
    qtbot.waitUntil(noted(front, "fire"))
    qtbot.waitUntil(lambda: front.wires.relay)
    qtbot.waitUntil(lambda: front.screen() is Screen.OPEN)
    page: Any = front.window.stage.currentWidget()
    assert page.words.headline.text() == say("en", "kiosk.open.headline")
    assert cut_off(front.window) == []
    front.swipe("99887766")  # nobody's card: they are not told so while the gate stands open
    qtbot.waitUntil(lambda: [f["refused"] for f in front.facts("passage.recorded")] == ["card_unknown"])
    assert front.screen() is Screen.OPEN
    swipe(qtbot, front)  # somebody comes in meanwhile: the pulse's end does not shut the gate
    qtbot.waitUntil(lambda: len(front.facts("passage.recorded")) == 2)
    settle(front.window)
    assert front.wires.relay
    front.now += timedelta(seconds=9)
    qtbot.waitUntil(lambda: front.screen() is Screen.OPEN)
    front.wires.fire = False
    qtbot.waitUntil(lambda: notes(front) == "" and front.screen() is Screen.STANDBY)
    assert front.wires.wait_relay(False)
    qtbot.waitUntil(lambda: len(front.facts("gate.fire")) == len(front.facts("gate.fire_over")) == 1)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_door_that_stands_open_is_said_to_and_recorded_once(front: Front, qtbot: Any, code: str) -> None:
    if front.window._language.code != code:
        front.window._language.toggle()
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    qtbot.waitUntil(lambda: bool(front.wires.switches))
    front.wires.door = True
    qtbot.waitUntil(lambda: front.contacts._contacts._open_since is not None)
    front.now += timedelta(seconds=31)
    qtbot.waitUntil(lambda: say(code, "kiosk.note.held_open") in notes(front))
    assert cut_off(front.window) == []
    front.wires.door = False
    qtbot.waitUntil(lambda: notes(front) == "")
    assert front.facts("gate.held_open") == [{"gate": "south"}]
    assert front.facts("gate.forced") == []


def test_a_forced_door_is_recorded_and_accuses_nobody_on_the_screen(front: Front, qtbot: Any) -> None:
    front.now += timedelta(minutes=1)
    front.wires.door = True
    qtbot.waitUntil(lambda: front.facts("gate.forced") == [{"gate": "south"}])
    settle(front.window)
    assert front.screen() is Screen.STANDBY
    assert notes(front) == ""


def test_a_case_that_is_opened_stands_on_the_maintenance_screen_until_it_is_shut(front: Front, qtbot: Any) -> None:
    front.wires.tamper = True
    qtbot.waitUntil(lambda: len(front.facts("gate.tampered")) == 1)
    front.window.press(Press.STAFF)
    front.window.take(StaffAccepted("张工", front.pad))
    qtbot.waitUntil(lambda: front.screen() is Screen.MAINTENANCE)

    def listed() -> bool:
        front.now += timedelta(seconds=3)  # it asks every two seconds
        return "Gate's case" in labels(front.window)

    qtbot.waitUntil(listed)
    assert cut_off(front.window) == []
    front.wires.tamper = False
    qtbot.waitUntil(lambda: not listed())
    assert len(front.facts("gate.tamper_over")) == 1


def test_a_relay_that_dies_is_a_sentence_and_the_gate_works_again_when_it_is_back(front: Front, qtbot: Any) -> None:
    port = front.relay.port
    front.relay.stop()
    qtbot.waitUntil(noted(front, "gate"))
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: [f["gate_did"] for f in front.facts("passage.recorded")] == ["failed"])
    assert words(front.window).headline.text() == say("en", "kiosk.identified.gate_failed")
    assert front.window.ways.buttons[Way.GUARD].isEnabled()
    front.relay = ModbusRelay(front.wires, port)
    qtbot.waitUntil(lambda: notes(front) == "")
    front.now += timedelta(seconds=20)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: [f["gate_did"] for f in front.facts("passage.recorded")] == ["failed", "opened"])


def test_a_power_cut_at_the_relay_that_lets_the_lock_go_accuses_nobody_of_forcing_it(front: Front, qtbot: Any) -> None:
    """The door is found open when the power is back: it is asked to be shut, and not said to be forced."""
    port = front.relay.port
    front.relay.stop()
    qtbot.waitUntil(noted(front, "gate"))
    front.wires.door = True
    front.relay = ModbusRelay(front.wires, port)
    qtbot.waitUntil(lambda: notes(front) == "")
    front.now += timedelta(seconds=31)
    qtbot.waitUntil(noted(front, "held_open"))
    front.wires.door = False
    qtbot.waitUntil(lambda: notes(front) == "")
    qtbot.waitUntil(lambda: front.facts("gate.held_open_over") == [{"gate": "south"}])
    told = [f.envelope.kind for f in front.journal.facts() if f.envelope.kind.startswith("gate.")]
    assert told == ["gate.lost", "gate.back", "gate.held_open", "gate.held_open_over"]


def test_a_card_reader_is_pulled_out_and_put_back(front: Front, qtbot: Any) -> None:
    front.unplug()
    card = front.window.ways.buttons[Way.CARD]
    qtbot.waitUntil(lambda: not card.isEnabled())
    assert say("en", "kiosk.way.broken") in card.accessibleName()
    assert all(front.window.ways.buttons[way].isEnabled() for way in (Way.PIN, Way.QR, Way.GUARD))
    front.plugged = True
    qtbot.waitUntil(card.isEnabled)
    front.input.type(CARD + "\n")
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)


def test_a_camera_that_fails_leaves_every_way_but_the_qr_code(front: Front, qtbot: Any) -> None:
    front.tell(Fault(Part.CAMERA, "camera_lost", {"source": "USB 0"}))
    qtbot.waitUntil(lambda: front.screen() is Screen.OUT_OF_ORDER)
    swipe(qtbot, front)
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    front.tell(Fault(Part.CAMERA))
    front.now += timedelta(seconds=10)
    qtbot.waitUntil(lambda: front.screen() is Screen.STANDBY)


def test_the_network_goes_and_comes_back_and_residents_hardly_notice(front: Front, qtbot: Any, tmp_path: Path) -> None:
    """A real district, stopped and started: the mark in the header, the way to the guard, the gate itself."""
    district, node, scheduler = District(tmp_path / "district"), Node(tmp_path / "node"), BackgroundScheduler()
    district.start()
    scheduler.start()
    try:
        node.enrol(district.url, district.code("kiosk", "jinxiu"), "kiosk", "south")
        sync = node.start(scheduler)
        sync.on_status(lambda status: line_changed(status, front.tell))
        sync.poke()

        def offline() -> bool:
            return bool(front.window.shown and front.window.shown.offline)

        qtbot.waitUntil(lambda: not offline() and sync.status.last_ok is not None)
        district.stop()
        sync.poke()
        qtbot.waitUntil(offline, timeout=20_000)
        mark = front.window.header.offline
        assert mark.isVisible()
        assert mark.accessibleName() == say("en", "kiosk.standby.offline")
        swipe(qtbot, front)
        qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
        qtbot.mouseClick(front.window.ways.buttons[Way.GUARD], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: front.screen() is Screen.CALLING)
        assert front.window.shown is not None
        assert front.window.shown.call is not None
        assert front.window.shown.call.phone == "010-6255 0110"
        district.start()
        sync.poke()
        qtbot.waitUntil(lambda: not offline(), timeout=20_000)
    finally:
        node.stop()
        scheduler.shutdown()
        node.close()
        district.stop()


def test_a_card_swiped_during_an_enrolment_becomes_the_newcomers_and_opens_nothing(front: Front, qtbot: Any) -> None:
    """With the real reader, desk, journal and relay: it opens for them when the staff have gone, and not before."""
    card = "0099887766"

    def hold() -> None:
        front.swipe(card)

    front.window.press(Press.STAFF)
    front.window.take(StaffAccepted("张工", front.pad))
    qtbot.waitUntil(lambda: front.screen() is Screen.MAINTENANCE)
    front.window.press(Press.ENROL)
    front.window.take(ResidentsFound((Newcomer("p-li", {"zh": "李先生", "en": "Mr Li"}),)))
    qtbot.waitUntil(lambda: front.screen() is Screen.ENROL)
    front.window._handle(Chosen("p-li"))
    hold()
    agree = page(front.window, Screen.ENROL, EnrolPage).agree
    qtbot.waitUntil(lambda: agree.isVisible() and agree.text() == say("en", "kiosk.enrol.card_yes"))
    settle(front.window)
    assert cut_off(front.window) == []
    qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(front.facts("person.card_issued")) == 2)
    assert front.facts("person.card_issued")[-1]["by"] == "张工"
    assert not front.wires.switches
    assert front.facts("passage.recorded") == []
    front.window.press(Press.BACK)
    front.window.press(Press.BACK)
    assert front.screen() is Screen.STANDBY
    hold()
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    qtbot.waitUntil(lambda: bool(front.wires.switches))
    qtbot.waitUntil(lambda: [p["method"] for p in front.facts("passage.recorded")] == ["card"])
