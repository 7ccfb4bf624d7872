"""A line to the district that can be bad in the ways lines are: slow, reset, half open, or gone after the district has answered."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    DELAY = "delay"
    RESET = "reset"  # before anything is passed on
    HALF_OPEN = "half_open"  # taken, and nobody is there any more: neither an answer nor an end
    CUT_REQUEST = "cut_request"  # half of the request arrives
    LOSE_ANSWER = "lose_answer"  # the district commits and answers, nobody hears it


class BadLine:
    """A TCP proxy on a loop of its own; `faults` are taken one a connection, then the line is good."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self.faults: list[Fault] = []
        self.met: list[Fault] = []
        self.port = 0

    async def serve(self, up: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        up.set()
        async with server:
            await stop.wait()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        self.met.append(fault)
        if fault is Fault.RESET:
            writer.transport.abort()
            return
        if fault is Fault.HALF_OPEN:
            while await reader.read(65536):
                pass  # until the other side gives up
            writer.close()
            return
        if fault is Fault.DELAY:
            await asyncio.sleep(0.3)
        far_reader, far_writer = await asyncio.open_connection(*self._to)

        async def up() -> None:
            while data := await reader.read(65536):
                if fault is Fault.CUT_REQUEST:
                    far_writer.write(data[: len(data) // 2])
                    far_writer.transport.abort()
                    writer.transport.abort()
                    return
                far_writer.write(data)
                await far_writer.drain()

            far_writer.close()

        async def down() -> None:
            while data := await far_reader.read(65536):
                if fault is Fault.LOSE_ANSWER:
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()

        try:
            await asyncio.gather(up(), down())
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            far_writer.close()


@contextmanager
def bad_line(host: str, port: int) -> Iterator[BadLine]:
    line, up = BadLine(host, port), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(line.serve(up, stop))
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=work, name="bad-line")
    thread.start()
    assert up.wait(5)
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
