"""Whoever does not read what is sent to them is let go of, and holds neither memory nor a descriptor; slow readers read all."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from district.door import patience
from district.feeds import feed
from offline.transport.errors import TryAgain
from tests.fakes.serving import Joined, Serving
from tests.fakes.there import there
from tests.fakes.waiting import until

MANY, LONG = 400, "x" * 8_000  # more than the two systems and uvicorn keep for a reader


@pytest.fixture
def desk(district: Serving, join: Callable[..., Joined]) -> Joined:
    found = join("caregiver")
    found.client.round()
    return found


@pytest.fixture
def streams(desk: Joined) -> Iterator[Callable[[], requests.Response]]:
    opened: list[requests.Response] = []

    def listen() -> requests.Response:
        opened.append(desk.transport.request("GET", "/v1/stream", stream=True))
        return opened[-1]

    yield listen
    for each in opened:
        each.close()


def call_out(district: Serving, many: int = MANY) -> None:
    for n in range(many):
        district.office.store.append_own("incident.evidence", "jinxiu", "p1", n, {"incident": "i1", "note": LONG})


def test_who_reads_nothing_of_a_stream_is_let_go_of(
    district: Serving, streams: Callable[[], requests.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "READ_S", 0.3)
    streams()
    hub = district.office.hub
    until(lambda: hub.listening == 1)
    call_out(district)
    until(lambda: hub.listening == 0)
    assert hub._letters == {}
    assert hub._communities["jinxiu"].bells == set()


def test_who_reads_nothing_of_an_answer_is_let_go_of(
    district: Serving, desk: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "READ_S", 0.3)
    call_out(district)
    answer = desk.transport.request("GET", "/v1/feed?limit=1000", stream=True)
    with pytest.raises((TryAgain, requests.RequestException)):
        until(lambda: _is_over(answer))
    answer.close()


def _is_over(answer: requests.Response) -> bool:
    """Whether the server has ended the connection; what it sent before stays unread."""
    line: socket.socket = there(answer.raw._connection).sock
    try:
        line.sendall(b"\r\n")
    except OSError as e:
        raise TryAgain("ended") from e
    return False


def test_who_reads_slowly_reads_all_of_it(
    district: Serving, streams: Callable[[], requests.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "READ_S", 1.5)
    line = streams()
    until(lambda: district.office.hub.listening == 1)
    calling = threading.Thread(target=call_out, args=(district,))
    calling.start()
    read, pause = b"", threading.Event()
    while read.count(b"\nid: ") < MANY:
        read += line.raw.read1(32 * 1024)
        pause.wait(0.02)
    calling.join()
    assert district.office.hub.listening == 1


def test_a_device_has_no_more_streams_than_a_few_and_the_oldest_ends(
    district: Serving, streams: Callable[[], requests.Response]
) -> None:
    hub = district.office.hub
    first = streams()
    for _ in range(3 * feed.STREAMS):
        streams()
    until(lambda: hub.listening == feed.STREAMS)
    while first.raw.read(4096):
        pass


def test_letters_do_not_pile_up_for_who_does_not_take_them(district: Serving, desk: Joined) -> None:
    hub = district.office.hub
    scope = there(district.office.registry.device(desk.journal.device)).scope
    letters = hub.letters(desk.journal.device, hub.bell(scope))
    assert [hub.hand(desk.journal.device, b"{}") for _ in range(feed.MOST_LETTERS + 1)] == [
        True
    ] * feed.MOST_LETTERS + [False]
    assert len(letters.take()) == feed.MOST_LETTERS
    assert hub.hand(desk.journal.device, b"{}")
    hub.withdraw(desk.journal.device, letters)
    assert not hub.hand(desk.journal.device, b"{}")
