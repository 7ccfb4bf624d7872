"""What an operator writes into `[gate]` reaches the relay and its contacts, whatever the relay is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk.config import GateKind, GateTable
from kiosk.gate.configured import line_of
from kiosk.gate.port import GateState, Line
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateEvent, GateWatch
from tests.fakes.gates import FakeChip, HttpRelay, ModbusRelay, Wires
from tests.kiosk_visit.visits import START

Wired = Callable[..., Line]


@pytest.fixture(params=["modbus", "http", "gpio"])
def wired(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, wires: Wires) -> Iterator[Wired]:
    """A line as the settings make it; `contacts` False leaves its contacts out of them."""
    stop: Callable[[], None] = lambda: None  # noqa: E731
    relay: dict[str, Any]
    contacts: dict[str, Any] = {"door_input": 0, "tamper_input": 1, "fire_input": 2}
    match request.param:
        case "modbus":
            board = ModbusRelay(wires)
            relay, stop = {"host": "127.0.0.1", "port": board.port, "coil": ModbusRelay.COIL}, board.stop
        case "http":
            web = HttpRelay(wires)
            relay, stop = {f"{name}_url": f"{web.url}/{name}" for name in ("on", "off", "state")}, web.stop
            relay |= {"relay_field": "switch.output"}
            contacts = {"door_field": "door:0.state", "tamper_field": "tamper", "fire_field": "fire"}
        case _:
            monkeypatch.setattr("gpiod.request_lines", FakeChip(wires).request_lines)
            relay, contacts = {"relay_pin": 17}, {"door_input": 22, "tamper_input": 23, "fire_input": 24}
    made: list[Line] = []

    def line(with_contacts: bool = True) -> Line:
        made.append(line_of(GateTable(kind=GateKind(request.param), **relay, **(contacts if with_contacts else {}))))
        return made[-1]

    yield line
    for one in made:
        one.close()
    stop()


@pytest.fixture
def wires() -> Wires:
    return Wires()


def test_its_contacts_are_read(wired: Wired, wires: Wires) -> None:
    line = wired()
    line.switch(True)
    for door, tamper, fire in ((True, False, False), (False, True, False), (False, False, True)):
        wires.door, wires.tamper, wires.fire = door, tamper, fire
        assert line.read() == GateState(True, door, tamper, fire)


def test_contacts_that_are_not_wired_are_unknown(wired: Wired) -> None:
    assert wired(with_contacts=False).read() == GateState(False, None, None, None)


def test_the_fire_input_holds_the_gate_open(wired: Wired, wires: Wires) -> None:
    gate = RelayGate(wired())
    heard: list[GateEvent] = []
    watch = GateWatch(gate, lambda event, _: heard.append(event), lambda: START, every_s=0.01)
    watch.start()
    wires.fire = True
    assert wires.wait_relay(True)
    wires.fire = False
    assert wires.wait_relay(False)
    watch.stop()
    gate.close()
    assert heard == [GateEvent.FIRE, GateEvent.FIRE_OVER]


def test_a_relay_left_released_by_whoever_ran_before_is_put_to_rest(wired: Wired, wires: Wires) -> None:
    wires.switch(True)  # the kiosk lost its power in the middle of a passage; the board kept its own
    gate = RelayGate(wired(with_contacts=False))
    watch = GateWatch(gate, lambda *_: None, lambda: START, every_s=0.01)
    watch.start()
    assert wires.wait_relay(False)
    watch.stop()
    gate.close()


def test_a_board_that_was_without_power_in_a_fire_is_held_open_again(wired: Wired, wires: Wires) -> None:
    gate = RelayGate(wired())
    watch = GateWatch(gate, lambda *_: None, lambda: START, every_s=0.01)
    wires.fire = True
    watch.start()
    assert wires.wait_relay(True)
    wires.switch(False)
    assert wires.wait_relay(True)
    watch.stop()
    gate.close()


def test_an_opto_board_that_switches_on_low_rests_when_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, wires: Wires
) -> None:
    chip = FakeChip(wires)
    monkeypatch.setattr("gpiod.request_lines", chip.request_lines)
    line_of(GateTable(kind=GateKind.GPIO, relay_active_low=True, contacts_active_low=False, fire_input=24)).close()
    assert chip.config[17].active_low
    assert not chip.config[24].active_low
