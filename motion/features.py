"""What a possible fall looks like, in numbers that do not depend on how the device is turned.

A window is `BEFORE` seconds before an impact and `AFTER` seconds after it at 50 Hz, (n, LENGTH, 3) in g. Interval quantiles follow
QUANT (Dempster, Schmidt, Webb, 2024); the rest is what fall detection has long used: free fall and downward speed before the
impact, tilt between before and after, stillness after, and how much the movement repeats itself (steps, jumps).
"""

import numpy as np
from numpy.typing import NDArray

from motion.resample import RATE, Floats

BEFORE, AFTER = 2.5, 5.0  # s
PEAK = int(BEFORE * RATE)
LENGTH = PEAK + int(AFTER * RATE)
_INTERVALS = [(-2.5, -1.2), (-1.2, -0.5), (-0.5, -0.12), (-0.12, 0.2), (0.2, 0.8), (0.8, 2.0), (2.0, 5.0)]
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_EPS = 1e-6


def _cut(x: Floats, start: float, end: float) -> Floats:
    return x[:, PEAK + round(start * RATE) : PEAK + round(end * RATE)]


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), _EPS))


def _angle(a: Floats, b: Floats) -> Floats:
    """Degrees between vectors (…, 3)."""
    return np.asarray(np.degrees(np.arccos(np.clip(np.sum(_unit(a) * _unit(b), axis=-1), -1, 1))))


def _smooth(x: Floats, n: int) -> Floats:
    """Running mean over `n` samples along axis 1; ends keep their length."""
    c = np.cumsum(np.concatenate([np.repeat(x[:, :1], n // 2 + 1, 1), x, np.repeat(x[:, -1:], n // 2, 1)], 1), 1)
    return np.asarray((c[:, n:] - c[:, :-n])[:, : x.shape[1]] / n)


def _repeat(m: Floats) -> Floats:
    """Highest autocorrelation of the magnitude at lags of 0.25-1.2 s: steps and jumps repeat, a fall does not."""
    x = m - m.mean(1, keepdims=True)
    n = 1 << (2 * m.shape[1] - 1).bit_length()
    spectrum = np.fft.rfft(x, n, axis=1)
    r = np.fft.irfft(np.abs(spectrum) ** 2, n, axis=1)
    return np.asarray(np.max(r[:, 12:61], axis=1) / np.maximum(r[:, 0], _EPS))


def names() -> list[str]:
    """The features in their order."""
    return list(_features(np.tile([0.0, 0.0, 1.0], (1, LENGTH, 1))))


def features(windows: Floats) -> NDArray[np.float32]:
    """(n, LENGTH, 3) in g -> (n, features)."""
    return np.column_stack(list(_features(windows).values())).astype(np.float32)


def _features(w: Floats) -> dict[str, Floats]:
    f: dict[str, Floats] = {}
    m = np.linalg.norm(w, axis=2)
    jerk = np.linalg.norm(np.diff(w, axis=1), axis=2) * RATE
    slow = _smooth(w, 25)
    for i, (start, end) in enumerate(_INTERVALS):
        part = _cut(m, start, end)
        for q, value in zip(_QUANTILES, np.quantile(part, _QUANTILES, axis=1), strict=True):
            f[f"m{i}_q{q}"] = value
        f[f"m{i}_sd"] = part.std(1)
        f[f"m{i}_jerk"] = _cut(jerk, start, end).mean(1)
        spread = np.sort(_cut(w, start, end).std(1), axis=1)
        f[f"m{i}_axis_least"], f[f"m{i}_axis_most"] = spread[:, 0], spread[:, 2]
    f["peak"] = m[:, PEAK]
    f["peak_jerk"] = _cut(jerk, -0.2, 0.2).max(1)
    f["area_over"] = np.maximum(_cut(m, -0.3, 0.5) - 1.3, 0).mean(1)
    f["second_peak"] = np.maximum(_cut(m, -2.5, -0.6).max(1), _cut(m, 0.8, 5).max(1))
    f["second_ratio"] = (f["second_peak"] - 1) / np.maximum(f["peak"] - 1, 0.1)
    f["later_peak"] = _cut(m, 1.2, 5).max(1)
    f["earlier_peak"] = _cut(m, -2.5, -0.6).max(1)
    f["lightest"] = _cut(m, -1.2, 0).min(1)
    f["light_time"] = (_cut(m, -1.2, 0) < 0.8).mean(1)
    early, late = _cut(w, -2.5, -1.2).mean(1), _cut(w, 2, 5).mean(1)
    just, soon = _cut(w, -1.2, -0.4).mean(1), _cut(w, 0.8, 2.0).mean(1)
    f["tilt"] = _angle(early, late)
    f["tilt_short"] = _angle(just, soon)
    f["tilt_soon"] = _angle(early, soon)
    f["tilt_after"] = _angle(soon, late)
    f["turn_at_impact"] = _angle(slow[:, PEAK - 30], slow[:, PEAK + 30])
    up = _unit(early)[:, None, :]
    off = np.degrees(np.arccos(np.clip(np.sum(_unit(slow) * up, axis=2), -1, 1)))
    f["off_max_before"] = _cut(off, -1.2, 0).max(1)
    f["off_max_after"] = _cut(off, 0, 5).max(1)
    f["off_min_after"] = _cut(off, 1.0, 5).min(1)
    f["off_range_after"] = _cut(off, 1.0, 5).max(1) - f["off_min_after"]
    f["turning"] = np.linalg.norm(np.diff(slow[:, ::5], axis=1), axis=2).sum(1)
    f["turning_late"] = np.linalg.norm(np.diff(_cut(slow, 1.5, 5)[:, ::5], axis=1), axis=2).sum(1)
    down = (np.sum(w * up, axis=2) - np.linalg.norm(early, axis=1, keepdims=True)) * (9.81 / RATE)
    speed = np.cumsum(_cut(down, -1.2, 0), axis=1)
    f["speed_down"] = -speed.min(1)
    f["speed_at_impact"] = -np.cumsum(_cut(1 - m, -0.6, 0), axis=1).min(1) * (9.81 / RATE)
    f["momentum"] = np.cumsum(_cut(m - 1, -0.1, 0.5), axis=1).max(1) * (9.81 / RATE)
    f["repeat"] = _repeat(m)
    f["repeat_before"] = _repeat(m[:, :PEAK])
    f["repeat_after"] = _repeat(m[:, PEAK + 40 :])
    f["still_sd"] = np.lib.stride_tricks.sliding_window_view(_cut(m, 0.8, 5), 50, axis=1)[:, ::10].std(2).min(1)
    f["moving_after"] = (_cut(np.abs(_smooth(m, 3) - 1), 0.8, 5) > 0.12).mean(1)
    f["moving_before"] = (_cut(np.abs(_smooth(m, 3) - 1), -2.5, -0.8) > 0.12).mean(1)
    f["peaks"] = ((m[:, 1:-1] > 1.5) & (m[:, 1:-1] >= m[:, :-2]) & (m[:, 1:-1] > m[:, 2:])).sum(1).astype(float)
    f["after_to_before"] = f["m6_sd"] / np.maximum(f["m0_sd"], 0.005)
    return f
