"""The receivers on real sockets."""

import contextlib
import socket
from collections.abc import Iterator, Sequence

import pytest

from district.intake import scaip, sia
from district.intake.listener import Listener
from district.intake.signals import Heard, Kind
from tests.contracts.intakes import ACCOUNTS, NOW, UNITS, WAYS
from tests.district_intake.kept import Kept


@pytest.fixture(params=["sia", "scaip"])
def listener(request: pytest.FixtureRequest, kept: Kept) -> Iterator[Listener]:
    protocols = {
        "sia": sia.protocol(lambda: ACCOUNTS, lambda: NOW),
        "scaip": scaip.protocol(lambda: UNITS, "alarm@example.org"),
    }
    found = Listener(protocols[request.param], "127.0.0.1", 0, kept)
    found.start()
    yield found
    found.close()


def expected(listener: Listener) -> tuple[bytes, bytes]:
    way = WAYS[listener.protocol.name]
    return way.sos, b'"ACK"0001' if listener.protocol.name == "sia" else b"<snu>0</snu>"


def read_until(line: socket.socket, word: bytes) -> bytes:
    got = b""
    while word not in got:
        piece = line.recv(4096)
        assert piece, got
        got += piece
    return got


def test_over_tcp_in_pieces_and_two_at_once(listener: Listener, kept: Kept) -> None:
    message, reply = expected(listener)
    with socket.create_connection(("127.0.0.1", listener.port), 5) as line:
        for byte in message[:-1]:
            line.sendall(bytes([byte]))
        line.sendall(message[-1:] + message)
        read_until(line, reply)
        kept.wait_for(Kind.SOS, 2)


def test_a_message_over_udp_is_kept_and_answered(listener: Listener, kept: Kept) -> None:
    message, reply = expected(listener)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.sendto(message, ("127.0.0.1", listener.port))
        while reply not in line.recv(65_535):
            pass
    assert kept.kinds() == [Kind.SOS]


def test_a_flood_of_datagrams_is_met_with_silence_and_no_thread_waits_for_its_turn() -> None:
    """While one is being kept a second finds no room; afterwards there is some again."""
    sender, meanwhile = ("127.0.0.1", 9), list[Sequence[bytes]]()

    def keep(_heard: Heard, _community: str) -> None:
        if not meanwhile:
            meanwhile.append(())
            meanwhile.append(flooded.answer_datagram(WAYS["sia"].fall, sender))

    flooded = Listener(sia.protocol(lambda: ACCOUNTS, lambda: NOW), "127.0.0.1", 0, keep, room=1)
    try:
        assert b'"ACK"0001' in flooded.answer_datagram(WAYS["sia"].sos, sender)[0]
        assert meanwhile == [(), ()]
        assert b'"ACK"0002' in flooded.answer_datagram(WAYS["sia"].fall, sender)[0]
    finally:
        flooded.release()


def ended(line: socket.socket) -> bool:
    """Whether the other side has closed; waits for a word of it."""
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("limits", [{"room": 3}, {"of_one": 3}], ids=["in all", "of one address"])
def test_whoever_only_opens_connections_keeps_no_panel_out(kept: Kept, limits: dict[str, int]) -> None:
    full = Listener(sia.protocol(lambda: ACCOUNTS, lambda: NOW), "127.0.0.1", 0, kept, **limits)
    full.start()
    try:
        with contextlib.ExitStack() as stack:

            def connect() -> socket.socket:
                return stack.enter_context(socket.create_connection(("127.0.0.1", full.port), 5))

            panel = connect()
            panel.sendall(WAYS["sia"].sos)
            assert b'"ACK"0001' in panel.recv(4096)
            idle = [connect() for _ in range(4)]
            idle[0].sendall(b"slowly")  # bytes alone are no message
            assert [ended(line) for line in idle[:2]] == [True, True]
            panel.sendall(WAYS["sia"].fall)  # it had said something: it kept its place
            assert b'"ACK"0002' in panel.recv(4096)
            late = connect()
            late.sendall(WAYS["sia"].sos)
            assert b'"ACK"0001' in late.recv(4096)
    finally:
        full.close()


def test_five_hundred_and_twelve_idle_connections_leave_room_for_a_panel(listener: Listener, kept: Kept) -> None:
    message, reply = expected(listener)
    with contextlib.ExitStack() as stack:
        for _ in range(600):
            stack.enter_context(socket.create_connection(("127.0.0.1", listener.port), 5))
        panel = stack.enter_context(socket.create_connection(("127.0.0.1", listener.port), 5))
        panel.sendall(message)
        read_until(panel, reply)
    kept.wait_for(Kind.SOS)


def test_what_could_not_be_kept_is_not_acknowledged(listener: Listener, kept: Kept) -> None:
    kept.broken = True
    assert listener.answer(expected(listener)[0], ("127.0.0.1", 5060)) == ()


def test_an_endless_message_ends_the_connection(listener: Listener, kept: Kept) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), 5) as line:
        try:
            for _ in range(20):
                line.sendall(b"x" * 4096)
            while line.recv(4096):
                pass
        except ConnectionError:
            pass
    assert kept.all[0].problem
