"""How often an address or a device may ask: moving windows, in memory.

Rules are in the words of `limits`. Its storage in memory is not used: it goes by the machine's clock, so that everybody was locked
out for a day once that was put back by one, it looks through all callers up to a hundred times a second, and forgets none of them.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from limits import parse

from district.config import Limits


class Limiter:
    """`clock` counts seconds and is never put back. Any thread."""

    def __init__(self, settings: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = {name: _Window(rule) for name, rule in settings.model_dump().items()}
        self._clock, self._lock = clock, threading.Lock()

    def allows(self, rule: str, who: str) -> bool:
        """Count one request of `who` under `rule`; False, and not counted, where it is one too many."""
        with self._lock:
            return self._windows[rule].take(who, self._clock())


class _Window:
    """At most so many of each caller's requests in any stretch of that length."""

    def __init__(self, rule: str) -> None:
        told = parse(rule)
        self._most, self._seconds = told.amount, told.get_expiry()
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()  # the caller heard from last comes last

    def take(self, who: str, now: float) -> bool:
        self._forget(now)
        taken = self._taken.setdefault(who, deque())
        while taken and taken[0] <= now - self._seconds:
            taken.popleft()
        if len(taken) >= self._most:
            return False
        taken.append(now)
        self._taken.move_to_end(who)
        return True

    def _forget(self, now: float) -> None:
        """Whoever has not been heard from for a whole window counts from nothing again."""
        while self._taken:
            who, taken = next(iter(self._taken.items()))
            if taken and taken[-1] > now - self._seconds:
                return
            del self._taken[who]
