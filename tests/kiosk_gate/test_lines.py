import socket

import pytest

from domain.errors import Mendable
from kiosk.gate.gpio_line import GpioLine, GpioPins
from kiosk.gate.http_line import HttpAddress, HttpLine
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.simulated_line import SimulatedLine
from tests.fakes.gates import FakeChip, HttpRelay, ModbusRelay, Wires


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_modbus_board_that_is_off_is_named(free_port: int) -> None:
    line = ModbusLine(ModbusAddress("127.0.0.1", free_port, timeout_s=0.3))
    with pytest.raises(Mendable) as caught:
        line.switch(True)
    assert caught.value.code == "gate_unreachable"
    assert str(free_port) in str(caught.value.details["where"])


def test_a_modbus_board_that_was_restarted_is_found_again() -> None:
    wires = Wires()
    first = ModbusRelay(wires)
    line = ModbusLine(ModbusAddress("127.0.0.1", first.port, coil=ModbusRelay.COIL))
    line.switch(True)
    first.stop()
    second = ModbusRelay(wires, first.port)
    line.switch(False)
    assert wires.switches == [True, False]
    line.close()
    second.stop()


def test_inputs_that_are_not_wired_are_unknown() -> None:
    relay = ModbusRelay(Wires())
    line = ModbusLine(ModbusAddress("127.0.0.1", relay.port, coil=ModbusRelay.COIL))
    state = line.read()
    assert (state.door_open, state.tampered, state.fire) == (None, None, None)
    line.close()
    relay.stop()


def test_http_relay_gets_its_credentials_and_a_wrong_setting_of_its_state_is_named() -> None:
    relay = HttpRelay(Wires())
    line = HttpLine(
        HttpAddress(f"{relay.url}/on", f"{relay.url}/off", f"{relay.url}/state", {"relay_on": "nowhere"}, "u", "p")
    )
    line.switch(True)
    assert relay.seen == [("/on", "Basic dTpw")]
    with pytest.raises(Mendable, match="gate_field") as said:
        line.read()
    assert said.value.details["path"] == "nowhere", "which setting is wrong"
    line.close()
    relay.stop()


def test_http_relay_that_is_off_is_unreachable(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    with pytest.raises(Mendable, match="gate_unreachable"):
        HttpLine(HttpAddress(url, url, url)).switch(True)


def test_gpio_asks_for_a_resting_relay_and_pulled_up_contacts() -> None:
    chip = FakeChip(Wires())
    GpioLine(GpioPins(door=22, relay_active_low=True), chip.request_lines)
    assert chip.config[17].active_low
    assert chip.config[17].output_value.value == 0
    assert chip.config[22].active_low


def test_gpio_without_the_chip_says_which() -> None:
    with pytest.raises(Mendable) as caught:
        GpioLine(GpioPins(chip="/dev/gpiochip9"), FakeChip(Wires()).request_lines)
    assert caught.value.details["chip"] == "/dev/gpiochip9"


def test_gpio_without_any_chip_on_this_machine() -> None:
    with pytest.raises(Mendable, match="gate_gpio"):
        GpioLine(GpioPins(chip="/dev/gpiochip-none"))


def test_a_simulated_gate_refuses_to_start_unless_it_was_named() -> None:
    with pytest.raises(Mendable, match="gate_simulated"):
        SimulatedLine("modbus")


class LateRelay(SimulatedLine):
    """Fails after it has switched, as a lost answer does."""

    def __init__(self, wires: Wires) -> None:
        super().__init__("simulated")
        self.wires, self.failing = wires, True

    def switch(self, on: bool) -> None:
        self.wires.switch(on)
        if self.failing and on:
            raise Mendable("gate_unreachable", where="here")


def test_a_relay_that_switched_but_did_not_answer_is_put_to_rest() -> None:
    wires = Wires()
    gate = RelayGate(LateRelay(wires))
    with pytest.raises(Mendable):
        gate.open(30)
    assert wires.wait_relay(False)
    gate.close()
