"""Whoever sends a request a byte a minute is let go of, nobody who waits for an answer is, and neither is a fault of ours."""

import logging
import socket
from collections.abc import Callable

import pytest

from district.door import patience
from tests.fakes.serving import Joined, Serving

SOON_S = 0.3
HEAD = b"POST /v1/enroll HTTP/1.1\r\nHost: x\r\n"
HALF = {
    "nothing": b"",
    "head": HEAD,
    "body": HEAD + b'Content-Length: 100\r\n\r\n{"a',
    "chunks": HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a',
    "json": b'POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a',
    "form": b"POST /r/t HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=",
}


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_S", SOON_S)
    monkeypatch.setattr(patience, "BODY_S", SOON_S)


def line_to(district: Serving) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(district.url.rpartition(":")[2])), timeout=20)


@pytest.mark.parametrize("half", HALF)
def test_half_of_a_request_is_waited_for_no_longer_than_that(
    district: Serving, half: str, caplog: pytest.LogCaptureFixture
) -> None:
    with line_to(district) as sender, caplog.at_level(logging.INFO):
        sender.sendall(HALF[half])
        try:
            while sender.recv(4096):
                pass
        except ConnectionResetError:
            pass
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_a_byte_now_and_then_wins_no_time(district: Serving) -> None:
    with line_to(district) as sender:
        sender.settimeout(SOON_S / 5)
        sent = 0
        with pytest.raises(ConnectionError):
            while True:
                sender.sendall(HEAD[sent : sent + 1] or b"x")
                sent += 1
                try:
                    if not sender.recv(1):
                        raise ConnectionResetError
                except TimeoutError:
                    pass


def test_a_request_in_pieces_that_is_whole_in_time_is_answered_and_so_is_the_next_one_on_the_same_line(
    district: Serving,
) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with line_to(district) as sender:
        for _ in range(3):
            sender.sendall(whole[:20])
            sender.sendall(whole[20:])
            told = b""
            while b'{"status":"ok"}' not in told:
                told += sender.recv(4096)
            sender.settimeout(3 * SOON_S)
            with pytest.raises(TimeoutError):  # between two requests nobody is hurried
                sender.recv(1)
            sender.settimeout(20)


def test_nobody_is_let_go_of_who_waits_for_an_answer(district: Serving, join: Callable[..., Joined]) -> None:
    kiosk = join("kiosk")
    kiosk.client.round()
    page = kiosk.transport.feed(kiosk.journal.cursor, 3 * SOON_S)
    assert page.items == []


def test_a_client_that_goes_away_in_the_middle_is_no_fault_of_ours(
    district: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for half in HALF.values():
            with line_to(district) as sender:
                sender.sendall(half)
        with line_to(district) as after:
            after.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while after.recv(4096):
                pass
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
