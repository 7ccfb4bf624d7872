"""People: signing in, their passwords and sessions, and what ends them."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from district.api.stream import Presence
from district.config import Limits
from district.door.limiting import Limiter
from district.people.accounts import SignInRefused
from district.people.sessions import LONGEST_SESSION_MS, SESSION_MS
from domain.lockout import FREE_FAILURES
from domain.people import Role
from tests.district_api.calls import call
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, People


@pytest.fixture
def desk(district: Serving) -> People:
    return People(district)


def test_the_first_administrator_begins_by_a_link_that_serves_once(desk: People) -> None:
    token = desk.office.accounts.first_administrator(desk.office.now_ms())
    link = f"{desk.district.url}/begin/{token}"
    assert call(link)[0] == 200
    assert call(link)[0] == 200  # looking does nothing
    assert call(link, "POST", urlencode({"password": "short"}).encode())[0] == 422
    assert call(link, "POST", urlencode({"password": "my-admin-password"}).encode())[0] == 422
    assert call(link, "POST", urlencode({"password": PASSWORD}).encode())[0] == 200
    assert call(link, "POST", urlencode({"password": "another password!"}).encode())[0] == 404
    assert desk.office.accounts.first_administrator(desk.office.now_ms()) is None
    assert desk.call("GET", "/v1/accounts", token=desk.token("admin"))[0] == 200


def test_a_wrong_password_and_a_wrong_login_sound_the_same(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    for _ in range(FREE_FAILURES + 2):  # until both are locked
        mine, nobodys = desk.sign_in("zhao", "wrong password"), desk.sign_in("nobody", "wrong password")
        assert mine == nobodys
    assert mine[1]["code"] == "locked"


def test_failures_lock_for_longer_and_longer_and_a_success_forgets_them(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    for _ in range(FREE_FAILURES + 1):
        assert desk.sign_in("zhao", "wrong password")[0] == 401
    assert desk.sign_in("zhao")[1]["code"] == "locked"
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + 3
    assert desk.sign_in("zhao")[0] == 200
    assert desk.sign_in("zhao", "wrong password")[0] == 401


def test_failures_at_the_same_moment_are_all_counted_and_hide_no_right_guess(
    desk: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty guesses at once had all read that none had failed yet, and counted as one."""
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    accounts, guesses = desk.office.accounts, ["wrong password"] * 7 + [PASSWORD]
    together, matches = threading.Barrier(len(guesses)), accounts._matches
    right_comes_last = threading.Semaphore(0)

    def looked_at_together(kept: str, password: str) -> bool:
        together.wait(10)
        if password == PASSWORD:
            for _ in range(len(guesses) - 1):
                assert right_comes_last.acquire(timeout=10)
        return matches(kept, password)

    def guess(password: str) -> bool:
        try:
            accounts.sign_in("zhao", password, "", desk.office.now_ms())
        except SignInRefused:
            return False
        finally:
            right_comes_last.release()
        return True

    monkeypatch.setattr(accounts, "_matches", looked_at_together)
    with ThreadPoolExecutor(len(guesses)) as crowd:
        assert not any(crowd.map(guess, guesses))
    (failures,) = desk.office.store.read("SELECT failures FROM accounts WHERE login = 'zhao'")[0]
    assert failures == 7


def test_an_account_without_a_grant_can_be_given_one_again(desk: People) -> None:
    person = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    for login, community in (("boss", "*"), ("chief", "jinxiu")):
        desk.add(login, {community: {Role.ADMINISTRATOR}})
    assert desk.call("PATCH", f"/v1/accounts/{person}", {"grants": {}}, desk.token("boss"))[0] == 204
    again = {"grants": {"jinxiu": ["caregiver"]}}
    assert desk.call("PATCH", f"/v1/accounts/{person}", again, desk.token("chief"))[0] == 404
    assert person in {a["person"] for a in desk.call("GET", "/v1/accounts", token=desk.token("boss"))[1]}
    assert desk.call("PATCH", f"/v1/accounts/{person}", again, desk.token("boss"))[0] == 204


def test_sessions_end_by_sign_out_by_time_and_at_once_when_grants_change(desk: People) -> None:
    person = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    first, second, third = (desk.token("zhao") for _ in range(3))
    assert desk.call("POST", "/v1/sign-out", token=first)[0] == 204
    assert desk.call("GET", "/v1/me", token=first)[0] == 401
    assert desk.call("GET", "/v1/me", token=second)[0] == 200
    desk.office.accounts.change(person, desk.office.now_ms(), "test", grants={"yulan": frozenset({Role.CAREGIVER})})
    assert desk.call("GET", "/v1/me", token=third)[0] == 401
    late = desk.token("zhao")
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + SESSION_MS / 1000 + 1
    assert desk.call("GET", "/v1/me", token=late)[0] == 401


def test_sessions_end_after_a_week_however_much_they_are_used(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    used, idle, wall, hours = desk.token("zhao"), desk.token("zhao"), desk.office.wall, 0
    while desk.call("GET", "/v1/me", token=used)[0] == 200:
        hours += 1
        desk.office.wall = lambda hours=hours: wall() + hours * 3600  # type: ignore[misc]
        assert (desk.call("GET", "/v1/accounts", token=idle)[0] == 403) is (hours < SESSION_MS // 3_600_000)
    assert LONGEST_SESSION_MS - SESSION_MS < hours * 3_600_000 <= LONGEST_SESSION_MS, hours


def test_a_desk_that_listens_hears_that_its_person_began_anew_elsewhere(desk: People) -> None:
    """Whoever stole a password sits there until then."""
    person = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    presence, accounts, now = Presence(desk.office, desk.token("zhao")), desk.office.accounts, desk.office.now_ms()

    async def ended() -> bool:
        return await presence.ended()

    assert not asyncio.run(ended())
    assert accounts.begin(accounts.invite_again(person, now, "test"), "another one of 12 letters", now)
    assert asyncio.run(ended())


def test_a_disabled_account_neither_stays_nor_comes_in(desk: People) -> None:
    person = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token = desk.token("zhao")
    desk.office.accounts.change(person, desk.office.now_ms(), "test", disabled=True)
    assert desk.call("GET", "/v1/me", token=token)[0] == 401
    assert desk.sign_in("zhao")[0] == 401


def test_a_password_is_no_easier_guessed_from_an_open_desk_than_at_the_door(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token = desk.token("zhao")
    guess = {"old": "not hers", "new": "an entirely new one"}
    for _ in range(FREE_FAILURES + 1):
        assert desk.call("POST", "/v1/me/password", guess, token)[0] == 403
    assert desk.call("POST", "/v1/me/password", guess, token)[1]["code"] == "locked"


def test_a_changed_password_ends_every_session(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token = desk.token("zhao")
    new = {"old": PASSWORD, "new": "an entirely new one"}
    assert desk.call("POST", "/v1/me/password", {"old": "x", "new": new["new"]}, token)[0] == 403
    assert desk.call("POST", "/v1/me/password", {"old": PASSWORD, "new": "short"}, token)[0] == 422
    assert desk.call("POST", "/v1/me/password", new, token)[0] == 204
    assert desk.call("GET", "/v1/me", token=token)[0] == 401
    assert desk.sign_in("zhao", new["new"])[0] == 200


def test_nothing_secret_is_kept_as_it_is(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token = desk.token("zhao")
    kept = repr(desk.office.store.read("SELECT * FROM accounts")) + repr(
        desk.office.store.read("SELECT * FROM sessions")
    )
    assert PASSWORD not in kept
    assert token not in kept
    assert "$argon2id$" in kept


def test_sign_in_is_limited_by_address(desk: People) -> None:
    desk.office.limiter = Limiter(Limits(sign_in="2/minute"))
    assert [desk.sign_in("nobody")[0] for _ in range(3)] == [401, 401, 429]


def test_a_lease_stands_while_password_codes_and_duties_are_what_they_were(
    district: Serving, desk: People, join: Callable[..., Joined]
) -> None:
    """A desk asks about those who have signed out as well, by the stamp it was given; nobody is told it otherwise."""
    line = join("caregiver").node.line()
    accounts, now = desk.office.accounts, desk.office.now_ms
    people = {login: desk.add(login, {"jinxiu": {Role.CAREGIVER}}) for login in ("ann", "bo", "cy", "di", "eve")}
    held = {person: line.sign_in(login, PASSWORD, "").stamp for login, person in people.items()}
    for login in people:
        assert desk.call("GET", "/v1/me", token=desk.token(login))[1]["stamp"] == held[people[login]]
    assert sorted(line.standing(held)) == sorted(people.values())
    accounts.change(people["ann"], now(), "test", disabled=True)
    accounts.change(people["bo"], now(), "test", grants={"yulan": frozenset({Role.CAREGIVER})})
    accounts.change_password(people["cy"], PASSWORD, "", "another long password", now())
    desk.second_factor("di")
    assert line.standing(held) == [people["eve"]]
    assert line.standing({people["eve"]: "", "nobody": held[people["eve"]]}) == []
    status, told = desk.call("POST", "/v1/leases", {"held": held}, desk.token("eve"))
    assert (status, told["code"]) == (401, "signature")
