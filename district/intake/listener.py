"""TCP and UDP on one port for the panels' protocols: a thread a connection, everything bounded, replies only after keeping."""

import contextlib
import itertools
import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from district.intake.signals import Heard

log = logging.getLogger(__name__)
Keep = Callable[[Heard, str], object]  # what was heard, community; durable on return
Address = tuple[str, int]
IDLE_S = 60.0
MAX_CONNECTIONS = 512
MAX_OF_ONE = 64  # of one address: behind it may stand a whole community's panels, or somebody who only opens


@dataclass(frozen=True, slots=True)
class Answer:
    """What one message is met with: no reply is silence. What was `heard` is kept before anything is sent."""

    replies: Sequence[bytes]
    heard: Heard
    community: str = ""


@dataclass(frozen=True, slots=True)
class Protocol:
    """`split` takes the first whole message off a stream: (message, rest), or None while there is none."""

    name: str
    max_message: int
    split: Callable[[bytes], tuple[bytes, bytes] | None]
    judge: Callable[[bytes, Address], Answer]


class Listener:
    """Where `keep` raises, the message stays unanswered and the device sends it again. Port 0 takes a free one.

    `room` connections, and as many datagrams, are dealt with at once. A datagram beyond is met with silence, and comes again; for a
    connection beyond, or beyond `of_one` of one address, the idlest makes room.
    """

    def __init__(
        self,
        protocol: Protocol,
        host: str,
        port: int,
        keep: Keep,
        room: int = MAX_CONNECTIONS,
        of_one: int = MAX_OF_ONE,
    ) -> None:
        self.protocol, self._keep = protocol, keep
        self.open, self._datagrams = _Open(room, of_one), threading.BoundedSemaphore(room)
        self._tcp = _Tcp((host, port), self)
        try:
            self._udp = _Udp((host, self.port), self)
        except OSError:
            self._tcp.server_close()
            raise
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.1,), name=f"{protocol.name}-{way}")
            for server, way in ((self._tcp, "tcp"), (self._udp, "udp"))
        ]

    @property
    def port(self) -> int:
        return int(self._tcp.server_address[1])

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def release(self) -> None:
        """Give the port back; for one that was never started."""
        self._tcp.server_close()
        self._udp.server_close()

    def close(self) -> None:
        for server in (self._tcp, self._udp):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def answer(self, message: bytes, sender: Address) -> Sequence[bytes]:
        """Judge, keep, and only then reply."""
        found = self.protocol.judge(message, sender)
        try:
            self._keep(found.heard, found.community)
        except Exception:
            log.exception("could not keep a %s message; it is not acknowledged", self.protocol.name)
            return ()
        return found.replies

    def answer_datagram(self, message: bytes, sender: Address) -> Sequence[bytes]:
        if not self._datagrams.acquire(blocking=False):
            return ()
        try:
            return self.answer(message, sender)
        finally:
            self._datagrams.release()


class _Open:
    """The connections there are. Who has said nothing yet goes first, then whose last message is the longest ago."""

    def __init__(self, most: int, of_one: int) -> None:
        self._most, self._of_one = most, of_one
        self._lock, self._turn = threading.Lock(), itertools.count(1)
        self._lines: dict[socket.socket, tuple[str, bool, int]] = {}  # its address, whether it has spoken, when

    def enter(self, line: socket.socket, host: str) -> None:
        with self._lock:
            crowd = [each for each, (of, *_) in self._lines.items() if of == host]
            if len(crowd) < self._of_one:
                crowd = list(self._lines) if len(self._lines) >= self._most else []
            if crowd:
                self._close(min(crowd, key=lambda each: self._lines[each][1:]))
            self._lines[line] = (host, False, next(self._turn))

    def spoke(self, line: socket.socket) -> None:
        """A whole message came; bytes alone keep nobody's place."""
        with self._lock:
            if line in self._lines:
                self._lines[line] = (self._lines[line][0], True, next(self._turn))

    def leave(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.pop(line, None)

    def _close(self, line: socket.socket) -> None:
        """Its thread reads the end of it."""
        del self._lines[line]
        with contextlib.suppress(OSError):  # gone by itself
            line.shutdown(socket.SHUT_RDWR)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = MAX_CONNECTIONS  # after a power cut every panel calls at once
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: Address, listener: Listener) -> None:
        self.listener = listener
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In the order in which they came: in that of their threads, the newest might be taken for the idlest."""
        self.listener.open.enter(request, client_address[0])
        super().process_request(request, client_address)


class _Udp(socketserver.ThreadingUDPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    max_packet_size = 65_535

    def __init__(self, address: Address, listener: Listener) -> None:
        self.listener = listener
        super().__init__(address, _Datagram)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        listener, line = cast(_Tcp, self.server).listener, cast(socket.socket, self.request)
        try:
            self._serve(listener, line)
        except OSError as e:
            log.info("a %s connection ended: %s", listener.protocol.name, e)
        finally:
            listener.open.leave(line)

    def _serve(self, listener: Listener, line: socket.socket) -> None:
        protocol = listener.protocol
        line.settimeout(IDLE_S)
        waiting = b""
        while piece := line.recv(4096):
            waiting += piece
            while (found := protocol.split(waiting)) is not None:
                message, waiting = found
                listener.open.spoke(line)
                for reply in listener.answer(message, self.client_address):
                    line.sendall(reply)
            if len(waiting) > protocol.max_message:
                listener.answer(waiting, self.client_address)
                return


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        listener = cast(_Udp, self.server).listener
        data, line = cast(tuple[bytes, socket.socket], self.request)
        for reply in listener.answer_datagram(data, self.client_address):
            try:
                line.sendto(reply, self.client_address)
            except OSError as e:
                log.info("a %s reply could not be sent: %s", listener.protocol.name, e)
