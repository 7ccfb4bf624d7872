"""A whole kiosk on a bad day, seen in its real window: the power goes in the middle of a passage, the machine's clock is wrong."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel

from assets.words import say
from domain.consent import Purpose
from domain.events import Clock
from domain.passages import Method
from domain.people import Profile
from kiosk.bootstrap import CARD_NUMBERS, make_gatehouse, open_node, open_templates
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, Site
from kiosk.credentials.books import STAFF_SET
from kiosk.credentials.desk import card_digest
from kiosk.credentials.pins import Pins
from kiosk.credentials.port import Presented
from kiosk.cut_off import CUT_OFF
from kiosk.passages.facts import PASSAGE
from kiosk.visit.view import Screen
from offline.letters.access_orders import CARD_ISSUED
from offline.node_clock import NodeClock
from qtkit.app import App
from tests.fakes.gates import ModbusRelay, Wires
from tests.fakes.serving import Serving
from tests.journeys.kiosk_window import STAFF_PIN, Gate, an_app

pytestmark = [pytest.mark.timeout(300), pytest.mark.qt_log_ignore("PulseAudio")]
CARD, DAY_S = "0012345678", 86_400


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    made = an_app(qapp, tmp_path)
    yield made
    made.background.close()
    qapp.setStyleSheet("")


@pytest.fixture
def relay() -> Iterator[ModbusRelay]:
    made = ModbusRelay(Wires())
    yield made
    made.stop()


def settled(folder: Path, relay_port: int, open_seconds: float = 0.5) -> KioskSettings:
    """A kiosk before an empty place, on a Modbus board; Mr Li has a card, Zhang of the staff a PIN."""
    (place := folder / "place").mkdir(exist_ok=True)
    noise = np.random.default_rng(1)
    for number in range(5):
        cv2.imwrite(str(place / f"{number}.png"), noise.normal(150, 3, (360, 480, 3)).astype(np.uint8))
    settings = KioskSettings(
        data=folder / "kiosk",
        site=Site(gate_id="south", gate_en="South gate"),
        camera=CameraTable(source=str(place), simulated=True, loop=True),
        gate=GateTable(
            kind=GateKind.MODBUS, port=relay_port, coil=3, door_input=0, tamper_input=1, fire_input=2,
            open_seconds=open_seconds,
        ),
    )  # fmt: skip
    node = open_node(settings)
    if not node.journal.facts(CARD_ISSUED):
        node.roster.register("p-li", Profile("李", "建国", title_zh="先生", title_en="Mr", flat="3-2-501"))
        digest = card_digest(CARD, node.keys.secret(CARD_NUMBERS))
        node.journal.append(CARD_ISSUED, {"digest": digest}, subject="p-li")
        hashed = Pins(node.keys.secret("pin pepper"), memory_kib=64, passes=1).hash(STAFF_PIN)
        node.journal.append(STAFF_SET, {"name": "Zhang", "hash": hashed})
    node.close()
    return settings


def swipe(gate: Gate) -> None:
    """As a reader types that is a keyboard to the machine; every key says itself when it went down."""
    for number, character in enumerate(f"{CARD}\n"):
        code = Qt.Key.Key_Return if character == "\n" else Qt.Key(ord(character))
        key = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, character)
        key.setTimestamp(10_000 + 10 * number)
        QApplication.sendEvent(gate.window, key)


def comes_in(gate: Gate, wires: Wires) -> None:
    before = wires.switches.count(True)
    swipe(gate)
    gate.until(lambda: gate.shows(Screen.IDENTIFIED, "Mr"))
    gate.until(lambda: wires.switches.count(True) > before)
    gate.until(lambda: gate.shows(Screen.STANDBY))


def gate_with_power(folder: Path, relay_port: int) -> None:
    """In a process of its own: somebody comes in, and the gate stays open for a minute."""
    qapp = QApplication([])
    house = make_gatehouse(settled(folder, relay_port, 60.0), an_app(qapp, folder))
    house.window.show()
    house.start()
    house.hands.present(Presented(Method.CARD, CARD))
    qapp.exec()


@pytest.mark.parametrize("board", ["keeps its power", "loses it too"])
def test_after_a_power_cut_in_the_middle_of_a_passage_the_gate_is_as_before_it(
    relay: ModbusRelay, app: App, qtbot: Any, tmp_path: Path, board: str
) -> None:
    """The lock has let go and the door stands open: it is put to rest, asked to be shut, and nobody is said to have forced it."""
    settings, wires = settled(tmp_path, relay.port), relay.wires
    running = multiprocessing.get_context("spawn").Process(target=gate_with_power, args=(tmp_path, relay.port))
    running.start()
    assert wires.wait_relay(True, timeout=120)
    assert running.pid
    os.kill(running.pid, signal.SIGKILL)
    running.join()
    wires.door = True
    if board == "loses it too":
        wires.switch(False)
    gate = Gate(settings, app, qtbot)
    try:
        gate.until(lambda: gate.shows(Screen.STANDBY))
        gate.until(lambda: not wires.relay)
        comes_in(gate, wires)
        journal = gate.house.node.journal
        gate.until(lambda: [f.payload["gate_did"] for f in journal.facts(PASSAGE) if f.payload][-1:] == ["opened"])
        assert journal.broken() == []
        assert journal.facts("gate.forced") == []
        assert len(journal.facts(CUT_OFF)) == 1, "whoever came in before it may be on no record"
        wires.door = False
    finally:
        gate.stop()


@pytest.mark.parametrize(("off_s", "said"), [(DAY_S, "clock_ahead"), (-DAY_S, "clock_behind")])
def test_a_machine_whose_clock_is_a_day_wrong_lets_residents_in_and_says_whose_time_it_shows(
    district: Serving, relay: ModbusRelay, app: App, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    off_s: int, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("offline.node.NodeClock", lambda: NodeClock(wall=lambda: time.time() + off_s))
    settings = settled(tmp_path, relay.port)

    def clock_row(gate: Gate, words: str) -> None:
        gate.sign_in()
        gate.until(lambda: words in [label.text() for label in gate.page(Screen.MAINTENANCE).findChildren(QLabel)])
        gate.press(gate.window.footer.back)

    alone = Gate(settings, app, qtbot)
    try:
        comes_in(alone, relay.wires)
        clock_row(alone, say("en", "kiosk.maintenance.clock_own"))
    finally:
        alone.stop()
    joined = Gate(settings, app, qtbot, district)
    try:
        clock_row(joined, say("en", f"kiosk.maintenance.{said}", n="1,440"))
        comes_in(joined, relay.wires)
        journal = joined.house.node.journal
        joined.until(lambda: len(journal.facts(PASSAGE)) == 2)
        assert abs(journal.facts(PASSAGE)[-1].envelope.at - district.office.now_ms()) < 60_000
    finally:
        joined.stop()


def test_a_gate_whose_clock_has_lost_the_time_says_what_rests_until_the_district_answers_and_then_knows_them_at_once(
    district: Serving, relay: ModbusRelay, app: App, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, off_s = settled(tmp_path, relay.port), [0]
    monkeypatch.setattr("offline.node.NodeClock", lambda: NodeClock(wall=lambda: time.time() + off_s[0]))
    gate = Gate(settings, app, qtbot, district)
    try:
        node = gate.house.node
        gate.until(lambda: node.clock.state is Clock.SYNCED)
        for purpose in (Purpose.FACE_AT_GATE, Purpose.FACE_AT_OTHER_GATES):
            node.roster.consent("p-li", purpose, True, "2026-1", "p-li")
        face, until = np.eye(1, 128, dtype=np.float32), district.office.now_ms() + 40 * 3_600_000
        assert gate.house.borrowed.save("p-li", gate.house.lending._engine, face, "v9", until)
        gate.house.lending.expire()
    finally:
        gate.stop()
    known = settings.data / "known_time"
    known.write_text(" ".join([*known.read_text().split()[:-1], "another-start"]))
    (line := node.folder / "district.json").write_text(line.read_text().replace(district.url, "https://127.0.0.1:9"))
    off_s[0] = -20 * 365 * DAY_S
    alone = Gate(settings, app, qtbot)
    try:
        alone.until(lambda: say("en", "kiosk.note.clock") in alone.noted())
        assert alone.house.residents.gallery() == []
        comes_in(alone, relay.wires)
    finally:
        alone.stop()
    line.write_text(line.read_text().replace("https://127.0.0.1:9", district.url))
    again = Gate(settings, app, qtbot)
    try:
        again.until(lambda: [person for person, _ in again.house.residents.gallery()] == ["p-li"])
        again.until(lambda: say("en", "kiosk.note.clock") not in again.noted())
    finally:
        again.stop()


def test_a_gate_that_is_switched_off_every_night_lets_go_of_what_it_kept_long_enough_when_it_starts(
    relay: ModbusRelay, app: App, qtbot: Any, tmp_path: Path
) -> None:
    settings = settled(tmp_path, relay.port)
    node = open_node(settings)
    for days in (40, 3):
        node.journal.append(PASSAGE, {"days": days}, at=node.clock.now_ms() - days * DAY_S * 1000)
    node.journal.acknowledged(len(node.journal.facts()))
    node.close()
    gate = Gate(settings, app, qtbot)
    try:
        journal = gate.house.node.journal
        gate.until(lambda: [f.payload for f in journal.facts(PASSAGE)] == [None, {"days": 3}])
        assert journal.broken() == []
    finally:
        gate.stop()


def test_a_face_that_the_power_left_without_a_consent_is_gone_once_the_gate_has_started(
    relay: ModbusRelay, app: App, qtbot: Any, tmp_path: Path
) -> None:
    """One of an enrolment that was cut short, one whose withdrawal was written down and not carried out any more."""
    settings, face = settled(tmp_path, relay.port), np.eye(1, 128, dtype=np.float32)
    node = open_node(settings)
    templates = open_templates(settings, node)
    for person in ("p-cut", "p-gone", "p-li"):
        templates.save(person, "sface", "1", face, [], ())
    for person, given in (("p-gone", True), ("p-gone", False), ("p-li", True)):
        node.roster.consent(person, Purpose.FACE_AT_GATE, given, "2026-1", person)
    assert templates.people() == {"p-cut", "p-gone", "p-li"}
    templates.close()
    node.close()
    gate = Gate(settings, app, qtbot)
    try:
        gate.until(lambda: gate.house.templates.people() == {"p-li"})
    finally:
        gate.stop()
