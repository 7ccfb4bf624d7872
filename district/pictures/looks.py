"""Questions about passages' pictures that are on their way to a gate: in memory, for seconds, sealed from end to end."""

import asyncio
import secrets

WAIT_S = 8.0
MOST = 200


class Looks:
    """Whoever asked waits for the gate's answer here. One loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, asyncio.Future[bytes]]] = {}

    @property
    def full(self) -> bool:
        return len(self._waiting) >= MOST

    def begin(self, kiosk: str) -> str:
        """A new question to `kiosk`; its id."""
        id = secrets.token_hex(16)
        self._waiting[id] = (kiosk, asyncio.get_running_loop().create_future())
        return id

    def answer(self, id: str, kiosk: str, sealed: bytes) -> bool:
        """Take a gate's answer; False where nobody waits for one of this gate's any more."""
        asked, future = self._waiting.get(id, ("", None))
        if future is None or asked != kiosk or future.done():
            return False
        future.set_result(sealed)
        return True

    async def within(self, id: str, seconds: float) -> bytes | None:
        """The answer, or None where none came in time."""
        try:
            return await asyncio.wait_for(self._waiting[id][1], seconds)
        except TimeoutError:
            return None

    def end(self, id: str) -> None:
        self._waiting.pop(id, None)
