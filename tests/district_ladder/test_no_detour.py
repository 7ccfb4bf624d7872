"""A message goes to the address in the settings and nowhere else, whatever the recipient's own looks like and whoever answers."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from district.reaching.channels import AppriseChannel, Message, Result
from offline.node_clock import NodeClock
from offline.transport.errors import Rejected
from offline.transport.http import HttpTransport


class Gateway(BaseHTTPRequestHandler):
    """Takes messages, or sends on to `elsewhere`."""

    elsewhere = ""
    paths: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.paths.append(self.path)
        self.send_response(307 if self.elsewhere else 200)
        if self.elsewhere:
            self.send_header("Location", self.elsewhere)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test looks at `paths`."""


class Served:
    def __init__(self) -> None:
        self.handler = type("Here", (Gateway,), {"paths": [], "elsewhere": ""})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.at = f"127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def serve() -> Iterator[Any]:
    made: list[Served] = []

    def make() -> Served:
        made.append(Served())
        return made[-1]

    yield make
    for each in made:
        each.stop()


def message(address: str) -> Message:
    return Message("r1", "p1", address, "Fall", "3-2-501")


HOSTILE = [
    "13900000000", "evil.example", "@evil.example/x", "//evil.example/x", "/../../admin", "a?redirect=yes&to=b", "x#y",
    "http://169.254.169.254/latest/meta-data", "x%2F..%2F@evil.example", "x\r\nHost: evil.example", "x;y,z", "?cto=900",
    "[::1]:22", "x@127.0.0.1:22",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize(
    "url", ["json://{at}/send/{{to}}", "json://{at}/send?:to={{to}}", "ntfy://user:secret@{at}/{{to}}"]
)
def test_no_recipients_address_leads_anywhere_but_to_the_gateway(
    serve: Any, monkeypatch: pytest.MonkeyPatch, url: str, address: str
) -> None:
    gateway, asked = serve(), list[tuple[Any, Any]]()
    looked_up = socket.getaddrinfo

    def note(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        asked.append((host, port))
        return looked_up(host, port, *more, **named)

    channel = AppriseChannel("sms", url.format(at=gateway.at), abroad=False)
    monkeypatch.setattr(socket, "getaddrinfo", note)
    channel.send(message(address))
    assert {f"{host}:{port}" for host, port in asked} <= {gateway.at}
    assert not any(path.startswith("/admin") for path in gateway.handler.paths)


def test_a_gateway_that_sends_on_elsewhere_is_not_followed(serve: Any) -> None:
    gateway, inside = serve(), serve()
    gateway.handler.elsewhere = f"http://{inside.at}/admin"
    channel = AppriseChannel("sms", f"json://{gateway.at}/send/{{to}}", abroad=False)
    assert channel.send(message("13900000000")).result is Result.TRY_AGAIN, "the next channel takes over"
    assert (len(gateway.handler.paths), inside.handler.paths) == (1, [])


def test_a_line_to_the_one_above_is_not_followed_elsewhere(serve: Any) -> None:
    above, inside = serve(), serve()
    above.handler.elsewhere = f"http://{inside.at}/admin"
    line = HttpTransport(f"http://{above.at}", NodeClock().now)
    with pytest.raises(Rejected, match="http_307"):
        line.hello()
    line.close()
    assert (above.handler.paths, inside.handler.paths) == (["/v1/hello"], [])
