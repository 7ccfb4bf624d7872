"""How long the server waits for a request that comes slowly, and for an answer or a stream to be read. uvicorn waits for ever once
a first byte has come: a few thousand senders of a byte a minute, or readers of none, would hold every descriptor that there is, and
no call for help would find one.
"""

import asyncio
import logging
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)
HEAD_S = 20.0  # of a new connection, or from a request's first byte on
BODY_S = 120.0  # 4 MiB over a line of 300 kbit/s
# Bytes in that time, where more than uvicorn's 64 KiB wait. The system takes more when a third of what it keeps itself is read
# (`listening.UNREAD`): a line of 12 kbit/s.
READ_S, LEAST_READ = 60.0, 16 * 1024
_PARTS = {h11.IDLE: "head", h11.SEND_BODY: "body"}


class Patient(H11Protocol):
    """Ends a connection on which the head or the body of a request is not whole in time, or of which nobody reads what waits for
    them. What is idle between two requests is uvicorn's to end, and nobody is hurried who waits for an answer."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._awaited: str | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrows it so
        super().connection_made(transport)
        self._await(_PARTS.get(self.conn.their_state))

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await(_PARTS.get(self.conn.their_state))

    def connection_lost(self, exc: Exception | None) -> None:
        self._await(None)
        self._stop_looking()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_soon()

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def _look_soon(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(READ_S, self._look_whether_it_is_read)

    def _look_whether_it_is_read(self) -> None:
        if self._unread - self.transport.get_write_buffer_size() >= LEAST_READ:
            self._look_soon()
        else:
            log.info("let go of a reader for whom %d bytes waited", self._unread)
            self.transport.abort()

    def _stop_looking(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _await(self, part: str | None) -> None:
        if part == self._awaited:
            return
        self._awaited = part
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self.loop.call_later(HEAD_S if part == "head" else BODY_S, self._let_go) if part else None

    def _let_go(self) -> None:
        log.info("let go of a sender whose %s was not whole in time", self._awaited)
        self.transport.abort()
