"""From whatever a device delivers (25-200 Hz, irregular, with gaps) to one even grid.

A value of the grid is the mean of the signal over `WIDTH` around it, taken from the integral of the linear interpolant. That keeps
area (momentum) whatever the rate, and makes a 200 Hz chip and a 25 Hz band look alike where a sample would not.
"""

import numpy as np
from numpy.typing import NDArray

RATE = 50  # Hz
WIDTH = 0.04  # s
MAX_GAP = 0.5  # s: over a longer hole nothing is known

Floats = NDArray[np.float64]


def grid(t: Floats, a: Floats, rate: int = RATE, width: float = WIDTH) -> tuple[Floats, Floats]:
    """One gapless piece, times (n,) in s and values (n, 3), as (times (m,), values (m, 3)) at `rate` Hz.

    Grid times are multiples of 1/rate, so that pieces of one stream fall on one grid. At the ends the mean is over what there is.
    """
    step = 1.0 / rate
    first, last = int(np.ceil(t[0] * rate - 1e-9)), int(np.floor(t[-1] * rate + 1e-9))
    centre = np.arange(first, last + 1) * step
    gap = np.diff(t)
    integral = np.zeros_like(a)
    np.cumsum((a[1:] + a[:-1]) * (gap / 2)[:, None], axis=0, out=integral[1:])

    def upto(x: Floats) -> Floats:
        i = np.clip(np.searchsorted(t, x, side="right") - 1, 0, len(gap) - 1)
        u = (x - t[i])[:, None]
        slope = (a[i + 1] - a[i]) / gap[i][:, None]
        return integral[i] + u * (a[i] + slope * u / 2)

    low, high = np.maximum(centre - width / 2, t[0]), np.minimum(centre + width / 2, t[-1])
    area = upto(high) - upto(low)
    return np.asarray(centre, np.float64), np.asarray(area / np.maximum(high - low, 1e-9)[:, None], np.float64)
