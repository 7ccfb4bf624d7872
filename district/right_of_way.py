"""While an alarm is on its way to people, bulk waits at the door: decoding and committing it would take the same two cores."""

import asyncio
import time

LONGEST_S = 0.5  # a hold; an alarm that opened no incident (a repeat, a test) must not stop the rest
SHARE = 1.0  # after a hold, bulk has at least this many times as long before the next one


class RightOfWay:
    """`take` from any thread, `give` and `clear` on the loop. Before `attach` and after `detach` nobody waits."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Event()
        self._free.set()
        self._end: asyncio.TimerHandle | None = None
        self._since = self._not_before = 0.0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def detach(self) -> None:
        self._loop = None

    def take(self) -> None:
        """An alarm came in."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hold, loop)

    def _hold(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        if self._end is None and now >= self._not_before:
            self._since = now
            self._free.clear()
            self._end = loop.call_later(LONGEST_S, self.give)

    def give(self) -> None:
        """It has been told; bulk goes on."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
            now = time.monotonic()
            self._not_before = now + SHARE * (now - self._since)
            self._free.set()

    async def clear(self) -> None:
        """Wait until nothing more urgent is under way."""
        await self._free.wait()
