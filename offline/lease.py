"""Who is signed in here, and how long that holds while the district cannot be asked.

A lease is written at every answer of the district and ends 72 h later; until then the same person may sign in here without it,
against an Argon2id hash of the password that let them in. The district's "not any more" wipes it. It is kept sealed under the
node's own key, in a file its owner alone may read.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Mendable
from domain.lockout import left_ms, wait_ms
from offline.durable import keep
from offline.seal import SealBroken, seal, unseal
from offline.transport.errors import Rejected, TryAgain, Untrusted
from offline.wire import SignedIn

_CONTEXT = b"lease"


@dataclass(frozen=True, slots=True)
class Lease:
    """`grants` are roles by community; times ms by the district's clock. `token` is the district's session."""

    person: str
    login: str
    name: str
    language: str
    grants: dict[str, list[str]]
    token: str
    until: int
    checked: int
    verifier: str
    failures: int = 0
    locked_until: int = 0

    def roles(self, community: str) -> frozenset[str]:
        """The roles held in a community; a grant for "*" holds everywhere."""
        return frozenset((*self.grants.get(community, ()), *self.grants.get("*", ())))


class PeopleLine(Protocol):
    """What is asked of the district about people. Raises TryAgain, Rejected or Untrusted."""

    def sign_in(self, login: str, password: str, code: str) -> SignedIn: ...

    def me(self, token: str) -> SignedIn: ...

    def sign_out(self, token: str) -> None: ...


class Leases:
    """`master` is the node's own key, `now_ms` its clock as the district has set it. Any thread."""

    def __init__(self, path: Path, master: bytes, line: PeopleLine, now_ms: Callable[[], int]) -> None:
        self._path, self._master, self._line, self._now = path, master, line, now_ms
        self._hasher, self._turn = PasswordHasher(), threading.Lock()

    def kept(self) -> Lease | None:
        """The lease on the disk, in force or not; None where there is none that can be read."""
        try:
            raw = json.loads(unseal(self._master, self._path.read_bytes(), _CONTEXT))
            return Lease(**raw)
        except (OSError, SealBroken, ValueError, TypeError):
            return None

    def in_force(self) -> Lease | None:
        """The lease, while it may be used without asking the district. A clock set back gives no more time."""
        lease, now = self.kept(), self._now()
        return lease if lease is not None and lease.checked - 300_000 <= now < lease.until else None

    def sign_in(self, login: str, password: str, code: str = "") -> Lease:
        """By the district, or by the lease while it cannot be reached.

        Raises Mendable: `sign_in_wrong`, `sign_in_locked` (minutes), `sign_in_needs_district`, `district_untrusted`.
        """
        login = login.strip().lower()
        try:
            told = self._line.sign_in(login, password, code)
        except Rejected as e:
            self._still_in_force(login)
            raise Mendable("sign_in_wrong" if e.code == "sign_in" else "sign_in_needs_district") from e
        except Untrusted as e:
            raise Mendable("district_untrusted", url="") from e
        except TryAgain as e:
            if str(e) in ("locked", "too_many"):
                raise Mendable("sign_in_locked", minutes=max(1, round((e.after or 60) / 60))) from e
            return self._alone(login, password)
        with self._turn:
            return self._keep(_lease(told, told.token, self._now(), self._hasher.hash(password)))

    def check(self) -> Lease | None:
        """Ask the district whether the session still holds: the lease goes on, or None and is wiped. What it says of somebody who
        has left meanwhile is nothing to whoever sits here now.

        Raises TryAgain or Untrusted while the district cannot be asked; the lease stays as it is.
        """
        lease = self.kept()
        if lease is None:
            return None
        try:
            told: SignedIn | None = self._line.me(lease.token)
        except Rejected as e:
            if e.status not in (401, 403):
                raise TryAgain(e.code) from e
            told = None
        with self._turn:
            now = self.kept()
            if now is None or now.token != lease.token:
                return now
            if told is not None:
                return self._keep(_lease(told, lease.token, self._now(), lease.verifier))
            self.wipe()
            return None

    def sign_out(self) -> Lease | None:
        """End the session here, at once; whose it was. `end` tells the district."""
        with self._turn:
            lease = self.kept()
            self.wipe()
        return lease

    def end(self, lease: Lease) -> None:
        """End the session at the district, where it can be reached; else the token, which is forgotten here, ends by itself."""
        with suppress(TryAgain, Rejected, Untrusted):
            self._line.sign_out(lease.token)

    def _still_in_force(self, login: str) -> None:
        """A lease outlives a mistyped password; one whose account has ended must not wait for a cut line to be used again."""
        lease = self.kept()
        if lease is not None and lease.login == login:
            with suppress(TryAgain, Untrusted):
                self.check()

    def wipe(self) -> None:
        self._path.unlink(missing_ok=True)

    def _alone(self, login: str, password: str) -> Lease:
        lease, now = self.kept(), self._now()
        if lease is None or lease.login != login or self.in_force() is None:
            raise Mendable("sign_in_needs_district")
        if left := left_ms(lease.locked_until, now):
            raise Mendable("sign_in_locked", minutes=max(1, round(left / 60_000)))
        try:
            self._hasher.verify(lease.verifier, password)
        except (VerificationError, InvalidHashError) as e:
            failures = lease.failures + 1
            self._keep(replace(lease, failures=failures, locked_until=now + wait_ms(failures)))
            raise Mendable("sign_in_wrong") from e
        return self._keep(replace(lease, failures=0, locked_until=0))

    def _keep(self, lease: Lease) -> Lease:
        keep(self._path, seal(self._master, json.dumps(asdict(lease)).encode(), _CONTEXT))
        return lease


def _lease(told: SignedIn, token: str, now: int, verifier: str) -> Lease:
    return Lease(told.person, told.login, told.name, told.language, told.grants, token, told.lease_until, now, verifier)
