"""Zigbee2MQTT through a broker (paho), and Home Assistant discovery published back, so that an existing home sees our entities.

The session is kept by the broker (QoS 1, not clean): a call for help made while the district was away still arrives. When that was
is not known of anything in its queue: it rings, and is never a sign of life. The queue is over when a mark of our own, sent after
the connection, comes back behind it; however long that takes, for an hour's messages of a town take minutes.
"""

import contextlib
import json
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import quote

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from district.intake import zigbee2mqtt
from district.intake.overtaking import Overtaking
from district.intake.signals import PERHAPS_CALLS, Heard

log = logging.getLogger(__name__)
LONGEST_S = 15 * 60.0  # a broker that keeps our mark to itself
SESSION_S = 7 * 24 * 3600
Keep = Callable[[Heard], object]


@dataclass(frozen=True, slots=True)
class Broker:
    """Where it is. `client_id` must stay the same, for the broker keeps the session under it."""

    host: str
    port: int = 1883
    client_id: str = "shouwang-district"
    username: str = ""
    password: str = ""
    tls: bool = False
    base: str = "zigbee2mqtt"
    discovery: str = "homeassistant"
    gateway: str = zigbee2mqtt.GATEWAY  # what its coordinator is called


@dataclass(frozen=True, slots=True)
class _Come:
    """A message, and by which line it came under which number."""

    heard: Heard
    line: int
    mid: int
    qos: int


class MqttIntake:
    """One broker of one community. A message is acknowledged to the broker after `keep` has returned."""

    def __init__(self, broker: Broker, keep: Keep, clock: Callable[[], datetime] = partial(datetime.now, UTC)) -> None:
        self._broker, self._keep, self._clock = broker, keep, clock
        self._mark, self._nonce, self._connected = f"shouwang/caught_up/{quote(broker.client_id, safe='')}", b"", 0.0
        self.ready = threading.Event()  # subscribed: from now on nothing is missed
        self.refused = ""  # in its own words, why the broker does not let us hear
        self.caught_up = threading.Event()  # what comes now is said now
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, broker.client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        if broker.username:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls:
            client.tls_set()
        self._announced, self._telling = dict[str, tuple[str, Mapping[str, Any]]](), threading.Lock()
        self._forgotten = False  # the broker keeps nothing of ours: it was started anew, or never knew us
        self._line = 0  # how often it was connected: what came by an earlier line is not acknowledged by this one
        self._coming = Overtaking[_Come](self._take, comes_again=lambda come: come.qos > 0)
        client.reconnect_delay_set(1, 60)
        says = log.getChild("line")
        says.setLevel(logging.WARNING)
        client.enable_logger(says)
        client.suppress_exceptions = True  # else one of ours would end its thread, and the homes behind it go unheard
        client.on_connect, client.on_message = self._on_connect, self._on_message
        client.on_disconnect, client.on_subscribe = self._on_disconnect, self._on_subscribe
        client.on_connect_fail = self._on_connect_fail

    def start(self) -> None:
        """Connect in the background, and again whenever the line breaks."""
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho gives it no types
        session.SessionExpiryInterval = SESSION_S
        self._client.connect_async(self._broker.host, self._broker.port, clean_start=False, properties=session)
        self._client.loop_start()

    def close(self) -> None:
        """What was not begun with comes again with the next connection."""
        self._client.disconnect()
        self._client.loop_stop()
        self._coming.close()

    def announce(self, device: str, name: str, state: Mapping[str, Any] | None) -> None:
        """Publish a device's entity for Home Assistant, and its state (`state`: alarm, and what else is worth showing); None: the
        device was taken down, and so is its entity."""
        self.remember(device, name, state)
        self._publish(device, name, state)

    def remember(self, device: str, name: str, state: Mapping[str, Any] | None) -> None:
        """What the broker has been told, for when it has forgotten that."""
        with self._telling:
            if state is None:
                self._announced.pop(device, None)
            else:
                self._announced[device] = (name, state)

    def _publish(self, device: str, name: str, state: Mapping[str, Any] | None) -> None:
        topic, config = discovery(self._broker.discovery, device, name)
        entity, stands = (
            ("", "") if state is None else (json.dumps(config, ensure_ascii=False), json.dumps(dict(state)))
        )
        self._client.publish(topic, entity, qos=1, retain=True)
        self._client.publish(config["state_topic"], stands, qos=1, retain=True)

    def _tell_again(self) -> None:
        with self._telling:
            known = list(self._announced.items())
        for device, (name, state) in known:
            self._publish(device, name, state)

    def _on_connect(self, client: paho.Client, _data: object, flags: Any, reason: Any, _properties: object) -> None:
        if reason.is_failure:
            log.warning("the broker refused the connection: %s", reason)
            self.refused = str(reason)
            self._lost()
            return
        self._nonce, self._connected = secrets.token_hex(8).encode(), monotonic()
        self._line += 1
        self._forgotten = not flags.session_present
        if flags.session_present:  # only one that the broker kept has a queue to deliver
            self.caught_up.clear()
            self._coming.drop()  # what was not acknowledged the broker sends again
        else:
            self.caught_up.set()
        client.subscribe([(f"{self._broker.base}/#", 1), (self._mark, 1)])

    def _on_subscribe(self, client: paho.Client, _data: object, _mid: int, reasons: Any, _properties: object) -> None:
        self.refused = next((str(reason) for reason in reasons if reason.is_failure), "")
        if self.refused:
            log.warning("the broker refused what was asked to be heard: %s", self.refused)
            self._lost()
            return
        self.ready.set()
        if not self.caught_up.is_set():
            client.publish(self._mark, self._nonce, qos=1)
        if self._forgotten:
            self._tell_again()

    def _on_disconnect(self, *_: object) -> None:
        self.ready.clear()
        self._lost()

    def _on_connect_fail(self, *_: object) -> None:
        self.refused = ""  # it is not there to refuse anything
        self._lost()

    def _lost(self) -> None:
        self._tell(replace(zigbee2mqtt.coordinator(self._broker.gateway, False), received=self._clock()))

    def _on_message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if message.topic == self._mark:
            if bytes(message.payload) == self._nonce:
                self.caught_up.set()
            client.ack(message.mid, message.qos)
        else:
            heard = replace(self._read(message), received=self._clock())
            device = heard.signals[0].device if heard.signals else message.topic
            urgent = any(signal.live and signal.kind in PERHAPS_CALLS for signal in heard.signals)
            self._coming.put(device, _Come(heard, self._line, message.mid, message.qos), urgent)

    def _take(self, come: "_Come") -> None:
        kept = self._tell(come.heard)
        if come.line != self._line:
            return
        if kept:
            self._client.ack(come.mid, come.qos)
        elif isinstance(line := self._client.socket(), socket.socket):
            # The broker sends what was not acknowledged only to a new connection: a call for help would wait for the next
            # break of the line, and twenty unacknowledged messages stop the queue for good.
            with contextlib.suppress(OSError):  # the broker went away at the same moment
                line.shutdown(socket.SHUT_RDWR)

    def _read(self, message: paho.MQTTMessage) -> Heard:
        """Whatever it holds: one that nobody can read must not come again and again before those behind it."""
        broker = self._broker
        try:
            heard = zigbee2mqtt.parse(
                message.topic, bytes(message.payload), message.retain, broker.base, broker.gateway
            )
        except Exception:
            log.exception("could not read a message")
            return Heard(zigbee2mqtt.SOURCE, problem="not_read", raw=bytes(message.payload)[: zigbee2mqtt.MAX_BYTES])
        if not self.caught_up.is_set() and monotonic() - self._connected > LONGEST_S:
            log.warning("the broker does not give back what is sent to %s; its queue is taken to be over", self._mark)
            self.caught_up.set()
        if not self.caught_up.is_set():
            heard = replace(heard, signals=tuple(replace(s, timed=False) for s in heard.signals))
        return heard

    def _tell(self, heard: Heard) -> bool:
        try:
            self._keep(heard)
        except Exception:
            log.exception("could not keep a message; the broker is asked for it again")
            return False
        return True


def discovery(prefix: str, device: str, name: str) -> tuple[str, dict[str, Any]]:
    """(topic, payload) of a safety sensor, https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery."""
    slug = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in device)
    return (
        f"{prefix}/binary_sensor/shouwang_{slug}/config",
        {
            "name": None,
            "unique_id": f"shouwang_{slug}",
            "object_id": f"shouwang_{slug}",
            "device_class": "safety",
            "state_topic": f"shouwang/{slug}/state",
            "value_template": "{{ 'ON' if value_json.alarm else 'OFF' }}",
            "json_attributes_topic": f"shouwang/{slug}/state",
            "device": {"identifiers": [f"shouwang_{slug}"], "name": name, "manufacturer": "Shouwang"},
            "origin": {"name": "Shouwang"},
        },
    )
