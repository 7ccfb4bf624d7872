"""Card readers that type: a keyboard wedge sends its number in a burst that no finger can match, then Enter."""

from collections.abc import Callable
from time import monotonic

from domain.passages import Direction, Method
from kiosk.credentials.port import Hear, Presented, Trouble

GAP_S = 0.05  # between two characters of a burst
LEAST = 6  # characters of the shortest card number


class KeyboardWedge:
    """Implements CredentialReader over the window's own keys: `feed` gets every one of them."""

    def __init__(self, side: Direction = Direction.UNKNOWN, clock: Callable[[], float] = monotonic) -> None:
        self._side, self._clock = side, clock
        self._hear: Hear | None = None
        self._burst, self._last = "", 0.0

    def start(self, hear: Hear, trouble: Trouble) -> None:
        """A wedge that is unplugged cannot be told from one that is silent, so `trouble` stays unused."""
        del trouble
        self._hear = hear

    def stop(self) -> None:
        self._hear = None

    def feed(self, text: str) -> None:
        """One key's text; a newline is Enter."""
        now = self._clock()
        if now - self._last > GAP_S:
            self._burst = ""
        self._last = now
        if text not in ("\n", "\r"):
            self._burst += text
            return
        burst, self._burst = self._burst, ""
        if len(burst) >= LEAST and burst.isalnum() and self._hear is not None:
            self._hear(Presented(Method.CARD, burst, self._side))
