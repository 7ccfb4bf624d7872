"""People at a desk of a hub: their accounts are at the district, so the hub asks there, and knows for a while what it was told."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

import msgspec

from district.people.account import Account, grants_of
from district.people.sessions import Session
from offline.transport.errors import TryAgain, Untrusted
from offline.transport.http import HttpTransport
from offline.wire import SignedIn

BELIEVED_MS = 30_000  # a session that the district confirmed is not asked about again before that
MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the one above said, as it said it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Above:
    """`line()` is a line to the one above that is nobody else's, None before this hub has joined. `now_ms`: its clock."""

    def __init__(self, line: Callable[[], HttpTransport | None], now_ms: Callable[[], int]) -> None:
        self._make, self._now = line, now_ms
        self._lock, self._held = threading.Lock(), None  # type: threading.Lock, HttpTransport | None
        self._known: dict[bytes, tuple[int, Session]] = {}  # by digest of the token: when it was confirmed

    def hand_on(self, method: str, target: str, body: bytes = b"", authorization: str = "", desk: str = "") -> Answer:
        """A request as it came, signed by this hub; `desk` is the one that signed it here. Raises TryAgain, Untrusted."""
        if desk:
            target += ("&" if "?" in target else "?") + urlencode({"desk": desk})
        with self._lock:  # a line serves one request at a time
            line = self._held = self._held or self._make()
            if line is None:
                raise TryAgain("not_joined")
            answer = line.hand_on(method, target, body, {"Authorization": authorization} if authorization else {})
        return Answer(answer.status_code, answer.headers, answer.content)

    def session(self, token: str) -> Session | None:
        """Whose session it is. While the district cannot be reached, what it confirmed stands until the desk's lease ends."""
        name, now = sha256(token.encode()).digest(), self._now()
        known = self._known.get(name)
        if known is not None and now - known[0] < BELIEVED_MS:
            return known[1]
        try:
            answer = self.hand_on("GET", "/v1/me", authorization=f"Bearer {token}")
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
