"""Card readers that type: a keyboard wedge sends its number in a burst that no finger can match, then Enter."""

from domain.passages import Direction, Method
from kiosk.credentials.port import Hear, Presented, Trouble

GAP_MS = 50  # between two characters of a burst
LEAST = 6  # characters of the shortest card number
WRAP_MS = 2**32  # X11 counts its milliseconds in 32 bits


class KeyboardWedge:
    """Implements CredentialReader over the window's own keys: `feed` gets every one of them."""

    def __init__(self, side: Direction = Direction.UNKNOWN) -> None:
        self._side = side
        self._hear: Hear | None = None
        self._burst, self._last = "", 0

    def start(self, hear: Hear, trouble: Trouble) -> None:
        """A wedge that is unplugged cannot be told from one that is silent, so `trouble` stays unused."""
        del trouble
        self._hear = hear

    def stop(self) -> None:
        self._hear = None

    def feed(self, text: str, at_ms: int) -> bool:
        """One key's text, a newline for Enter; `at_ms` is when the key went down, and not when the program came to it: a window
        that is busy for a moment gets half a number late. True for the Enter of a card: it is no finger's.
        """
        if (at_ms - self._last) % WRAP_MS > GAP_MS:
            self._burst = ""
        self._last = at_ms
        if text not in ("\n", "\r"):
            self._burst += text
            return False
        burst, self._burst = self._burst, ""
        if len(burst) < LEAST or not burst.isalnum() or self._hear is None:
            return False
        self._hear(Presented(Method.CARD, burst, self._side))
        return True
