"""The relay that the settings name, with the contacts that are wired to it."""

from kiosk.config import GateKind, GateTable
from kiosk.gate.gpio_line import GpioLine, GpioPins
from kiosk.gate.http_line import HttpAddress, HttpLine
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.port import Line
from kiosk.gate.simulated_line import SimulatedLine


def line_of(table: GateTable) -> Line:
    """Raises Mendable `gate_gpio` where its pins cannot be had."""
    match table.kind:
        case GateKind.MODBUS:
            return ModbusLine(
                ModbusAddress(
                    table.host,
                    table.port,
                    table.device_id,
                    table.coil,
                    table.door_input,
                    table.tamper_input,
                    table.fire_input,
                )
            )
        case GateKind.HTTP:
            return HttpLine(
                HttpAddress(
                    table.on_url,
                    table.off_url,
                    table.state_url,
                    _fields(table),
                    table.user,
                    table.password,
                    table.method,
                )
            )
        case GateKind.GPIO:
            return GpioLine(
                GpioPins(
                    table.chip,
                    table.relay_pin,
                    table.door_input,
                    table.tamper_input,
                    table.fire_input,
                    table.relay_active_low,
                    table.contacts_active_low,
                )
            )
        case GateKind.SIMULATED:
            return SimulatedLine(table.kind.value)


def _fields(table: GateTable) -> dict[str, str]:
    """Where the state of each contact stands; without those that are not wired."""
    fields = {
        "relay_on": table.relay_field,
        "door_open": table.door_field,
        "tampered": table.tamper_field,
        "fire": table.fire_field,
    }
    return {contact: path for contact, path in fields.items() if path}
