"""What becomes of one signal: "recorded", or the word for why it is not. Pure.

Alarms are recorded unless something is known against them; signs of life only where everything speaks for them.
"""

from district.intake.homes import Home
from district.intake.memory import DeviceState
from district.intake.signals import ALARMS, METERS, SWITCHES, Kind, Signal, number, truthy

JOINING_MS = 10_000  # a button that was just paired reports a press that nobody made
SAME_STATE_MS = 600_000  # a state repeated without a longer pause than this is still the same event
POWER_STEP_W = 20.0  # a kettle is a sign, a fridge's ripple is not
LOW_PERCENT, FULL_PERCENT = 10, 100  # what stands for "low", and for a battery that was changed
_FALLS = (Kind.FALL_SUSPECTED, Kind.FALL_CLEARED, Kind.FALL_STILL, Kind.FALL_MOVING, Kind.INACTIVITY)
_SIGNS = SWITCHES | METERS | {Kind.CHECKIN, Kind.PRESS}


def outcome_of(signal: Signal, before: DeviceState | None, home: Home | None, paused: bool, now: int) -> str:
    """`before`: the device as it was; `paused`: by the elder; `now` in ms."""
    if not signal.live:
        return "retained"
    if home is None:
        return "noted"
    if signal.kind in ALARMS:
        return _of_alarm(signal, before, now)
    if signal.kind in _FALLS:
        return _of_fall(signal, before, now)
    if signal.kind in (Kind.BATTERY, Kind.BATTERY_LOW):
        return "noted" if battery(signal, before) is None else "recorded"
    if signal.kind not in _SIGNS:
        return "noted"
    if not home.monitored and signal.kind is not Kind.CHECKIN:
        return "no_consent"
    return "paused" if paused else _of_sign(signal, before, now)


def _of_alarm(signal: Signal, before: DeviceState | None, now: int) -> str:
    if signal.value is False:
        return "noted"  # an alarm that ended is never an all-clear
    if signal.kind is Kind.SOS and _just_joined(before, now):
        return "after_joining"
    if signal.kind is Kind.FALL:
        return _of_fall(signal, before, now)
    value, since = _last(signal.kind, before)
    return "unchanged" if value == signal.value and _goes_on(signal, since, now) else "recorded"


def _of_fall(signal: Signal, before: DeviceState | None, now: int) -> str:
    """A radar reports its state all day long; "normal" speaks only to a fall that was spoken of, and what comes after it is new."""
    fall, since = _last_fall(before)
    if signal.kind is Kind.FALL_CLEARED:
        return "noted" if fall in (None, Kind.FALL_CLEARED) else "recorded"
    return "unchanged" if fall == signal.kind and _goes_on(signal, since, now) else "recorded"


def _goes_on(signal: Signal, since: int, now: int) -> bool:
    """Whether a state that is as it was `since` is still the same event."""
    return signal.state and 0 <= now - since < SAME_STATE_MS


def _of_sign(signal: Signal, before: DeviceState | None, now: int) -> str:
    if signal.kind in METERS:
        return "recorded" if rise(signal, before) > 0 else "unchanged"
    if signal.kind in SWITCHES:
        value, _ = _last(signal.kind, before)
        if signal.state and (value is None or value == signal.value):
            return "unchanged"
        return "recorded" if signal.kind is Kind.DOOR or signal.value is True else "noted"
    return "after_joining" if signal.kind is Kind.PRESS and _just_joined(before, now) else "recorded"


def _just_joined(before: DeviceState | None, now: int) -> bool:
    joined = before is not None and Kind.JOINED in before.state
    return joined and 0 <= now - _last(Kind.JOINED, before)[1] < JOINING_MS


def _last(kind: Kind, before: DeviceState | None) -> tuple[object, int]:
    """The last value of this kind and when it came (ms); (None, 0) where there was none."""
    return (before.state.get(kind) if before else None) or (None, 0)


def battery(signal: Signal, before: DeviceState | None) -> int | None:
    """The charge in percent where it is worth a fact: in steps of 5, and when a device begins or ceases to say "low"."""
    last, _ = _last(signal.kind, before)
    if signal.kind is Kind.BATTERY_LOW:
        low = truthy(signal.value)
        if low == truthy(last):
            return None
        return LOW_PERCENT if low else FULL_PERCENT
    new, old = number(signal.value), number(last)
    if new is None or (old is not None and _step(new) == _step(old)):
        return None
    return _step(new)


def _step(percent: float) -> int:
    return int(min(max(percent, 0), 100) // 5 * 5)


def rise(signal: Signal, before: DeviceState | None) -> float:
    """How much a meter rose since the last reading; 0 for the first one, a reset, or a ripple."""
    new, old = number(signal.value), number(_last(signal.kind, before)[0])
    if new is None or old is None:
        return 0.0
    step = POWER_STEP_W if signal.kind is Kind.POWER else 0.0
    return new - old if new - old > step else 0.0


def _last_fall(before: DeviceState | None) -> tuple[str | None, int]:
    """What a device said last of a fall, and when (ms)."""
    state = before.state if before else {}
    known = [(state[k][1], k.value) for k in (Kind.FALL, Kind.FALL_SUSPECTED, Kind.FALL_CLEARED) if k in state]
    since, fall = max(known, default=(0, None))
    return fall, since
