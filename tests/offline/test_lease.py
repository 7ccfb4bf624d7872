"""Who is signed in at a desk, and how long that holds without the district."""

import pytest

from offline.line.lease import GivenUp
from offline.transport.errors import Rejected, TryAgain
from offline.wire import SignedIn
from tests.offline.leases import HOUR, LEASE, Desk, refused


def test_whoever_signed_in_may_go_on_for_72_hours_without_the_district(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    desk.now += LEASE - 1
    lease = desk.leases.in_force()
    assert lease is not None
    assert (lease.person, *map(lease.roles, ("jinxiu", "elsewhere"))) == ("p1", {"caregiver"}, set())
    desk.now += 1
    assert desk.leases.in_force() is None


def test_while_the_line_is_down_the_same_password_opens_and_no_other(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    desk.enter()
    assert refused(lambda: desk.enter("wrong horse")) == "sign_in_wrong"
    assert refused(lambda: desk.enter(login="bob")) == "sign_in_needs_district"
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
    again = desk.begun_anew()
    assert refused(lambda: again.sign_in("ann", "correct horse")) == "sign_in_locked"
    desk.now += 10_000
    assert again.sign_in("ann", "correct horse").failures == 0


def test_signing_out_ends_the_session_at_once_even_where_the_district_does_not_hear(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    lease = desk.leases.sign_out()
    assert desk.leases.seated() is None
    assert desk.begun_anew().in_force() is None, "the program asks who it is when it is started again"
    assert lease is not None
    desk.leases.end(lease)
    desk.line.down = False
    desk.leases.end(lease)
    assert desk.line.out == ["token-1"]


def test_whoever_has_signed_out_comes_in_again_without_the_district_by_the_password_alone(desk: Desk) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.line.down = True
    assert refused(lambda: desk.enter("wrong horse")) == "sign_in_wrong"
    desk.enter()
    lease = desk.leases.in_force()
    assert lease is not None
    assert (lease.person, lease.token) == ("p1", ""), "the session that they ended is not taken up again"


def test_each_person_has_a_lease_of_their_own_and_one_sits_here_at_a_time(desk: Desk) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.now += HOUR
    desk.enter(login="bo")
    desk.leases.sign_out()
    desk.line.down = True
    desk.now += 10 * HOUR
    desk.enter()
    seated = desk.leases.seated()
    assert (seated and seated.person) == "p1"
    desk.enter(login="bo")
    seated = desk.begun_anew().seated()
    assert (seated and seated.person) == "p2"
    desk.now += LEASE - 11 * HOUR  # the seventy-two hours of the one are over, an hour is left of the other's
    assert refused(desk.enter) == "sign_in_needs_district"
    desk.enter(login="bo")


def test_who_came_in_without_the_district_gets_a_session_when_it_answers_again(desk: Desk) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.line.down = True
    desk.enter()
    with pytest.raises(TryAgain):
        desk.leases.check()
    desk.line.down = False
    lease = desk.leases.check()
    assert (lease and lease.token) == "token-2"
    assert desk.leases.check() == desk.leases.seated()
    assert desk.line.sessions == 2, "the password was used once, and is forgotten"


def test_who_signs_in_with_codes_is_asked_to_come_again_and_not_tried_without_one(desk: Desk) -> None:
    desk.line.codes = True
    desk.enter(code="123456")
    desk.leases.sign_out()
    desk.line.down = True
    desk.enter()
    desk.line.down = False
    lease = desk.leases.check()
    assert (lease and lease.token) == ""
    assert desk.line.sessions == 1
    desk.leases.review()
    assert desk.leases.in_force() is not None
    desk.line.ended = True
    desk.leases.review()
    assert desk.leases.seated() is None


def test_a_district_that_hangs_is_waited_for_less_where_a_lease_lets_in(desk: Desk) -> None:
    desk.enter()
    assert desk.line.patience > 10
    desk.line.down = True
    desk.enter()
    assert desk.line.patience <= 5


def test_an_attempt_that_was_given_up_leaves_nobody_signed_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = [False]
    answer = desk.line._answer

    def late(token: str, login: str = "ann") -> SignedIn:
        given_up[0] = True
        return answer(token, login)

    monkeypatch.setattr(desk.line, "_answer", late)
    with pytest.raises(GivenUp):
        desk.leases.sign_in("ann", "correct horse", "", lambda: given_up[0])
    assert (desk.files, desk.line.out) == ([], ["token-1"])


def test_the_lease_of_an_earlier_version_is_taken_over(desk: Desk) -> None:
    desk.enter()
    (path,) = desk.files
    old = desk.folder.with_name("lease")
    path.rename(old)
    assert desk.begun_anew().in_force() is not None
    assert not old.exists()


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
            desk.enter(login="bo")
        desk.line.ended = ended
        if ended:
            raise Rejected("sign_in", 401)
        return told

    told = asked("token-1")
    monkeypatch.setattr(desk.line, "me", me)
    found = desk.leases.check()
    assert found == desk.leases.seated()
    assert (found.person if found is not None else None) == ("p2" if next_one else None)


def test_the_lease_is_sealed_tells_nobody_whose_it_is_and_a_damaged_one_is_none(desk: Desk) -> None:
    desk.enter()
    (path,) = desk.files
    raw = path.read_bytes()
    assert b"token" not in raw
    assert b"ann" not in raw
    assert "ann" not in path.name
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(raw[:-3])
    assert desk.leases.seated() is None
