"""When each device was heard since this program started, and when a hub was not for longer than one in order is silent."""

from collections import defaultdict, deque

Span = tuple[int, int]  # ms
GAP_MS = 150_000  # a hub speaks every few seconds
KEPT = 64  # gaps a device
BEFORE_MS = 10 * 60_000  # of one that fell silent shortly before this program began nobody knows since when


class Hearing:
    """Times in ms; any thread."""

    def __init__(self, began: int) -> None:
        self._began, self._last = began, dict[str, int]()
        self._gaps: defaultdict[str, deque[Span]] = defaultdict(lambda: deque(maxlen=KEPT))

    def get(self, device: str) -> int | None:
        """When it last signed a request, None where it has not since this program started."""
        return self._last.get(device)

    def hears(self, device: str, at: int) -> None:
        before = self._last.get(device, self._began)
        if at - before > GAP_MS:
            self._gaps[device].append((before, at))
        self._last[device] = max(at, self._last.get(device, 0))

    def gaps(self, device: str, now: int) -> list[Span]:
        """When nothing was heard of it. The time shortly before this program began may have been part of it."""
        last = self._last.get(device, self._began)
        silent = [(last, now)] if now - last > GAP_MS else []
        return [(self._began - BEFORE_MS, self._began), *list(self._gaps[device]), *silent]
