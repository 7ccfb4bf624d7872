"""Relays to test against: pymodbus's own server, a web server that behaves like a Shelly, a chip with pins."""

import asyncio
import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gpiod.line import Value
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


@dataclass
class Wires:
    """What the relay drives and what its contacts say; `switches` is every command it was given."""

    relay: bool = False
    door: bool = False
    tamper: bool = False
    fire: bool = False
    refuses: bool = False
    switches: list[bool] = field(default_factory=list)
    switched: threading.Condition = field(default_factory=threading.Condition)

    def switch(self, on: bool) -> None:
        with self.switched:
            self.relay = on
            self.switches.append(on)
            self.switched.notify_all()

    def wait_relay(self, on: bool, timeout: float = 5.0) -> bool:
        with self.switched:
            return self.switched.wait_for(lambda: self.relay is on, timeout)


class ModbusRelay:
    """pymodbus's own server in a thread: coil 3 drives the relay, discrete inputs 0 to 2 are door, tamper and fire."""

    COIL = 3

    def __init__(self, wires: Wires, port: int = 0) -> None:
        self.wires, self.port = wires, port
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="modbus-relay", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    async def _act(
        self, function_code: int, start: int, address: int, count: int, registers: list[int], values: Any
    ) -> ExcCodes | None:
        if self.wires.refuses:
            return ExcCodes.DEVICE_FAILURE
        if function_code == 5 and values is not None:  # it is asked again to read back
            self.wires.switch(bool(values[0]))
        if function_code == 1:
            registers[0] = self.wires.relay << self.COIL  # the board may have been without power since
        if function_code == 2:
            registers[0] = self.wires.door | self.wires.tamper << 1 | self.wires.fire << 2  # sixteen inputs a word
        return None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        def block(count: int) -> list[SimData]:
            return [SimData(0, count=count, values=False, datatype=DataType.BITS)]

        words = [SimData(0, count=1, values=0, datatype=DataType.REGISTERS)]
        device = SimDevice(1, (block(8), block(3), words, words), action=self._act)
        self._server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        serving = asyncio.create_task(self._server.serve_forever())
        while not isinstance(self._server.transport, asyncio.Server):
            await asyncio.sleep(0)
        self.port = self._server.transport.sockets[0].getsockname()[1]
        self._ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._server.shutdown(), self._loop).result(5)
            self._thread.join(5)


class HttpRelay:
    """Answers like a Shelly: ``/on``, ``/off``, ``/state``."""

    def __init__(self, wires: Wires) -> None:
        relay = self
        self.wires = wires
        self.seen: list[tuple[str, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                relay.seen.append((self.path, self.headers.get("Authorization")))
                if not wires.refuses:
                    wires.switch(self.path == "/on")
                self._answer({})

            def do_GET(self) -> None:
                state = "open" if wires.door else "closed"
                self._answer(
                    {
                        "switch": {"output": wires.relay},
                        "door:0": {"state": state},
                        "tamper": wires.tamper,
                        "fire": wires.fire,
                    }
                )

            def _answer(self, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(500 if wires.refuses else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class FakeChip:
    """Stands for ``gpiod.request_lines``: pin 17 is the relay, 22 door, 23 tamper, 24 fire. No real chip was at hand."""

    def __init__(self, wires: Wires) -> None:
        self.wires = wires
        self.released = False
        self.config: dict[int, Any] = {}

    def request_lines(self, chip: str, consumer: str, config: dict[int, Any]) -> "FakeChip":
        if chip != "/dev/gpiochip0":
            raise FileNotFoundError(2, "No such file or directory")
        self.config = config
        return self

    def set_value(self, pin: int, value: Value) -> None:
        if self.wires.refuses or self.released:
            raise OSError(5, "Input/output error")
        assert pin == 17
        self.wires.switch(value is Value.ACTIVE)

    def get_value(self, pin: int) -> Value:
        if self.wires.refuses or self.released:
            raise OSError(5, "Input/output error")
        on = {17: self.wires.relay, 22: self.wires.door, 23: self.wires.tamper, 24: self.wires.fire}[pin]
        return Value.ACTIVE if on else Value.INACTIVE

    def release(self) -> None:
        self.released = True
