"""Zigbee2MQTT through a real mosquitto."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from district.intake import zigbee2mqtt
from district.intake.mqtt import LONGEST_S, Broker, MqttIntake
from district.intake.signals import Heard, Kind
from tests.district_intake.kept import Kept

Connect = Callable[[], MqttIntake]


class Mosquitto:
    """A broker that keeps nothing over a restart."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            pytest.skip("mosquitto is not installed")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        config = folder / "mosquitto.conf"
        (folder / "passwords").write_text("")
        anybody = f"user root\nlistener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n"
        config.write_text(f"{anybody}password_file {folder / 'passwords'}\n")  # whoever names themselves must be known
        self._command = [program, "-c", str(config)]
        self.start()

    def start(self) -> None:
        self._running = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self._running.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                threading.Event().wait(0.02)
        raise AssertionError("mosquitto did not start")

    def stop(self) -> None:
        self._running.terminate()
        self._running.wait(10)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def broker(mosquitto: Mosquitto) -> int:
    return mosquitto.port


@pytest.fixture
def home(broker: int) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, "home", protocol=paho.MQTTv5)
    client.connect("127.0.0.1", broker)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def connect(broker: int, kept: Kept) -> Iterator[Connect]:
    """A district that listens at the broker, and has since before the test goes on."""
    made: list[MqttIntake] = []

    def start() -> MqttIntake:
        made.append(MqttIntake(Broker("127.0.0.1", broker), kept))
        made[-1].start()
        assert made[-1].ready.wait(10)
        return made[-1]

    yield start
    for intake in made:
        intake.close()


def say(home: paho.Client, name: str, payload: str, retain: bool = False) -> None:
    home.publish(f"zigbee2mqtt/{name}", payload, qos=1, retain=retain).wait_for_publish(10)


def test_a_press_comes_through_a_real_broker_and_a_retained_one_does_not_ring(
    connect: Connect, home: paho.Client, kept: Kept
) -> None:
    say(home, "old", '{"action":"emergency"}', retain=True)
    connect()
    say(home, "new", '{"action":"emergency"}')
    kept.wait_for(Kind.SOS, 2)
    live = {s.device: s.live for h in kept.all for s in h.signals if s.kind is Kind.SOS}
    assert live == {"old": False, "new": True}
    assert all(s.timed for h in kept.all for s in h.signals)


def test_a_press_made_while_the_district_was_away_still_arrives_and_its_time_is_in_doubt(
    connect: Connect, home: paho.Client, kept: Kept
) -> None:
    connect().close()
    say(home, "b", '{"action":"emergency"}')
    connect()
    kept.wait_for(Kind.SOS)
    (sos,) = [s for h in kept.all for s in h.signals if s.kind is Kind.SOS]
    assert (sos.live, sos.timed) == (True, False)


def test_what_waited_in_the_queue_is_no_sign_of_life_however_long_it_takes_and_what_is_said_now_is(
    connect: Connect, home: paho.Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour's messages of a town take minutes to keep; after the first seconds they had counted as said just now."""
    connect().close()
    for n in range(60):
        say(home, "hall", f'{{"occupancy":{str(n % 2 == 0).lower()}}}')
    passes = count(0.0, 1.0)
    monkeypatch.setattr("district.intake.mqtt.monotonic", lambda: next(passes))  # each message takes a second
    assert connect().caught_up.wait(10)
    kept.wait_for(Kind.MOTION, 60)
    queued = [s.timed for h in kept.all for s in h.signals if s.kind is Kind.MOTION]
    assert queued == [False] * 60
    say(home, "door", '{"contact":false}')
    kept.wait_for(Kind.DOOR)
    assert [s.timed for h in kept.all for s in h.signals if s.kind is Kind.DOOR] == [True]


def test_a_broker_that_keeps_our_mark_to_itself_is_believed_again_after_a_while(
    broker: int, connect: Connect, home: paho.Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect().close()
    now = [0.0]
    monkeypatch.setattr("district.intake.mqtt.monotonic", lambda: now[0])
    intake = MqttIntake(Broker("127.0.0.1", broker), kept)
    monkeypatch.setattr(intake._client, "publish", lambda *_told, **_more: None)
    intake.start()
    assert intake.ready.wait(10)
    for number, passed in enumerate((0.0, LONGEST_S + 1), 1):
        now[0] = passed
        say(home, "hall", f'{{"occupancy":{str(number == 1).lower()}}}')
        kept.wait_for(Kind.MOTION, number)
    assert [s.timed for h in kept.all for s in h.signals if s.kind is Kind.MOTION] == [False, True]
    intake.close()


def test_each_message_says_when_it_came_and_so_does_the_loss_of_the_line(
    broker: int, home: paho.Client, kept: Kept
) -> None:
    """They are kept side by side: by when they are dealt with a report would come after the loss that followed it."""
    times = [datetime(2026, 11, 23, 8, tzinfo=UTC) + n * timedelta(seconds=1) for n in range(2)]
    came = iter(times)
    intake = MqttIntake(Broker("127.0.0.1", broker), kept, lambda: next(came))
    intake.start()
    assert intake.ready.wait(10)
    say(home, "hall", '{"occupancy":true}')
    kept.wait_for(Kind.MOTION)
    intake._lost()
    kept.wait_for(Kind.ONLINE)
    assert [h.received for h in kept.all] == times
    intake.close()


def test_a_press_that_could_not_be_kept_is_asked_for_again(connect: Connect, home: paho.Client, kept: Kept) -> None:
    """The disk was full for a moment: it comes again at once, and not with the next break of the line."""
    connect()
    kept.break_next(Kind.SOS)
    say(home, "b", '{"action":"emergency"}')
    kept.wait_for(Kind.SOS)


def test_neither_what_cannot_be_read_nor_a_line_that_breaks_at_that_moment_ends_the_listening(
    connect: Connect, home: paho.Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in its callback ends the thread of the broker's client, and nothing says so for a day."""
    connect()
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


def test_an_existing_home_assistant_finds_our_entity(connect: Connect, home: paho.Client, kept: Kept) -> None:
    found: dict[str, bytes] = {}
    both = threading.Event()

    def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        found[message.topic] = bytes(message.payload)
        if len(found) == 2:
            both.set()

    home.on_message = on_message
    home.subscribe([("homeassistant/#", 1), ("shouwang/#", 1)])
    intake = connect()
    intake.announce("门/door 1", "Door", {"alarm": True})
    assert both.wait(10)
    config = json.loads(next(v for k, v in found.items() if k.endswith("/config")))
    assert json.loads(found[config["state_topic"]]) == {"alarm": True}
    assert config["device_class"] == "safety"


def retained(port: int, wanted: int) -> dict[str, bytes]:
    """What Home Assistant finds when it connects: as many of our topics as are `wanted`."""
    found, enough = dict[str, bytes](), threading.Event()

    def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        found[message.topic] = bytes(message.payload)
        if len(found) == wanted:
            enough.set()

    client = paho.Client(CallbackAPIVersion.VERSION2, "hass", protocol=paho.MQTTv5)
    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe([("homeassistant/#", 1), ("shouwang/#", 1)])
    client.loop_start()
    assert enough.wait(10)
    client.disconnect()
    client.loop_stop()
    return found


def test_a_broker_that_was_started_anew_is_told_of_everything_again(
    mosquitto: Mosquitto, connect: Connect, kept: Kept
) -> None:
    """Home Assistant had lost every entity of ours until the next alarm of each."""
    intake = connect()
    intake.remember("kitchen", "Kitchen", {"alarm": False})
    intake.announce("door", "Door", {"alarm": True})
    intake.announce("gone", "Gone", {"alarm": False})
    intake.announce("gone", "Gone", None)
    mosquitto.stop()
    kept.wait_for(Kind.ONLINE)
    mosquitto.start()
    assert intake.ready.wait(20)
    found = retained(mosquitto.port, 4)
    assert sorted(k for k in found if k.startswith("shouwang")) == ["shouwang/door/state", "shouwang/kitchen/state"]
    assert json.loads(found["shouwang/door/state"]) == {"alarm": True}


def test_a_broker_that_cannot_be_reached_is_a_silent_gateway(kept: Kept) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        intake = MqttIntake(Broker("127.0.0.1", nobody.getsockname()[1]), kept)
        intake.start()
        kept.wait_for(Kind.ONLINE)
        intake.close()
    heard = kept.all[0]
    assert (heard.gateway, heard.signals[0].device, heard.signals[0].value) == ("bridge", "bridge", False)


def test_a_broker_that_knows_us_under_no_such_name_says_so_and_is_not_heard(broker: int, kept: Kept) -> None:
    intake = MqttIntake(Broker("127.0.0.1", broker, username="nobody", password="wrong"), kept)
    intake.start()
    kept.wait_for(Kind.ONLINE)
    intake.close()
    assert "authori" in intake.refused
    assert not intake.ready.is_set()
