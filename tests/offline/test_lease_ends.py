"""What ends a lease: the district's no, another password, the end of its hours; and what does not."""

import pytest

from domain.errors import Mendable
from offline.transport.errors import Rejected, TryAgain, Untrusted
from tests.offline.leases import HOUR, LEASE, Desk, refused


def test_the_districts_no_wipes_the_lease_and_a_cut_line_does_not(desk: Desk) -> None:
    desk.enter()
    desk.line.down = True
    with pytest.raises(TryAgain):
        desk.leases.check()
    assert desk.leases.in_force() is not None
    desk.line.down, desk.line.ended = False, True
    assert desk.leases.check() is None
    assert desk.files == []
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
    assert desk.leases.seated() is None


def test_a_district_with_another_key_lets_nobody_in_and_takes_nobodys_lease(desk: Desk) -> None:
    desk.enter()
    desk.line.says = Untrusted("another key")
    assert refused(desk.enter) == "district_not_itself"
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


@pytest.mark.parametrize("change", ["ended", "password"])
def test_a_lease_of_who_has_signed_out_goes_once_the_district_stands_by_it_no_more(desk: Desk, change: str) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.leases.review()
    assert len(desk.files) == 1
    setattr(desk.line, change, True if change == "ended" else "another password")
    desk.line.down = True
    with pytest.raises(TryAgain):
        desk.leases.review()
    assert len(desk.files) == 1, "a cut line says nothing of anybody"
    desk.line.down = False
    desk.leases.review()
    assert desk.files == []
    desk.line.down = True
    assert refused(desk.enter) == "sign_in_needs_district"


def test_what_has_run_out_is_not_kept(desk: Desk) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.now += LEASE
    desk.leases.review()
    assert desk.files == []


def test_where_the_district_cannot_be_asked_about_leases_none_outlives_signing_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of an older version: nobody would ever wipe it."""
    monkeypatch.setattr(desk.line, "stamp", lambda _: "")
    desk.enter()
    desk.line.says = Rejected("not_found", 404)
    desk.leases.review()
    assert desk.leases.in_force() is not None
    desk.leases.sign_out()
    assert desk.files == []


def test_who_came_in_by_a_password_that_is_another_by_now_is_sent_out(desk: Desk) -> None:
    desk.enter()
    desk.leases.sign_out()
    desk.line.down = True
    desk.enter()
    desk.line.down, desk.line.password = False, "another horse"
    assert desk.leases.check() is None
    assert desk.files == []
