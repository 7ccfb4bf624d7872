"""Zigbee2MQTT: topic, JSON and the retained flag into signals. Pure; the MQTT adapter and the webhook both read with it.

Forms: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html. The traps it minds: a retained or re-announced SOS
(nobody pressed), the empty ``action`` that follows every action, full states that repeat an old value with every battery report.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from district.intake.signals import Heard, Kind, Signal, Value, number, truthy

SOURCE = "zigbee2mqtt"
GATEWAY = "bridge"  # no device can have this name, or one that begins with it and a stroke
_SOS_ACTIONS = frozenset({"emergency", "sos", "panic", "alarm"})
_FALL_ACTIONS = frozenset({"fall", "fall_detected"})
_WELL_ACTIONS = frozenset({"checkin", "check_in", "well"})
# What buttons say of a press that means nothing by itself: "single", "1_double", "button_2_hold", "arrow_left_click", "release".
_PRESSES = frozenset(
    {
        *("single", "double", "triple", "quadruple", "quintuple", "many", "click", "tap", "push", "press", "pressed"),
        *("hold", "held", "long", "short", "release"),
    }
)
_SWITCHED = frozenset({"on", "off", "toggle"})  # a remote's keys; nobody else says these as an action
_FALL_STATES = {
    "fall_alarm": Kind.FALL,
    "falling": Kind.FALL,
    "fall": Kind.FALL,
    "fall_warning": Kind.FALL_SUSPECTED,
    "normal": Kind.FALL_CLEARED,
}
_ALARM_KEYS = {
    "sos": Kind.SOS, "panic": Kind.SOS, "emergency": Kind.SOS,
    "fall": Kind.FALL, "fall_detected": Kind.FALL,
    "smoke": Kind.SMOKE, "gas": Kind.GAS, "carbon_monoxide": Kind.GAS, "water_leak": Kind.WATER_LEAK, "tamper": Kind.TAMPER,
}  # fmt: skip
_SWITCH_KEYS = {
    "occupancy": Kind.MOTION, "vibration": Kind.MOTION, "presence": Kind.PRESENCE,
    "bed_occupancy": Kind.BED, "in_bed": Kind.BED,
    "worn": Kind.WORN, "charging": Kind.CHARGING, "battery_low": Kind.BATTERY_LOW,
}  # fmt: skip
_METER_KEYS = {"power": Kind.POWER, "water_consumed": Kind.WATER, "volume": Kind.WATER, "battery": Kind.BATTERY}
MAX_BYTES = 64 * 1024
MAX_NAME = 200


def gateway(name: str) -> str:
    """What the coordinator of a line, or of a webhook's key, is called among the devices."""
    return f"{GATEWAY}/{name}"


def coordinator(name: str, online: bool) -> Heard:
    """The coordinator `name` is there or is not: told by itself, by its last will, or by a broker that cannot be reached."""
    return Heard(SOURCE, (Signal(SOURCE, name, Kind.ONLINE, online),), gateway=name)


def parse(topic: str, payload: bytes, retained: bool, base: str = "zigbee2mqtt", gateway: str = GATEWAY) -> Heard:
    """Never raises: what cannot be read comes back with its problem."""
    return replace(_parse(topic, payload, retained, base, gateway), gateway=gateway)


def _parse(topic: str, payload: bytes, retained: bool, base: str, gateway: str) -> Heard:
    if not topic.startswith(base + "/"):
        return Heard(SOURCE, problem="foreign_topic", raw=payload[:MAX_BYTES])
    if len(payload) > MAX_BYTES:
        return Heard(SOURCE, problem="too_large", raw=payload[:1024])
    name = topic[len(base) + 1 :]
    if name.endswith(("/set", "/get")) or "/set/" in name:
        return Heard(SOURCE)
    try:
        body: object = json.loads(payload) if payload else ""
    except (ValueError, RecursionError):
        body = payload.decode("utf-8", "replace")
    if name.startswith("bridge/") or name == "bridge":
        return _bridge(name, body, gateway)
    if name.endswith("/availability"):
        return _availability(name.removesuffix("/availability"), body, retained, payload)
    if not name or len(name) > MAX_NAME:
        return Heard(SOURCE, problem="no_device", raw=payload)
    if not isinstance(body, dict):
        return Heard(SOURCE, problem="not_an_object", raw=payload)
    return Heard(SOURCE, tuple(_state(name, body, live=not retained)))


def _state(name: str, body: Mapping[str, Any], live: bool) -> list[Signal]:
    at = _last_seen(body.get("last_seen"))

    def signal(kind: Kind, value: Value = True, state: bool = False) -> Signal:
        return Signal(SOURCE, name, kind, value, live, state, at=at)

    found: list[Signal] = [signal(Kind.HEARTBEAT)]
    action = body.get("action") or body.get("click")  # "click": what versions before 1.7 called it
    if isinstance(action, str) and action:
        found += [signal(kind, value) for kind, value in _action(action.lower())]
    for key in ("fall_status", "fall_state", "status"):
        fallen = _FALL_STATES.get(str(body.get(key)).lower())
        # "normal" may be about anything there
        if fallen is not None and (key, fallen) != ("status", Kind.FALL_CLEARED):
            found.append(signal(fallen, state=True))
    for key, kind in _ALARM_KEYS.items():
        if truthy(body.get(key)):
            found.append(signal(kind, state=True))
        elif body.get(key) is False:
            found.append(signal(kind, False, state=True))
    found += [signal(kind, body[key], True) for key, kind in _SWITCH_KEYS.items() if isinstance(body.get(key), bool)]
    if isinstance(body.get("contact"), bool):  # contact False means that the door stands open
        found.append(signal(Kind.DOOR, not body["contact"], True))
    for key, kind in _METER_KEYS.items():
        if (reading := number(body.get(key))) is not None:
            found.append(signal(kind, reading, True))
    return list({(s.kind, s.value): s for s in found}.values())


def _action(word: str) -> list[tuple[Kind, Value]]:
    """What an action says; a press whose meaning is in the device's record alone is told with its word."""
    for words, kind in ((_SOS_ACTIONS, Kind.SOS), (_FALL_ACTIONS, Kind.FALL), (_WELL_ACTIONS, Kind.CHECKIN)):
        if word in words:
            return [(kind, True)]
    pressed = word in _SWITCHED or _PRESSES & set(word.replace("-", "_").split("_"))
    return [(Kind.PRESS, word)] if pressed else []


def _availability(name: str, body: object, retained: bool, raw: bytes) -> Heard:
    state = body.get("state") if isinstance(body, dict) else body
    if not name or state not in ("online", "offline"):
        return Heard(SOURCE, problem="unknown_availability", raw=raw)
    return Heard(SOURCE, (Signal(SOURCE, name, Kind.ONLINE, state == "online", not retained),))


def _bridge(name: str, body: object, gateway: str) -> Heard:
    """The coordinator about itself and about devices that were paired; the rest of its talk is none of ours."""
    if name == "bridge/state":
        state = body.get("state") if isinstance(body, dict) else body
        if state in ("online", "offline"):
            return coordinator(gateway, state == "online")
    if name == "bridge/event" and isinstance(body, dict) and isinstance(body.get("data"), dict):
        device = body["data"].get("friendly_name")
        # An announcement alone is not pairing: a sleepy button announces itself because it was pressed.
        if body.get("type") in ("device_joined", "device_interview") and isinstance(device, str) and device:
            return Heard(SOURCE, (Signal(SOURCE, device, Kind.JOINED),))
    return Heard(SOURCE)


def _last_seen(value: object) -> datetime | None:
    """ISO 8601 or ms since 1970, as Zigbee2MQTT is configured."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else None
        ms = number(value)
        return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
