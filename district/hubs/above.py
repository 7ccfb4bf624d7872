"""People at a desk of a hub: their accounts are at the district, so the hub asks there, and knows for a while what it was told.

A line on which nothing is refused and nothing answered holds whoever asks for 20 s, one after another. So they wait on threads of
their own (`turns`), and for as long again as it took to find out nobody is asked: or a few sign-ins would have every thread of the
hub wait, and an SOS for one of them.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

import msgspec
from anyio import CapacityLimiter

from district.people.account import Account, grants_of
from district.people.sessions import Session
from offline.transport.errors import TryAgain, Untrusted
from offline.transport.http import HttpTransport
from offline.wire import SignedIn

BELIEVED_MS = 30_000  # a session that the district confirmed is not asked about again before that
MOST_SESSIONS = 10_000
WAITING = 4  # threads; what one line is asked goes one by one
LOOK_S = 3.0  # for a turn, and then for the answer, whose session it is: a gate is being opened, and what was confirmed stands
FIRST_LOOK_S = 10.0  # where nothing was
LEAST_QUIET_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the one above said, as it said it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Above:
    """`line()` is a line to the one above that is nobody else's, None before this hub has joined. `now_ms`: its clock."""

    def __init__(
        self,
        line: Callable[[], HttpTransport | None],
        now_ms: Callable[[], int],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._now, self._seconds = line, now_ms, seconds
        self.turns, self.looks = CapacityLimiter(WAITING), CapacityLimiter(WAITING)
        self._quiet_until = 0.0
        self._lock, self._held = threading.Lock(), None  # type: threading.Lock, HttpTransport | None
        self._known: dict[bytes, tuple[int, Session]] = {}  # by digest of the token: when it was confirmed

    def hand_on(
        self, method: str, target: str, body: bytes = b"", authorization: str = "", desk: str = "",
        within_s: float | None = None,
    ) -> Answer:  # fmt: skip
        """A request as it came, signed by this hub; `desk` is the one that signed it here. `within_s`: how long to wait for a turn,
        and then for the answer. Raises TryAgain, Untrusted."""
        if desk:
            target += ("&" if "?" in target else "?") + urlencode({"desk": desk})
        if not self._lock.acquire(timeout=-1 if within_s is None else within_s):  # a line serves one request at a time
            raise TryAgain("others are waiting for an answer")
        try:
            return self._ask(method, target, body, {"Authorization": authorization} if authorization else {}, within_s)
        finally:
            self._lock.release()

    def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str], within_s: float | None) -> Answer:
        began = self._seconds()
        if began < self._quiet_until:
            raise TryAgain("nobody answered a moment ago")
        line = self._held = self._held or self._make()
        if line is None:
            raise TryAgain("not_joined")
        try:
            answer = line.hand_on(method, target, body, headers, within_s)
        except (TryAgain, Untrusted):
            ended = self._seconds()
            self._quiet_until = ended + max(LEAST_QUIET_S, ended - began)
            raise
        return Answer(answer.status_code, answer.headers, answer.content)

    def knows(self, token: str) -> bool:
        """Whether the district has confirmed it, however long ago."""
        return sha256(token.encode()).digest() in self._known

    def session(self, token: str) -> Session | None:
        """Whose session it is. While the district cannot be reached, what it confirmed stands until the desk's lease ends."""
        name, now = sha256(token.encode()).digest(), self._now()
        known = self._known.get(name)
        if known is not None and now - known[0] < BELIEVED_MS:
            return known[1]
        try:
            answer = self.hand_on(
                "GET", "/v1/me", authorization=f"Bearer {token}", within_s=FIRST_LOOK_S if known is None else LOOK_S
            )
            if answer.status >= 500 or answer.status == 429:
                raise TryAgain(f"http_{answer.status}")
        except (TryAgain, Untrusted):
            return known[1] if known is not None and now < known[1].expires else None
        if answer.status != 200:
            self._known.pop(name, None)
            return None
        if len(self._known) >= MOST_SESSIONS:
            self._known.clear()
        told = msgspec.json.decode(answer.body, type=SignedIn)
        session = Session(_account(told), now, told.lease_until)
        self._known[name] = (now, session)
        return session

    def forget(self, token: str) -> None:
        """It was ended here."""
        self._known.pop(sha256(token.encode()).digest(), None)


def _account(told: SignedIn) -> Account:
    """As much of an account as a session needs."""
    return Account(told.person, told.login, told.name, told.language, grants_of(told.grants), (), False, None, 0)
