"""A relay board spoken to in Modbus TCP: one coil releases the gate, discrete inputs are its contacts."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from domain.errors import Mendable
from kiosk.gate.port import GateState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModbusAddress:
    """Where the board is and which of its channels are ours. Inputs are None where nothing is wired."""

    host: str
    port: int = 502
    device_id: int = 1
    coil: int = 0
    door_input: int | None = None  # 1 = open
    tamper_input: int | None = None
    fire_input: int | None = None
    timeout_s: float = 1.0


class ModbusLine:
    """Implements Line. Reconnects by itself; a talk that fails is tried once more on a fresh connection."""

    simulated = False

    def __init__(self, address: ModbusAddress) -> None:
        self._at = address
        self._client = ModbusTcpClient(address.host, port=address.port, timeout=address.timeout_s, retries=0)

    def switch(self, on: bool) -> None:
        self._ask(lambda: self._client.write_coil(self._at.coil, on, device_id=self._at.device_id))

    def read(self) -> GateState:
        coil = self._ask(lambda: self._client.read_coils(self._at.coil, count=1, device_id=self._at.device_id))
        return GateState(
            relay_on=bool(coil.bits[0]),
            door_open=self._input(self._at.door_input),
            tampered=self._input(self._at.tamper_input),
            fire=self._input(self._at.fire_input),
        )

    def close(self) -> None:
        self._client.close()

    def _input(self, address: int | None) -> bool | None:
        if address is None:
            return None
        answer = self._ask(lambda: self._client.read_discrete_inputs(address, count=1, device_id=self._at.device_id))
        return bool(answer.bits[0])

    def _ask(self, talk: Callable[[], ModbusPDU]) -> ModbusPDU:
        for last in (False, True):
            try:
                if not self._client.connected and not self._client.connect():
                    raise ConnectionError("no connection")
                answer = talk()
                break
            except (ModbusException, OSError) as error:
                self._client.close()
                if last:
                    raise Mendable("gate_unreachable", where=f"{self._at.host}:{self._at.port}") from error
        if answer.isError():
            raise Mendable("gate_refused", where=f"{self._at.host}:{self._at.port}", answer=str(answer))
        return answer
