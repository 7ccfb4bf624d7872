"""The demo's gate: a relay board as pymodbus's own server plays it, with one coil and a note of when it was switched."""

import asyncio
import contextlib
import threading
import time
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

COIL = 0
_WRITE_COIL = 5


class Relay:
    """Serves Modbus TCP on a free port of the loopback from a thread. `switched` holds (seconds since 1970, on)."""

    def __init__(self) -> None:
        self.port = 0
        self.switched: list[tuple[float, bool]] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        stopping = self._server.shutdown()
        asyncio.run_coroutine_threadsafe(stopping, self._loop).result(5)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        coils = [SimData(0, count=8, values=False, datatype=DataType.BITS)]
        inputs = [SimData(0, count=8, values=False, datatype=DataType.BITS)]
        words = [SimData(0, count=1, values=0, datatype=DataType.REGISTERS)]
        device = SimDevice(1, (coils, inputs, words, words), action=self._act)
        self._server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        serving = asyncio.create_task(self._server.serve_forever())
        while (transport := getattr(self._server, "transport", None)) is None:
            await asyncio.sleep(0.01)
        self.port = transport.sockets[0].getsockname()[1]
        self._ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    async def _act(
        self, function: int, _start: int, _address: int, _count: int, _registers: list[int], values: Any
    ) -> ExcCodes | None:
        if function == _WRITE_COIL and values is not None:  # it is asked again, without values, to read back
            self.switched.append((time.time(), bool(values[0])))
        return None
