"""PINs: kept as Argon2id hashes of a keyed digest, tried a few times, then ever more slowly."""

import hashlib
import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from domain.errors import Mendable

LEAST, MOST = 4, 8
FREE_TRIES = 3
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=12)
WHOLE_GATE = "*"  # all flats together: somebody who tries one PIN in every flat is stopped too
GATE_FREE_TRIES = 12
LOST = timedelta(minutes=2)  # of the time that is known, at most, when the power goes


class Pins:
    """Hashes and verifies. `pepper` is the kiosk's own key: without it the hashes of four digits could be guessed through.

    OWASP's smallest Argon2id setting (19 MiB, two passes): about 30 ms, so never on a window's thread.
    """

    def __init__(self, pepper: bytes, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._pepper = pepper
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._nobody = self._hasher.hash(self._keyed("nobody's"))

    def hash(self, pin: str) -> str:
        """Raises Mendable `pin_weak`: 4 to 8 digits, not all alike, not counting up or down."""
        steps = {int(b) - int(a) for a, b in pairwise(pin)} if pin.isdecimal() else {0}
        if not LEAST <= len(pin) <= MOST or steps in ({0}, {1}, {-1}):
            raise Mendable("pin_weak")
        return self._hasher.hash(self._keyed(pin))

    def matches(self, stored: str | None, pin: str) -> bool:
        """Takes as long without a stored hash as with one, so that nobody learns which flats have PINs."""
        try:
            self._hasher.verify(stored or self._nobody, self._keyed(pin))
        except VerifyMismatchError:
            return False
        return stored is not None

    def _keyed(self, pin: str) -> bytes:
        return hmac.new(self._pepper, pin.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Tally:
    """How often somebody was wrong, and when last."""

    failures: int
    last: datetime


class Attempts:
    """Counts wrong tries for each key and says how long to wait. `tallies` may be a mapping that outlives the program."""

    def __init__(self, tallies: MutableMapping[str, Tally] | None = None) -> None:
        self._tallies = tallies if tallies is not None else {}

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long until the next try may be made; zero when now."""
        return max(self._wait(key, FREE_TRIES, now), self._wait(WHOLE_GATE, GATE_FREE_TRIES, now))

    def failed(self, key: str, now: datetime) -> None:
        for each in (key, WHOLE_GATE):
            before = self._current(each, now)
            self._tallies[each] = Tally(before.failures + 1, now)

    def succeeded(self, key: str) -> None:
        """Forgives this key; the count of the whole gate only fades, or one known PIN would reset the guard."""
        self._tallies.pop(key, None)

    def _wait(self, key: str, free: int, now: datetime) -> timedelta:
        tally = self._current(key, now)
        if tally.failures < free:
            return timedelta(0)
        wait = min(FIRST_WAIT * (1 << min(tally.failures - free, 10)), LONGEST_WAIT)
        left = tally.last + wait - now
        if left > wait + LOST:
            return timedelta(0)  # more is left than was set: the clock was put back
        return max(timedelta(0), min(left, wait))

    def _current(self, key: str, now: datetime) -> Tally:
        tally = self._tallies.get(key)
        if tally is None or now - tally.last > FORGET_AFTER:
            return Tally(0, now)
        return tally
