"""Waiting for something that other threads or processes do; with a bound, and no longer than it takes."""

import time
from collections.abc import Callable


def until(holds: Callable[[], object], seconds: float = 15.0) -> None:
    """Return once `holds()` is true; fail where it is not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
