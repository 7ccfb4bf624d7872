"""A service on the web that is told of alarms, as far as a channel sees of one."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Service(http.server.ThreadingHTTPServer):
    """A real web service in the form of Apprise's json://; answers with `status`."""

    status, answer, daemon_threads = 200, b"", True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.bodies: list[bytes] = []
        self.asked = threading.Event()
        self.before_answering: Callable[[], object] = lambda: None


class Answering(http.server.BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.set()
        self.server.before_answering()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def web_service() -> Iterator[Service]:
    """One that serves meanwhile."""
    with Service() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.05,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()
