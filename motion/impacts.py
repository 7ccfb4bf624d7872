"""The impact gate: which moments of a stream are worth a closer look, and the window around each."""

import numpy as np
from numpy.typing import NDArray

from motion.features import LENGTH, PEAK
from motion.resample import RATE, Floats

GATE = 1.45  # g, of the 40 ms mean
APART = RATE  # samples: of impacts closer than a second the strongest speaks
# samples: a stream that ends, or a line that breaks, with less after the impact than the impact itself
MIN_AFTER = int(0.3 * RATE)


def impacts(m: Floats, gate: float = GATE) -> NDArray[np.intp]:
    """Indices of the maxima of the magnitude `m` (n,) over `gate` that nothing within a second exceeds."""
    over = np.flatnonzero(m > gate)
    if not len(over):
        return over
    padded = np.concatenate([np.full(APART, -np.inf), m, np.full(APART, -np.inf)])
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * APART + 1)[over]
    return np.asarray(over[np.argmax(views, axis=1) == APART])


def window(a: Floats, peak: int) -> Floats:
    """(n, 3) -> (LENGTH, 3) around `peak`; beyond either end of the stream what there is is mirrored, so that rest stays rest and
    movement movement. The impact itself (0.3 s around it) is not mirrored back in.
    """
    last = len(a) - 1
    i = np.arange(peak - PEAK, peak - PEAK + LENGTH)
    i = np.where(i > last, last - _bounce(i - last, last - peak - 15), i)
    i = np.where(i < 0, _bounce(-i, peak - 15), i)
    return a[np.clip(i, 0, last)]


def _bounce(distance: NDArray[np.intp], room: int) -> NDArray[np.intp]:
    """To and fro within `room` samples of the end."""
    room = max(room, 1)
    k = distance % (2 * room)
    return np.where(k > room, 2 * room - k, k)
