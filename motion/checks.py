"""Recordings that cannot be scored, recognised before anything is scored."""

from enum import StrEnum

import numpy as np

from motion.resample import Floats

MIN_SECONDS = 2.0
MIN_RATE, MAX_RATE = 15.0, 1000.0  # Hz, of the median interval; 25-200 Hz is what we were built for
_CONSTANT_G = 0.002  # no accelerometer is quieter than this over seconds
_RAIL_SHARE = (
    0.35  # of all samples at one and the same extreme; quick jogging at ±2 g reaches 0.24 (SisFall D04, clipped)
)


class Fault(StrEnum):
    """Why a recording is reported and not scored."""

    EMPTY = "empty"
    NOT_NUMBERS = "not_numbers"  # NaN or infinite
    TIME_REVERSED = "time_reversed"
    TOO_SHORT = "too_short"
    TOO_SLOW = "too_slow"
    TOO_FAST = "too_fast"
    CONSTANT = "constant"
    SATURATED = "saturated"
    METRES = "metres_per_second_squared"
    MILLI_G = "milli_g"
    NO_GRAVITY = "no_gravity"  # gravity removed, or another unit


def fault(t: Floats, a: Floats) -> Fault | None:
    """What is wrong with a recording, times (n,) in s and values (n, 3) in g; None for one that can be scored.

    Repeated times are forgiven (drivers batch), a step back is not: nobody can say which half came first.
    """
    if len(t) == 0:
        return Fault.EMPTY
    if not (np.isfinite(t).all() and np.isfinite(a).all()):
        return Fault.NOT_NUMBERS
    step = np.diff(t)
    if (step < 0).any():
        return Fault.TIME_REVERSED
    if t[-1] - t[0] < MIN_SECONDS:
        return Fault.TOO_SHORT
    rate = 1 / float(np.median(step[step > 0]))
    if rate > MAX_RATE:
        return Fault.TOO_FAST
    if rate < MIN_RATE:
        return Fault.TOO_SLOW
    if (a.std(axis=0) < _CONSTANT_G).all():
        return Fault.CONSTANT
    m = np.linalg.norm(a, axis=1)
    usual = float(np.median(m))
    metres = 6.0 < usual < 16.0 and float(np.percentile(m, 10)) > 4.0
    milli = 600.0 < usual < 1600.0
    if _at_rail(a / (9.81 if metres else 1000.0 if milli else 1.0)):
        return Fault.SATURATED
    if metres:
        return Fault.METRES
    if milli:
        return Fault.MILLI_G
    return Fault.NO_GRAVITY if not 0.5 < usual < 2.0 else None


def _at_rail(a: Floats) -> bool:
    """Whether an axis stands at its own extreme, beyond what gravity alone can show, for a third of the time.

    A good ±2 g device clips for moments in a fall and at every step of a run; one that is stuck or set to a range too small clips
    all the time.
    """
    for axis in a.T:
        top = float(np.abs(axis).max())
        if top > 1.3 and float(np.mean(np.abs(axis) > top * 0.999)) > _RAIL_SHARE:
            return True
    return False
