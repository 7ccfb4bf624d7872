"""Who may sit at this desk, and how long that holds while the district cannot be asked.

Each person who signs in has a lease here, written at every answer of the district about whoever sits, which ends 72 h later: until
then they may sign in without it, against an Argon2id hash of the password that let them in. Signing out ends the session and keeps
that right; the token, and that the window opens by itself, go. The district's "not any more" wipes a lease, of those who have
signed out as well: it is asked about them by the stamp that it gave (`Leases.review`).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import Mendable
from domain.lockout import left_ms, wait_ms
from offline.keys.kept_leases import KeptLeases, Lease
from offline.transport.errors import Rejected, TryAgain, Untrusted
from offline.wire import SignedIn

_SKEW_MS = 300_000
_PATIENCE_S = 20.0
_LEASED_PATIENCE_S = 5.0  # with somebody whom the lease lets in, where the district does not answer


class GivenUp(Exception):
    """Nobody waits for this answer any more."""


class PeopleLine(Protocol):
    """What is asked of the district about people. Raises TryAgain, Rejected or Untrusted."""

    def sign_in(self, login: str, password: str, code: str, within_s: float) -> SignedIn: ...

    def me(self, token: str) -> SignedIn: ...

    def standing(self, held: dict[str, str]) -> list[str]: ...

    def sign_out(self, token: str) -> None: ...


class Leases:
    """`master` is the node's own key, `now_ms` its clock as the district has set it; `line` makes one more line. Any thread."""

    def __init__(self, folder: Path, master: bytes, line: Callable[[], PeopleLine], now_ms: Callable[[], int]) -> None:
        self._kept, self._make, self._now = KeptLeases(folder, master), line, now_ms
        self._free: list[PeopleLine] = []
        self._hasher, self._turn = PasswordHasher(), threading.Lock()
        # login and password of who came in by the lease, until the district has heard
        self._typed: tuple[str, str] | None = None

    @property
    def used(self) -> bool:
        """Whether anybody ever signed in here, as far as is known: then the district asks for it."""
        return bool(self._kept.all())

    def seated(self) -> Lease | None:
        """The lease of whoever sits here, in force or not."""
        return next((lease for lease in self._kept.all() if lease.seated), None)

    def in_force(self) -> Lease | None:
        """The same, while it may be used without asking the district."""
        lease = self.seated()
        return lease if lease is not None and self._runs(lease) else None

    def _runs(self, lease: Lease) -> bool:
        """A clock set back gives no more time."""
        return lease.checked - _SKEW_MS <= self._now() < lease.until

    # ---- in and out -------------------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, code: str = "", given_up: Callable[[], bool] = lambda: False) -> Lease:
        """By the district, or by the lease while it cannot be reached. `given_up`: nobody waits for this any more.

        Raises GivenUp, or Mendable: `sign_in_wrong`, `sign_in_locked` (minutes), `sign_in_needs_district`, `district_not_itself`.
        """
        login = login.strip().lower()
        known = self._kept.of(login)
        patience = _PATIENCE_S if known is None or not self._runs(known) else _LEASED_PATIENCE_S
        try:
            with self._line() as line:
                told = line.sign_in(login, password, code, patience)
        except Rejected as e:
            self._still_in_force(login)
            raise Mendable("sign_in_wrong" if e.code == "sign_in" else "sign_in_needs_district") from e
        except Untrusted as e:
            raise Mendable("district_not_itself") from e
        except TryAgain as e:
            if str(e) in ("locked", "too_many"):
                raise Mendable("sign_in_locked", minutes=max(1, round((e.after or 60) / 60))) from e
            if given_up():
                raise GivenUp from e
            return self._alone(login, password)
        if given_up():
            self._end(told.token)
            raise GivenUp
        with self._turn:
            self._typed = None
            return self._sit(_lease(told, told.token, self._now(), self._hasher.hash(password)))

    def sign_out(self) -> Lease | None:
        """End the session here, at once; whose it was. `end` tells the district. With the password they may come in again, where
        the district can be asked whether that still stands."""
        with self._turn:
            self._typed = None
            lease = self.seated()
            if lease is not None and lease.stamp:
                self._kept.keep(replace(lease, token="", seated=False))
            elif lease is not None:
                self._kept.wipe(lease)
        return lease

    def end(self, lease: Lease) -> None:
        """End the session at the district, where it can be reached; else the token, which is forgotten here, ends by itself."""
        if lease.token:
            self._end(lease.token)

    def forget(self) -> None:
        """Whoever sits here needs the district to come in again."""
        with self._turn:
            self._typed = None
            if (lease := self.seated()) is not None:
                self._kept.wipe(lease)

    def _alone(self, login: str, password: str) -> Lease:
        with self._turn:
            lease, now = self._kept.of(login), self._now()
            if lease is None or not self._runs(lease):
                raise Mendable("sign_in_needs_district")
            if left := left_ms(lease.locked_until, now):
                raise Mendable("sign_in_locked", minutes=max(1, round(left / 60_000)))
            try:
                self._hasher.verify(lease.verifier, password)
            except (VerificationError, InvalidHashError) as e:
                failures = lease.failures + 1
                self._kept.keep(replace(lease, failures=failures, locked_until=now + wait_ms(failures)))
                raise Mendable("sign_in_wrong") from e
            self._typed = (login, password)
            return self._sit(replace(lease, failures=0, locked_until=0))

    def _sit(self, lease: Lease) -> Lease:
        """Nobody else does."""
        for other in self._kept.all():
            if other.seated and other.login != lease.login:
                self._kept.keep(replace(other, token="", seated=False))
        return self._kept.keep(replace(lease, seated=True))

    # ---- whether it still holds -------------------------------------------------------------------------------------

    def check(self) -> Lease | None:
        """Ask the district whether the session of whoever sits here still holds: the lease goes on, or None and is wiped.

        Whoever came in while it was away gets a session by the password they typed; where a code is asked for too, or the program
        was started anew since, the lease stays without a token until they sign in. What is said of somebody who has left meanwhile
        is nothing to whoever sits here now.

        Raises TryAgain or Untrusted while the district cannot be asked; the lease stays as it is.
        """
        lease, typed = self.seated(), self._typed
        if lease is None:
            return None
        comes_back = typed is not None and typed[0] == lease.login and not lease.codes
        if not lease.token and not comes_back:
            return lease
        try:
            with self._line() as line:
                told = line.me(lease.token) if lease.token or typed is None else line.sign_in(*typed, "", _PATIENCE_S)
        except Rejected as e:
            if e.status not in (401, 403):
                raise TryAgain(e.code) from e
            return self._over(lease)
        with self._turn:
            now = self.seated()
            if now is not None and (now.login, now.token) == (lease.login, lease.token):
                self._typed = None
                return self._sit(_lease(told, told.token or lease.token, self._now(), lease.verifier))
        if told.token:
            self._end(told.token)
        return now

    def _over(self, lease: Lease) -> Lease | None:
        with self._turn:
            now = self.seated()
            if now is not None and (now.login, now.token) == (lease.login, lease.token):
                self._typed = None
                self._kept.wipe(now)
                return None
            return now

    def review(self) -> None:
        """Wipe what the district does not stand by any more of those without a session here: the account has ended, another
        password or other duties. Raises TryAgain or Untrusted while it cannot be asked."""
        asked = {lease.person: lease.stamp for lease in self._kept.all() if lease.stamp and not lease.token}
        if not asked:
            return
        try:
            with self._line() as line:
                stand = line.standing(asked)
        except Rejected:  # an older district, which says nothing of it
            return
        with self._turn:
            for lease in self._kept.all():
                over = lease.person not in stand or (not lease.seated and self._now() >= lease.until)
                if over and not lease.token and asked.get(lease.person) == lease.stamp:
                    self._kept.wipe(lease)

    def _still_in_force(self, login: str) -> None:
        """A lease outlives a mistyped password; one whose account has ended must not wait for a cut line to be used again."""
        with suppress(TryAgain, Untrusted):
            self.review()
            if (lease := self.seated()) is not None and lease.login == login:
                self.check()

    # ---- the line ---------------------------------------------------------------------------------------------------

    def _end(self, token: str) -> None:
        with suppress(TryAgain, Rejected, Untrusted), self._line() as line:
            line.sign_out(token)

    @contextmanager
    def _line(self) -> Iterator[PeopleLine]:
        """One that nobody else uses: an attempt that somebody has given up may hang on its own."""
        line = self._free.pop() if self._free else self._make()
        try:
            yield line
        finally:
            self._free.append(line)


def _lease(told: SignedIn, token: str, now: int, verifier: str) -> Lease:
    return Lease(
        told.person, told.login, told.name, told.language, told.grants, token, told.lease_until, now, verifier,
        stamp=told.stamp, codes=told.second_factor,
    )  # fmt: skip
