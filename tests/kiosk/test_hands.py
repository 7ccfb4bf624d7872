"""From an effect to the world and back to the screen, with a real relay and a real desk."""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.errors import Mendable
from domain.passages import Method
from kiosk.camera.feed import FeedState, Health
from kiosk.credentials.desk import Desk
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.port import Presented
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateEvent
from kiosk.hands import Hands, Reach, of_camera, of_gate
from kiosk.visit.effects import (
    CheckPin,
    CheckStaff,
    GateDid,
    LookForPass,
    OpenGate,
    RecordPassage,
    RunSelfTest,
    Speak,
    StartCall,
)
from kiosk.visit.events import (
    CredentialAccepted,
    CredentialRefused,
    Event,
    FireInput,
    GateAnswered,
    Press,
    StaffAccepted,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import Way
from tests.fakes.books import MemoryBooks
from tests.fakes.gates import ModbusRelay, Wires
from tests.kiosk_visit.visits import START, Bench, decided, seen

PINS = Pins(b"pepper", memory_kib=64, passes=1)


@dataclass
class Rig:
    hands: Hands
    relay: ModbusRelay
    wires: Wires
    told: "queue.Queue[Event]" = field(default_factory=queue.Queue)
    asked: list[Any] = field(default_factory=list)
    clock: list[float] = field(default_factory=lambda: [0.0])


@pytest.fixture
def rig() -> Iterator[Rig]:
    wires = Wires()
    relay = ModbusRelay(wires)
    gate = RelayGate(ModbusLine(ModbusAddress("127.0.0.1", relay.port, coil=ModbusRelay.COIL, timeout_s=5.0)))
    books = MemoryBooks(flats={"32501": [("p-li", PINS.hash("9081"))]}, crew=[("张工", PINS.hash("908172"))])
    key = Ed25519PrivateKey.generate().public_key()
    desk = Desk(("jinxiu", "south"), books, books, books, lambda: [key], PINS, Attempts(), b"card")
    made: dict[str, Any] = {}
    asked: list[Any] = []
    told: queue.Queue[Event] = queue.Queue()
    reach = Reach(
        told.put, asked.append, asked.append, asked.append, asked.append, lambda: asked.append("test"), lambda: START,
        lambda: START,
    )  # fmt: skip
    clock = [0.0]
    made["hands"] = hands = Hands(gate, desk, reach, lambda: clock[0])
    yield Rig(hands, relay, wires, told, asked, clock)
    hands.close()
    gate.close()
    relay.stop()


def test_a_face_opens_the_relay_and_the_record_says_so(rig: Rig) -> None:
    bench = Bench()
    for effect in bench.send(seen(), decided("p-li")):
        rig.hands.perform(effect)
    answer = rig.told.get(timeout=5)
    assert answer == GateAnswered("v1", True)
    assert rig.wires.relay
    for effect in bench.send(answer):
        rig.hands.perform(effect)
    assert [one.gate for one in rig.asked if isinstance(one, RecordPassage)] == [GateDid.OPENED]
    assert rig.told.get(timeout=5) == Fault(Part.GATE)


def test_a_relay_that_is_off_is_a_fault_and_not_a_silence(rig: Rig) -> None:
    rig.relay.stop()
    bench = Bench()
    for effect in bench.send(seen(), decided("p-li")):
        rig.hands.perform(effect)
    failed = rig.told.get(timeout=5)
    assert failed == GateAnswered("v1", False)
    lost = rig.told.get(timeout=5)
    assert isinstance(lost, Fault)
    assert (lost.part, lost.code) == (Part.GATE, "gate_unreachable")
    bench.send(failed, lost)
    assert bench.view.headline.key == "kiosk.identified.gate_failed"
    assert [note.key for note in bench.view.notes] == ["kiosk.note.gate"]


def test_nobody_is_opened_for_whom_a_gate_or_a_disk_that_hung_has_kept_waiting(rig: Rig) -> None:
    hung, freed = threading.Event(), threading.Event()

    def hang() -> None:
        hung.set()
        freed.wait(10)

    for thread in (rig.hands._gate_thread, rig.hands._desk_thread):
        thread.submit(hang)
    assert hung.wait(5)
    rig.hands.perform(OpenGate("v1", 0.2))
    rig.hands.present(Presented(Method.CARD, "0012345678"))
    rig.clock[0] += 10.1
    freed.set()
    told = {rig.told.get(timeout=5) for _ in range(2)}
    assert told == {GateAnswered("v1", False), CredentialRefused(Method.CARD, "not_checked")}
    assert rig.wires.switches == []


def test_pins_are_checked_aside_and_answered(rig: Rig) -> None:
    rig.hands.perform(CheckPin("32501", "9081", 1))
    assert rig.told.get(timeout=5) == CredentialAccepted(Method.PIN, "p-li", "", pad=1)
    rig.hands.perform(CheckPin("32501", "9082", 2))
    assert rig.told.get(timeout=5) == CredentialRefused(Method.PIN, "pin_wrong", "32501", 0, pad=2)
    rig.hands.perform(CheckStaff("908172", 3))
    assert rig.told.get(timeout=5) == StaffAccepted("张工", 3)


@pytest.mark.parametrize("broken", ["pin", "staff", "present"])
def test_whoever_waits_for_a_desk_that_fails_is_told_who_helps(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(rig.hands._desk, broken, fail)
    if broken == "present":
        rig.hands.present(Presented(Method.CARD, "0012345678"))
    else:
        rig.hands.perform(CheckPin("32501", "9081", 4) if broken == "pin" else CheckStaff("908172", 4))
    method = Method.CARD if broken == "present" else Method.PIN
    assert rig.told.get(timeout=5) == CredentialRefused(method, "not_checked", pad=0 if broken == "present" else 4)


def test_a_readers_card_and_its_troubles_reach_the_visit(rig: Rig) -> None:
    rig.hands.present(Presented(Method.CARD, "0012345678"))
    refused = rig.told.get(timeout=5)
    assert isinstance(refused, CredentialRefused)
    assert refused.why == "card_unknown"
    rig.hands.reader_trouble(Mendable("reader_lost", reader="usb"))
    assert rig.told.get() == Fault(Part.READER, "reader_lost", {"reader": "usb"})
    rig.hands.reader_trouble(None)
    assert rig.told.get() == Fault(Part.READER)


def test_what_is_not_the_hands_own_is_passed_on(rig: Rig) -> None:
    bench = Bench()
    for effect in (*bench.press(Way.QR, Press.BACK, Way.GUARD), RunSelfTest()):
        rig.hands.perform(effect)
    kinds = [one if isinstance(one, bool | str) else type(one) for one in rig.asked]
    assert kinds == [Speak, True, False, StartCall, Speak, "test"]
    assert LookForPass(True) not in rig.asked


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (GateEvent.FIRE, FireInput(True)),
        (GateEvent.FIRE_OVER, FireInput(False)),
        (GateEvent.LOST, Fault(Part.GATE, "gate_unreachable", {"where": ""})),
        (GateEvent.BACK, Fault(Part.GATE)),
        (GateEvent.FORCED, None),
    ],
)
def test_what_the_contacts_mean_to_a_visit(event: GateEvent, told: Event | None) -> None:
    assert of_gate(event) == told


def test_what_the_cameras_health_means_to_a_visit() -> None:
    frozen = Mendable("camera_frozen", source="USB 0")
    assert of_camera(FeedState(Health.FAILED, 0.0, frozen)) == Fault(Part.CAMERA, "camera_frozen", {"source": "USB 0"})
    assert of_camera(FeedState(Health.LIVE, 0.0)) == Fault(Part.CAMERA)
    assert of_camera(FeedState(Health.OPENING, 0.0)) is None
