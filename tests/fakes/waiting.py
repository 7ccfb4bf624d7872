"""Waiting for something that other threads or processes do; with a bound, and no longer than it takes."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(holds: Callable[[], T], seconds: float = 60.0, meanwhile: Callable[[], object] = lambda: None) -> T:
    """What `holds()` says once it is true; fails where that is not within `seconds`. `meanwhile` is done before each look."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while True:
        meanwhile()
        if found := holds():
            return found
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.02)
