"""Messages that are kept side by side, each device's in the order in which they came, and a call for help before all others.

A database makes durable at once what reaches it together: one message after the other, an hour's queue of a town held up a call for
help behind it for most of a minute.
"""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

log = logging.getLogger(__name__)
HANDS = 16  # mosquitto sends twenty before it waits for the first to be acknowledged
T = TypeVar("T")


class Overtaking(Generic[T]):
    """`put` from any thread; `work` is called on others, never twice at once for one lane."""

    def __init__(
        self, work: Callable[[T], object], hands: int = HANDS, comes_again: Callable[[T], bool] = lambda _: True
    ) -> None:
        self._work, self._comes_again = work, comes_again
        self._hands = ThreadPoolExecutor(hands, thread_name_prefix="intake")
        self._turn = threading.Lock()
        self._waiting: dict[str, deque[tuple[T, bool]]] = defaultdict(deque)
        self._urgent: deque[str] = deque()  # lanes with something to do that nobody is at; those with a call in them
        self._usual: deque[str] = deque()
        self._busy: set[str] = set()

    def put(self, lane: str, message: T, urgent: bool) -> None:
        with self._turn:
            self._waiting[lane].append((message, urgent))
            if lane not in self._busy:
                (self._urgent if urgent else self._usual).append(lane)
        self._hands.submit(self._run)

    def drop(self) -> None:
        """Forget what nobody has begun with and will come again."""
        with self._turn:
            for lane, waiting in list(self._waiting.items()):
                left = deque(one for one in waiting if not self._comes_again(one[0]))
                self._waiting[lane] = left
                if not left and lane not in self._busy:
                    del self._waiting[lane]

    def close(self) -> None:
        """What is under way is finished, and of the rest what would not come again."""
        self.drop()
        self._hands.shutdown(wait=True)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            lane, message = taken
            try:
                self._work(message)
            except Exception:
                log.exception("could not deal with a message")
            finally:
                self._done(lane)

    def _next(self) -> tuple[str, T] | None:
        with self._turn:
            while self._urgent or self._usual:
                lane = (self._urgent or self._usual).popleft()
                if lane not in self._busy and self._waiting.get(lane):  # a lane may stand in both
                    self._busy.add(lane)
                    return lane, self._waiting[lane].popleft()[0]
        return None

    def _done(self, lane: str) -> None:
        with self._turn:
            self._busy.discard(lane)
            left = self._waiting.get(lane)
            if left:
                (self._urgent if any(urgent for _, urgent in left) else self._usual).append(lane)
            else:
                self._waiting.pop(lane, None)
