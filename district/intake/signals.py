"""What a device said, whatever language it said it in."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of signal; the fact is ``sign.<kind>`` unless said otherwise."""

    # a call for help: every live one is recorded and rings
    SOS = "sos"
    FALL = "fall"  # the device's own confirmed fall event
    SMOKE = "smoke"
    GAS = "gas"
    WATER_LEAK = "water_leak"
    TAMPER = "tamper"
    # a sign of life, at the moment its state changes
    DOOR = "door"
    MOTION = "motion"
    PRESENCE = "presence"
    BED = "bed"
    POWER = "power"
    WATER = "water"
    PRESS = "press"  # of a button; `value` is the word it says, and its record says what that means
    CHECKIN = "checkin"  # a button that says "I am well": fact checkin.pressed
    # what a device says of itself, or of a fall that it is not sure of
    FALL_SUSPECTED = "fall_suspected"  # fact fall.suspected
    FALL_CLEARED = "fall_cleared"  # fact fall.downgraded
    FALL_STILL = "fall_still"  # lying still since; fact fall.aftermath
    FALL_MOVING = "fall_moving"  # on one's feet again; fact fall.aftermath
    INACTIVITY = "inactivity"  # a device's own judgement that nobody moved
    BATTERY = "battery"
    BATTERY_LOW = "battery_low"
    WORN = "worn"
    CHARGING = "charging"
    ONLINE = "online"
    JOINED = "joined"  # the device was paired anew just now
    HEARTBEAT = "heartbeat"


ALARMS = frozenset({Kind.SOS, Kind.FALL, Kind.SMOKE, Kind.GAS, Kind.WATER_LEAK, Kind.TAMPER})
CALLS = ALARMS - {Kind.TAMPER}  # these are about a person, whosever device it is
# nobody is sent away with one of these for having asked too often
PERHAPS_CALLS = CALLS | {Kind.PRESS, Kind.FALL_SUSPECTED}
SWITCHES = frozenset({Kind.DOOR, Kind.MOTION, Kind.PRESENCE, Kind.BED})  # signs when they change
METERS = frozenset({Kind.POWER, Kind.WATER})  # signs when they rise

Value = bool | float | str | None


@dataclass(frozen=True, slots=True)
class Signal:
    """`device` is its name within `source`. `live` is False for what a broker kept from before. `at` is the device's own
    clock where it sent one. `key` is the same for two copies of one message; without one, every message is its own.
    Where devices count their messages anew, it is a copy only if it comes within `copies_s` of the first; 0: whenever it comes.
    `state` marks a value that the device repeats with every report, `timed` is False for what waited in a queue: when it
    happened is not known, so it is evidence and no sign of life."""

    source: str
    device: str
    kind: Kind
    value: Value = True
    live: bool = True
    state: bool = False
    timed: bool = True
    at: datetime | None = None
    key: str = ""
    copies_s: int = 0
    detail: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some samples of an accelerometer: `t` seconds since 1970, `g` (x, y, z) each, NaN where one was lost."""

    source: str
    device: str
    t: tuple[float, ...]
    g: tuple[tuple[float, ...], ...]
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one message. `problem` names what was wrong with it (counted and kept); signals read before it count.

    `gateway` is what the message came through where that can fall silent by itself; it speaks of itself under that name. `received`
    is when it reached us, where it may be dealt with after others that came later.
    """

    source: str
    signals: tuple[Signal, ...] = ()
    problem: str = ""
    raw: bytes = b""
    gateway: str = ""
    pieces: tuple[Piece, ...] = ()
    received: datetime | None = None


def calls_of(signals: Iterable[Signal]) -> list[Signal]:
    """Those that call for help; an alarm that ended does not."""
    return [s for s in signals if s.kind in CALLS and s.value]


def truthy(value: object) -> bool:
    """For alarms, where doubt rings: true, 1, "on", "yes", "true" in any case."""
    if isinstance(value, str):
        return value.strip().lower() in {"true", "on", "yes", "1", "alarm", "active"}
    return value is True or (isinstance(value, int | float) and value == 1)


def number(value: object) -> float | None:
    """A finite number, or None: NaN, infinities, booleans and words are not readings."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
