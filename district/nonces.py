"""Nonces seen within the window of signatures: none is taken twice."""

from collections import deque

from offline.signing import WINDOW_SECONDS

KEPT_S = 2 * WINDOW_SECONDS + 1  # from the earliest to the latest moment at which one signature may come
_MOST = 1_000_000


class Nonces:
    """In memory, for one process; after a restart what is repeated is refused by its content (facts) or has no effect."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[float, tuple[str, str]]] = deque()

    def take(self, device: str, nonce: str, now_s: float) -> bool:
        """True the first time."""
        while self._order and (self._order[0][0] < now_s - KEPT_S or len(self._order) >= _MOST):
            self._seen.discard(self._order.popleft()[1])
        key = (device, nonce)
        if key in self._seen:
            return False
        self._seen.add(key)
        self._order.append((now_s, key))
        return True
