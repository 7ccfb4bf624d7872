"""The receivers on real sockets, and Zigbee2MQTT through a real mosquitto."""

import contextlib
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from district.intake import scaip, sia, zigbee2mqtt
from district.intake.listener import Listener
from district.intake.mqtt import Broker, MqttIntake
from district.intake.signals import Heard, Kind
from tests.contracts.intakes import ACCOUNTS, NOW, UNITS, WAYS


class Kept:
    """What was kept, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[Heard] = []
        self._more = threading.Condition()
        self.broken = False
        self._breaks_on: Kind | None = None

    def break_next(self, kind: Kind) -> None:
        """The next message of this kind cannot be kept."""
        self._breaks_on = kind

    def __call__(self, heard: Heard, community: str = "") -> None:
        if self.broken:
            raise OSError("the disk is full")
        if self._breaks_on in [s.kind for s in heard.signals]:
            self._breaks_on = None
            raise OSError("the disk is full")
        with self._more:
            self.all.append(heard)
            self._more.notify_all()

    def kinds(self) -> list[Kind]:
        return [s.kind for h in self.all for s in h.signals if s.kind is not Kind.HEARTBEAT]

    def wait_for(self, kind: Kind, count: int = 1) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.kinds().count(kind) >= count, 10), self.kinds()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=["sia", "scaip"])
def listener(request: pytest.FixtureRequest, kept: Kept) -> Iterator[Listener]:
    protocols = {
        "sia": sia.protocol(lambda: ACCOUNTS, lambda: NOW),
        "scaip": scaip.protocol(lambda: UNITS, lambda: NOW, "alarm@example.org"),
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


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n")
    running = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            threading.Event().wait(0.02)
    assert running.poll() is None
    yield port
    running.terminate()
    running.wait(10)


@pytest.fixture
def home(broker: int) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, "home", protocol=paho.MQTTv5)
    client.connect("127.0.0.1", broker)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def say(home: paho.Client, name: str, payload: str, retain: bool = False) -> None:
    home.publish(f"zigbee2mqtt/{name}", payload, qos=1, retain=retain).wait_for_publish(10)


def test_a_press_comes_through_a_real_broker_and_a_retained_one_does_not_ring(
    broker: int, home: paho.Client, kept: Kept
) -> None:
    say(home, "old", '{"action":"emergency"}', retain=True)
    intake = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    intake.start()
    assert intake.ready.wait(10)
    say(home, "new", '{"action":"emergency"}')
    kept.wait_for(Kind.SOS, 2)
    live = {s.device: s.live for h in kept.all for s in h.signals if s.kind is Kind.SOS}
    assert live == {"old": False, "new": True}
    assert all(s.timed for h in kept.all for s in h.signals)
    intake.close()


def test_a_press_made_while_the_district_was_away_still_arrives_and_its_time_is_in_doubt(
    broker: int, home: paho.Client, kept: Kept
) -> None:
    first = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    first.start()
    assert first.ready.wait(10)
    first.close()
    say(home, "b", '{"action":"emergency"}')
    second = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    second.start()
    kept.wait_for(Kind.SOS)
    (sos,) = [s for h in kept.all for s in h.signals if s.kind is Kind.SOS]
    assert (sos.live, sos.timed) == (True, False)
    second.close()


def test_a_clock_that_is_set_back_puts_no_sign_of_life_in_doubt(broker: int, home: paho.Client, kept: Kept) -> None:
    """What comes just after a session was taken up again waited in a queue; an hour set back made that an hour."""
    first = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    first.start()
    assert first.ready.wait(10)
    first.close()
    wall = [datetime.now(UTC)]
    second = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: wall[0])
    second.start()
    assert second.ready.wait(10)
    wall[0] -= timedelta(hours=1)
    say(home, "hall", '{"occupancy":true}')
    kept.wait_for(Kind.MOTION)
    (motion,) = [s for h in kept.all for s in h.signals if s.kind is Kind.MOTION]
    assert motion.timed
    second.close()


def test_a_press_that_could_not_be_kept_is_asked_for_again(broker: int, home: paho.Client, kept: Kept) -> None:
    """The disk was full for a moment: it comes again at once, and not with the next break of the line."""
    intake = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    intake.start()
    assert intake.ready.wait(10)
    kept.break_next(Kind.SOS)
    say(home, "b", '{"action":"emergency"}')
    kept.wait_for(Kind.SOS)
    intake.close()


def test_neither_what_cannot_be_read_nor_a_line_that_breaks_at_that_moment_ends_the_listening(
    broker: int, home: paho.Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in its callback ends the thread of the broker's client, and nothing says so for a day."""
    intake = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    intake.start()
    assert intake.ready.wait(10)
    parse = zigbee2mqtt.parse

    def stumbles(topic: str, *told: Any, **more: Any) -> Heard:
        if topic.endswith("strange"):
            raise ValueError("ours")
        return parse(topic, *told, **more)

    monkeypatch.setattr(zigbee2mqtt, "parse", stumbles)
    say(home, "strange", '{"action":"emergency"}')
    broke = threading.Event()

    def gone(_line: socket.socket, _how: int) -> None:
        broke.set()
        raise OSError("not connected")

    kept.break_next(Kind.SOS)
    with monkeypatch.context() as broken:
        broken.setattr(socket.socket, "shutdown", gone)
        say(home, "b", '{"action":"emergency"}')
        assert broke.wait(10)
    say(home, "c", '{"action":"emergency"}')
    kept.wait_for(Kind.SOS)
    assert "not_read" in [h.problem for h in kept.all]
    intake.close()


def test_an_existing_home_assistant_finds_our_entity(broker: int, home: paho.Client, kept: Kept) -> None:
    found: dict[str, bytes] = {}
    both = threading.Event()

    def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        found[message.topic] = bytes(message.payload)
        if len(found) == 2:
            both.set()

    home.on_message = on_message
    home.subscribe([("homeassistant/#", 1), ("shouwang/#", 1)])
    intake = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: datetime.now(UTC))
    intake.start()
    assert intake.ready.wait(10)
    intake.announce("门/door 1", "Door", {"alarm": True})
    assert both.wait(10)
    config = json.loads(next(v for k, v in found.items() if k.endswith("/config")))
    assert json.loads(found[config["state_topic"]]) == {"alarm": True}
    assert config["device_class"] == "safety"
    intake.close()


def test_a_broker_that_cannot_be_reached_is_a_silent_gateway(kept: Kept) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        intake = MqttIntake(Broker("127.0.0.1", nobody.getsockname()[1]), kept, lambda: datetime.now(UTC))
        intake.start()
        kept.wait_for(Kind.ONLINE)
        intake.close()
    heard = kept.all[0]
    assert (heard.gateway, heard.signals[0].device, heard.signals[0].value) == ("bridge", "bridge", False)
