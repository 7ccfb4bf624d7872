"""A line that is closed while its answer is still to come."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport


class Mute:
    """Takes a question and never answers it."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self._kept.append(line)
            line.recv(1 << 16)
            self.asked.set()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)
        for line in self._kept:
            line.close()


@pytest.fixture
def mute() -> Iterator[Mute]:
    made = Mute()
    yield made
    made.close()


def test_whoever_waits_for_an_answer_hears_at_once_that_none_will_come(mute: Mute) -> None:
    line, heard = HttpTransport(mute.url, lambda: datetime.now(UTC)), list[str]()

    def ask() -> None:
        try:
            line.hello()
        except TryAgain:
            heard.append("try again")

    waiting = threading.Thread(target=ask)
    waiting.start()
    assert mute.asked.wait(10)
    line.close()
    waiting.join(5)  # it would have waited for 20 s
    assert (heard, waiting.is_alive()) == (["try again"], False)


def test_a_line_that_is_closed_asks_nothing_more(mute: Mute) -> None:
    line = HttpTransport(mute.url, lambda: datetime.now(UTC))
    line.close()
    with pytest.raises(TryAgain, match="closed"):
        line.hello()
    assert not mute.asked.is_set()
