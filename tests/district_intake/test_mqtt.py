"""Zigbee2MQTT through a real mosquitto."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from district.intake import zigbee2mqtt
from district.intake.mqtt import Broker, MqttIntake
from district.intake.signals import Heard, Kind
from tests.district_intake.kept import Kept


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
