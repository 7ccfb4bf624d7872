"""The times of a recording in seconds, from whatever stands in its column `t`, or from a told rate."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from motion.checks import MAX_RATE, MIN_RATE
from motion.resample import MAX_GAP, Floats

_UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
_AGREES = 1.2  # times: a measured rate and the told one
_BATCHED = 0.3  # share of times that are repeated where a driver hands over several samples at once
_SHUFFLED, _BY = 0.02, 0.2  # share of steps back, and s: packets that overtook each other, not a clock that was set
_DAY = 86400.0
UNTOLD = frozenset({"", "-", "?", "na", "n/a", "nan", "none", "null", "unknown"})


@dataclass(frozen=True, slots=True)
class Stamps:
    """Times (n,) in s of the samples in `order` (n,); `own` is one of the file's units in s; `notes` are (code, details) of
    `evaluate.note.<code>`. With a `fault` nothing else holds."""

    t: Floats
    order: NDArray[np.intp]
    own: float = 1.0
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    fault: str | None = None


def seconds(word: str) -> float:
    """A number, or a date or a time of day as seconds since 1970 or midnight; NaN for what is neither."""
    word = word.strip().strip("\"'")
    try:
        return float(word.replace(",", "."))
    except ValueError:
        pass
    if word[:4].isdigit() and word[4:5] == "/":
        word = word.replace("/", "-")
    day = "" if "-" in word[:5] else "1970-01-01T"
    try:
        at = datetime.fromisoformat(day + word) if ":" in word else None
    except ValueError:
        return nan
    return nan if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def stamps(t: Floats | None, a: Floats, hz: float | None) -> Stamps:
    """`t` (n,) as it stands or None, `a` (n, 3), `hz` as told or None. NaN stay, for `motion.checks` to find."""
    order = np.arange(len(a))
    if t is None or _counts(t):
        if hz is None:
            return Stamps(np.full(len(a), nan), order, fault="no_rate")
        counted = np.asarray(order if t is None else t, float)
        return Stamps(counted / hz, order, 1 / hz, (("counted", {"hz": f"{hz:g}"}),))
    notes: list[tuple[str, dict[str, object]]] = []
    t = _past_midnight(t)
    step = np.diff(t)
    step = step[np.isfinite(step) & (step > 0)]
    if not len(step):
        return Stamps(t, order)
    batched = _batched(t, a)
    rate = len(t) / len(np.unique(t)) / float(np.median(step)) if batched else 1 / float(np.median(step))
    unit = _unit(rate, hz)
    t = t * _UNITS[unit]
    if unit != "s":
        notes.append(("unit", {"unit": unit}))
    back = np.diff(t) < 0
    if back.any() and back.mean() <= _SHUFFLED and float(-np.diff(t).min()) <= _BY:
        order = np.argsort(t, kind="stable")
        t = t[order]
        notes.append(("shuffled", {"n": int(back.sum())}))
    if batched:
        t = _spread(t)
        notes.append(("batched", {}))
    measured = rate / _UNITS[unit]
    if hz is not None and not 1 / _AGREES < measured / hz < _AGREES:
        notes.append(("rate", {"hz": f"{hz:g}", "measured": f"{measured:.3g}"}))
    return Stamps(t, order, _UNITS[unit], tuple(notes))


def rate_told(word: str) -> float | None:
    """What `hz` of recordings.csv says: a number above 0, its unit beside it or not; None for nothing. Raises ValueError."""
    word = word.strip().lower().removesuffix("hz").strip().replace(",", ".")
    if word in UNTOLD:
        return None
    hz = float(word)
    if not (isfinite(hz) and hz > 0):
        raise ValueError(word)
    return hz


def _counts(t: Floats) -> bool:
    """Whether `t` numbers the samples: whole numbers, one after the other. So would milliseconds at 1000 Hz: none can tell."""
    return len(t) > 2 and bool(np.isfinite(t).all()) and float(np.mean(np.diff(t) == 1)) > 0.9


def _past_midnight(t: Floats) -> Floats:
    """Times of day go on after midnight."""
    falls_back = np.diff(t, prepend=t[:1]) < -_DAY / 2
    return t + _DAY * np.cumsum(falls_back) if (t[np.isfinite(t)] <= _DAY).all() else t


def _unit(rate: float, hz: float | None) -> str:
    """The unit in which a rate (samples in one of the file's units) makes sense: the told one, or what a device delivers."""
    for unit, s in _UNITS.items():
        if hz is not None and 1 / _AGREES < rate / s / hz < _AGREES:
            return unit
    return next((unit for unit, s in _UNITS.items() if MIN_RATE <= rate / s <= MAX_RATE), "s")


def _batched(t: Floats, a: Floats) -> bool:
    """Whether several different samples at a time bear the time at which they were handed over."""
    same = np.diff(t) == 0
    return bool(same.mean() > _BATCHED and (np.diff(a, axis=0)[same] != 0).any(axis=1).mean() > 0.5)


def _spread(t: Floats) -> Floats:
    """The samples of a batch evenly up to the next; the last batch as far as the one before it. Never across a hole."""
    first = np.flatnonzero(np.diff(t, prepend=-np.inf) != 0)
    usual = float(np.median(np.diff(t[first]))) if len(first) > 1 else 0.0
    size = np.diff(np.append(first, len(t)))
    lasts = np.minimum(np.append(np.diff(t[first]), usual), max(MAX_GAP, 2 * usual))
    within = np.arange(len(t)) - np.repeat(first, size)
    return np.asarray(t + within * np.repeat(lasts / size, size))
