"""What every gate promises, whatever moves it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from domain.errors import Mendable
from kiosk.gate.gpio_line import GpioLine, GpioPins
from kiosk.gate.http_line import HttpAddress, HttpLine
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.port import GateState
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.simulated_line import SimulatedLine
from tests.fakes.gates import FakeChip, HttpRelay, ModbusRelay, Wires


@dataclass
class Rig:
    gate: RelayGate
    wires: Wires
    fails: bool  # whether this adapter can fail at all


class WiredSimulation(SimulatedLine):
    """The simulated line with its state told to the wires, so that the contract can look at them."""

    def __init__(self, wires: Wires) -> None:
        super().__init__("simulated")
        self._wires = wires

    def switch(self, on: bool) -> None:
        super().switch(on)
        self._wires.switch(on)

    def read(self) -> GateState:
        self.contacts(self._wires.door, self._wires.tamper, self._wires.fire)
        return super().read()


def modbus(wires: Wires) -> tuple[RelayGate, Callable[[], None]]:
    relay = ModbusRelay(wires)
    address = ModbusAddress("127.0.0.1", relay.port, 1, ModbusRelay.COIL, 0, 1, 2)
    return RelayGate(ModbusLine(address)), relay.stop


def http(wires: Wires) -> tuple[RelayGate, Callable[[], None]]:
    relay = HttpRelay(wires)
    fields = {"relay_on": "switch.output", "door_open": "door:0.state", "tampered": "tamper", "fire": "fire"}
    return RelayGate(
        HttpLine(HttpAddress(f"{relay.url}/on", f"{relay.url}/off", f"{relay.url}/state", fields))
    ), relay.stop


def gpio(wires: Wires) -> tuple[RelayGate, Callable[[], None]]:
    return RelayGate(GpioLine(GpioPins(door=22, tamper=23, fire=24), FakeChip(wires).request_lines)), lambda: None


def simulated(wires: Wires) -> tuple[RelayGate, Callable[[], None]]:
    return RelayGate(WiredSimulation(wires)), lambda: None


@pytest.fixture(params=[modbus, http, gpio, simulated], ids=lambda make: make.__name__)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    wires = Wires()
    gate, stop = request.param(wires)
    yield Rig(gate, wires, request.param is not simulated)
    wires.refuses = False
    gate.close()
    stop()


def test_open_releases_and_ends_by_itself(rig: Rig) -> None:
    rig.gate.open(0.05)
    assert rig.wires.switches[0] is True
    assert rig.wires.wait_relay(False)
    assert rig.wires.switches == [True, False]


def test_a_second_open_prolongs_and_never_shortens(rig: Rig) -> None:
    rig.gate.open(30)
    rig.gate.open(0.01)
    assert not rig.wires.wait_relay(False, timeout=0.15)
    assert rig.gate.state().relay_on


def test_the_state_is_what_the_contacts_say(rig: Rig) -> None:
    assert rig.gate.state() == GateState(False, False, False, False)
    rig.wires.door = rig.wires.tamper = rig.wires.fire = True
    assert rig.gate.state() == GateState(False, True, True, True)


def test_hold_stays_until_told_otherwise_whatever_is_opened_meanwhile(rig: Rig) -> None:
    rig.gate.hold(True)
    rig.gate.open(0.01)
    assert not rig.wires.wait_relay(False, timeout=0.15)
    rig.gate.hold(False)
    assert rig.wires.wait_relay(False)


def test_closing_lets_the_relay_rest_and_may_be_done_twice(rig: Rig) -> None:
    rig.gate.open(30)
    rig.gate.close()
    assert rig.wires.relay is False
    rig.gate.close()


def test_closing_while_held_for_fire_leaves_it_open(rig: Rig) -> None:
    rig.gate.hold(True)
    rig.gate.close()
    assert rig.wires.relay is True


def test_a_refusal_is_mendable_and_passes(rig: Rig) -> None:
    if not rig.fails:
        pytest.skip("a simulated gate cannot refuse")
    rig.wires.refuses = True
    with pytest.raises(Mendable, match="gate_"):
        rig.gate.open(1)
    with pytest.raises(Mendable, match="gate_"):
        rig.gate.state()
    rig.wires.refuses = False
    rig.gate.open(0.01)
    assert rig.wires.wait_relay(False)


def test_only_the_simulated_gate_says_so(rig: Rig) -> None:
    assert rig.gate.simulated is (not rig.fails)
