"""Who is signed in at a desk, and how long that holds without the district."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from argon2 import PasswordHasher

from domain.errors import Mendable
from offline.lease import Leases
from offline.transport.errors import Rejected, TryAgain, Untrusted
from offline.wire import SignedIn

HOUR = 3_600_000
LEASE = 72 * HOUR


class Line:
    """A district that knows one person; `down` and `ended` are in the test's hands."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.down, self.ended, self.password, self._now = False, False, "correct horse", now
        self.out: list[str] = []
        self.says: Exception | None = None  # to whatever is asked

    def _answer(self, token: str) -> SignedIn:
        return SignedIn("p1", "ann", "Ann", "en", {"jinxiu": ["caregiver"]}, self._now() + LEASE, token)

    def sign_in(self, login: str, password: str, code: str) -> SignedIn:
        if self.says is not None:
            raise self.says
        if self.down:
            raise TryAgain("no line")
        if self.ended or (login, password) != ("ann", self.password):
            raise Rejected("sign_in", 401)
        return self._answer("token-1")

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
        self.path = folder / "lease"
        self.leases = Leases(self.path, bytes(32), self.line, lambda: self.now)

    def enter(self, password: str = "correct horse") -> None:
        self.leases.sign_in("Ann ", password)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("offline.lease.PasswordHasher", lambda: quick)
    return Desk(tmp_path)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Mendable) as caught:
        work()
    return caught.value.code


def test_whoever_signed_in_may_go_on_for_72_hours_without_the_district(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    desk.now += LEASE - 1
    lease = desk.leases.in_force()
    assert lease is not None
    assert (lease.person, lease.roles("jinxiu"), lease.roles("elsewhere")) == ("p1", {"caregiver"}, frozenset())
    desk.now += 1
    assert desk.leases.in_force() is None


def test_while_the_line_is_down_the_same_password_opens_and_no_other(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    desk.enter()
    assert refused(lambda: desk.enter("wrong horse")) == "sign_in_wrong"
    assert refused(lambda: desk.leases.sign_in("bob", "correct horse")) == "sign_in_needs_district"
    desk.now += LEASE
    assert refused(desk.enter) == "sign_in_needs_district"


def test_nobody_was_ever_here_so_nobody_enters_without_the_district(desk: Desk) -> None:
    desk.line.down = True
    assert refused(desk.enter) == "sign_in_needs_district"


def test_guessing_without_the_district_is_slowed_and_a_restart_does_not_help(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    for _ in range(5):
        assert refused(lambda: desk.enter("wrong horse")) == "sign_in_wrong"
    assert refused(lambda: desk.enter("wrong horse")) == "sign_in_locked"
    again = Leases(desk.path, bytes(32), desk.line, lambda: desk.now)
    assert refused(lambda: again.sign_in("ann", "correct horse")) == "sign_in_locked"
    desk.now += 10_000
    assert again.sign_in("ann", "correct horse").failures == 0


def test_the_districts_no_wipes_the_lease_and_a_cut_line_does_not(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    with pytest.raises(TryAgain):
        desk.leases.check()
    assert desk.leases.in_force() is not None
    desk.line.down, desk.line.ended = False, True
    assert desk.leases.check() is None
    assert not desk.path.exists()
    desk.line.down = True
    assert refused(desk.enter) == "sign_in_needs_district"


@pytest.mark.parametrize("busy", ["locked", "too_many"])
def test_whom_the_district_makes_wait_the_lease_does_not_let_in_instead(desk: Desk, busy: str) -> None:
    """Else whoever guesses would have a second try at every desk where the right person once sat."""
    desk.enter()
    desk.line.says = TryAgain(busy, 300)
    with pytest.raises(Mendable) as caught:
        desk.enter()
    assert (caught.value.code, caught.value.details["minutes"]) == ("sign_in_locked", 5)


@pytest.mark.parametrize("status", [404, 409, 426, 429])
def test_an_answer_that_says_nothing_of_the_person_takes_no_lease(desk: Desk, status: int) -> None:
    """A district that is brought up to date, or a portal in between."""
    desk.enter()
    desk.line.says = Rejected("whatever", status)
    with pytest.raises(TryAgain):
        desk.leases.check()
    assert desk.leases.in_force() is not None
    desk.line.says = Rejected("sign_in", 403)
    assert desk.leases.check() is None
    assert desk.leases.kept() is None


def test_a_district_with_another_key_lets_nobody_in_and_takes_nobodys_lease(desk: Desk) -> None:
    desk.enter()
    desk.line.says = Untrusted("another key")
    assert refused(desk.enter) == "district_untrusted"
    with pytest.raises(Untrusted):
        desk.leases.check()
    assert desk.leases.in_force() is not None


def test_an_account_that_ended_cannot_wait_for_a_cut_line(desk: Desk) -> None:
    desk.enter()
    desk.line.ended = True
    assert refused(desk.enter) == "sign_in_wrong"
    desk.line.down = True
    assert refused(desk.enter) == "sign_in_needs_district"


def test_a_mistyped_password_ends_no_lease(desk: Desk) -> None:
    desk.enter()
    assert refused(lambda: desk.enter("wrong horse")) == "sign_in_wrong"
    assert desk.leases.in_force() is not None


def test_a_clock_set_back_gives_no_more_time(desk: Desk) -> None:
    desk.enter()
    desk.now -= HOUR
    assert desk.leases.in_force() is None


def test_signing_out_ends_it_here_even_where_the_district_does_not_hear(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    lease = desk.leases.sign_out()
    assert desk.leases.kept() is None
    assert lease is not None
    desk.leases.end(lease)
    desk.line.down = False
    desk.leases.end(lease)
    assert desk.line.out == ["token-1"]


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("next_one", [False, True])
def test_an_answer_that_comes_when_somebody_else_sits_here_is_nothing_to_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ended: bool, next_one: bool
) -> None:
    """The desk asks after Ann's session; before the answer is here she has signed out, and perhaps Bo has signed in."""
    desk.enter()
    asked = desk.line.me

    def me(token: str) -> SignedIn:
        desk.leases.sign_out()
        if next_one:
            monkeypatch.setattr(
                desk.line, "_answer", lambda _: msgspec.structs.replace(told, person="p2", login="bo", token="token-2")
            )
            desk.enter()
        desk.line.ended = ended
        if ended:
            raise Rejected("sign_in", 401)
        return told

    told = asked("token-1")
    monkeypatch.setattr(desk.line, "me", me)
    found = desk.leases.check()
    assert found == desk.leases.kept()
    assert (found.person if found is not None else None) == ("p2" if next_one else None)


def test_the_lease_is_sealed_and_a_damaged_one_is_none(desk: Desk) -> None:
    desk.enter()
    raw = desk.path.read_bytes()
    assert b"token" not in raw
    assert b"ann" not in raw
    assert desk.path.stat().st_mode & 0o077 == 0
    desk.path.write_bytes(raw[:-3])
    assert desk.leases.kept() is None
