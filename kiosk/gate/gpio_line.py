"""A relay on the kiosk's own pins, through the kernel's GPIO character device (libgpiod 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.errors import Mendable
from kiosk.gate.port import GateState


@dataclass(frozen=True, slots=True)
class GpioPins:
    """Line offsets on one chip. `relay_active_low` for the common opto boards; contacts close to ground, so inputs
    have a pull-up and are active when low unless `contacts_active_low` says otherwise."""

    chip: str = "/dev/gpiochip0"
    relay: int = 17
    door: int | None = None
    tamper: int | None = None
    fire: int | None = None
    relay_active_low: bool = False
    contacts_active_low: bool = True


class GpioLine:
    """Implements Line. `request_lines` is gpiod's own unless a test brings a chip of its own."""

    simulated = False

    def __init__(self, pins: GpioPins, request_lines: Callable[..., Any] | None = None) -> None:
        """Raises Mendable `gate_gpio` where the chip or a line cannot be had."""
        import gpiod
        from gpiod.line import Bias, Direction, Value

        self._pins, self._value = pins, Value
        contact = gpiod.LineSettings(direction=Direction.INPUT, bias=Bias.PULL_UP, active_low=pins.contacts_active_low)
        output = gpiod.LineSettings(
            direction=Direction.OUTPUT, active_low=pins.relay_active_low, output_value=Value.INACTIVE
        )
        config: dict[Any, Any] = {pins.relay: output}
        config |= {pin: contact for pin in (pins.door, pins.tamper, pins.fire) if pin is not None}
        try:
            self._lines = (request_lines or gpiod.request_lines)(pins.chip, consumer="shouwang-gate", config=config)
        except (OSError, ValueError) as error:
            raise Mendable("gate_gpio", chip=pins.chip, why=str(error)) from error

    def switch(self, on: bool) -> None:
        try:
            self._lines.set_value(self._pins.relay, self._value.ACTIVE if on else self._value.INACTIVE)
        except OSError as error:
            raise Mendable("gate_unreachable", where=self._pins.chip) from error

    def read(self) -> GateState:
        relay = self._active(self._pins.relay)
        return GateState(
            bool(relay), self._active(self._pins.door), self._active(self._pins.tamper), self._active(self._pins.fire)
        )

    def close(self) -> None:
        self._lines.release()

    def _active(self, pin: int | None) -> bool | None:
        if pin is None:
            return None
        try:
            return bool(self._lines.get_value(pin) == self._value.ACTIVE)
        except OSError as error:
            raise Mendable("gate_unreachable", where=self._pins.chip) from error
