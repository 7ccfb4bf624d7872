"""A desk with its leases, and a district that knows two people."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Mendable
from offline.line.lease import Leases
from offline.transport.errors import Rejected, TryAgain
from offline.wire import SignedIn

HOUR = 3_600_000


LEASE = 72 * HOUR


PEOPLE = {"ann": ("p1", "Ann", "caregiver"), "bo": ("p2", "Bo", "gate_staff")}


class Line:
    """A district that knows one person; `down` and `ended` are in the test's hands."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.down, self.ended, self.password, self._now = False, False, "correct horse", now
        self.codes, self.patience, self.sessions = False, 0.0, 0
        self.out: list[str] = []
        self.says: Exception | None = None  # to whatever is asked

    def stamp(self, login: str) -> str:
        return f"{login} {self.password}"

    def _answer(self, token: str, login: str = "ann") -> SignedIn:
        person, name, duties = PEOPLE[login]
        until, stamp = self._now() + LEASE, self.stamp(login)
        return SignedIn(person, login, name, "en", {"jinxiu": [duties]}, until, token, stamp, self.codes)

    def sign_in(self, login: str, password: str, code: str, within_s: float) -> SignedIn:
        self.patience = within_s
        if self.says is not None:
            raise self.says
        if self.down:
            raise TryAgain("no line")
        if self.ended or login not in PEOPLE or password != self.password or (self.codes and not code):
            raise Rejected("sign_in", 401)
        self.sessions += 1
        return self._answer(f"token-{self.sessions}", login)

    def standing(self, held: dict[str, str]) -> list[str]:
        if self.says is not None:
            raise self.says
        if self.down:
            raise TryAgain("no line")
        now = {PEOPLE[login][0]: self.stamp(login) for login in PEOPLE}
        return [] if self.ended else [person for person, stamp in held.items() if now[person] == stamp]

    def me(self, token: str) -> SignedIn:
        if self.says is not None:
            raise self.says
        if self.down:
            raise TryAgain("no line")
        if self.ended or token in self.out:
            raise Rejected("sign_in", 401)
        return self._answer("")

    def sign_out(self, token: str) -> None:
        if self.down:
            raise TryAgain("no line")
        self.out.append(token)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.now = 1_000_000_000_000
        self.line = Line(lambda: self.now)
        self.folder = folder / "leases"
        self.leases = self.begun_anew()

    def begun_anew(self) -> Leases:
        return Leases(self.folder, bytes(32), lambda: self.line, lambda: self.now)

    def enter(self, password: str = "correct horse", login: str = "Ann ", code: str = "") -> None:
        self.leases.sign_in(login, password, code)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*"))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Mendable) as caught:
        work()
    return caught.value.code
