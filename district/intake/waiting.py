"""Calls for help that came in and are not durable yet: a database that keeps nobody's writes would let them wait unnoticed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Waiting:
    """Calls for help that came in and are not durable yet. Any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._since: dict[object, float] = {}

    @contextmanager
    def one(self) -> Iterator[None]:
        """While one is being kept."""
        this = object()
        self._since[this] = self._monotonic()
        try:
            yield
        finally:
            del self._since[this]

    @property
    def longest_s(self) -> float:
        """For how long the first of them has been waiting, seconds; 0 where none does."""
        since = list(self._since.values())
        return self._monotonic() - min(since) if since else 0.0
