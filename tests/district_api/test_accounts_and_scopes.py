"""People: signing in, and what ends it; what they may change of accounts, and what the audit shows of it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pyotp
import pytest

from district.api.stream import Presence
from district.config import Limits
from district.door.limiting import Limiter
from district.people.accounts import SignInRefused
from district.people.sessions import LONGEST_SESSION_MS, SESSION_MS
from district.scope import EVERYWHERE
from domain.lockout import FREE_FAILURES
from domain.people import Role
from tests.district_api.calls import call
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, People
from tests.fakes.there import there


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


def test_a_second_factor_is_asked_for_and_its_code_serves_once(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    _, secret = second_factor(desk, "zhao")
    assert desk.sign_in("zhao")[0] == 401
    code = code_of(desk, secret, later_s=30)
    assert desk.sign_in("zhao", code=code)[0] == 200
    assert desk.sign_in("zhao", code=code)[0] == 401


def second_factor(desk: People, login: str) -> tuple[str, str]:
    """Begin one and confirm it with a code of the step before; the session and the secret."""
    token = desk.token(login)
    told = desk.call("POST", "/v1/me/second-factor", {"password": PASSWORD}, token)[1]
    assert told["uri"].startswith(f"otpauth://totp/Shouwang:{login}?secret={told['secret']}")
    first = {"code": code_of(desk, told["secret"], -30)}
    assert desk.call("POST", "/v1/me/second-factor/confirmation", first, token)[0] == 204
    return token, told["secret"]


def code_of(desk: People, secret: str, later_s: int = 0) -> str:
    return pyotp.TOTP(secret).at(desk.office.now_ms() // 1000 + later_s)


def test_a_second_factor_begins_with_the_password_and_a_first_code(desk: People) -> None:
    """Whoever found a desk open adds none; whoever could not read the code into a telephone is not shut out by it."""
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token = desk.token("zhao")
    assert desk.call("POST", "/v1/me/second-factor", {"password": "not hers"}, token)[0] == 403
    assert desk.call("POST", "/v1/me/second-factor", {"password": PASSWORD}, token)[0] == 200
    assert desk.call("POST", "/v1/me/second-factor/confirmation", {"code": "0" * 6}, token)[1]["code"] == "code"
    assert desk.sign_in("zhao")[0] == 200, "none is asked for before one was right"


def test_a_second_factor_ends_by_ones_own_proof_or_with_a_new_invitation(desk: People) -> None:
    person = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    token, secret = second_factor(desk, "zhao")
    end = {"password": PASSWORD, "code": "0" * 6}
    assert desk.call("POST", "/v1/me/second-factor/removal", end, token)[0] == 403
    assert desk.call("POST", "/v1/me/second-factor/removal", {**end, "code": code_of(desk, secret)}, token)[0] == 204
    assert desk.sign_in("zhao")[0] == 200
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + 60
    second_factor(desk, "zhao")
    accounts, now = desk.office.accounts, desk.office.now_ms()
    assert accounts.begin(accounts.invite_again(person, now, "root"), "another long password", now)
    assert desk.sign_in("zhao", "another long password")[0] == 200, "the telephone may be what was lost"


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


def test_nobody_grants_beyond_their_own_communities_or_changes_their_own_account(desk: People) -> None:
    mine = desk.add("local", {"jinxiu": {Role.ADMINISTRATOR}})
    token = desk.token("local")
    for grants in ({"yulan": ["caregiver"]}, {EVERYWHERE: ["caregiver"]}):
        assert desk.call("POST", "/v1/accounts", {"login": "more", "name": "m", "grants": grants}, token)[0] == 403
    assert desk.call("PATCH", f"/v1/accounts/{mine}", {"grants": {"jinxiu": ["supervisor"]}}, token)[0] == 409


def test_the_audit_is_chained_and_shows_what_was_changed(desk: People) -> None:
    desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}}, ago_ms=0)
    token = desk.token("boss")
    lines = desk.call("GET", "/v1/audit", token=token)[1]
    assert [line["action"] for line in lines][-2:] == ["sign_in", "audit.read"]
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + 86_400
    desk.token("boss")
    verdict = desk.office.audit.verify()
    assert verdict.whole
    assert verdict.lines == len(desk.office.audit.lines())
    assert desk.office.store.read("SELECT count(*) FROM audit_heads")[0][0] == 1
    desk.office.store.write(lambda execute: execute("UPDATE audit SET actor = 'somebody' WHERE line = 2"))
    assert desk.office.audit.verify().broken_line == 2


def test_the_audit_is_searched_by_who_about_whom_what_and_when(desk: People) -> None:
    boss = desk.add("boss", {EVERYWHERE: {Role.ADMINISTRATOR}}, ago_ms=0)
    zhao = desk.add("zhao", {"jinxiu": {Role.CAREGIVER}}, ago_ms=0)
    token = desk.token("boss")

    def found(query: str) -> list[tuple[str, str]]:
        return [(line["action"], line["about"]) for line in desk.call("GET", f"/v1/audit?{query}", token=token)[1]]

    assert found(f"about={zhao}") == [
        ("account.invited", zhao), ("account.began", zhao), ("audit.read", zhao),
    ]  # fmt: skip
    assert found("action=sign_in") == [("sign_in", boss)]
    assert ("account.began", boss) in found(f"actor={boss}&action=account.")
    assert found(f"until={desk.office.now_ms() - 3_600_000}") == []
    assert desk.call("GET", "/v1/audit?about=x%27%20OR%201", token=token)[0] == 422


def test_sign_in_is_limited_by_address(desk: People) -> None:
    desk.office.limiter = Limiter(Limits(sign_in="2/minute"))
    assert [desk.sign_in("nobody")[0] for _ in range(3)] == [401, 401, 429]


def test_a_reply_link_shows_on_get_and_acts_on_post_alone(desk: People, join: Callable[..., Joined]) -> None:
    office = desk.office
    office.settings = office.settings.model_copy(update={"public_url": desk.district.url + "/"})
    replies = office.nightwatch.replies
    replies._base = desk.district.url + "/"
    link = replies.check_in_link("p1", "jinxiu", "ref", office.now())
    for _ in range(3):
        assert call(link)[0] == 200
    assert call(link, "POST", b"step=nonsense")[0] == 200
    assert office.store.about("p1") == [], "what is on no button of the page is not pressed"
    assert call(link, "POST", b"")[0] == 200
    assert [i.event.kind for i in office.store.about("p1")] == ["sign.link"]
    assert call(f"{desk.district.url}/r/guess")[0] == 404


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
    second_factor(desk, "di")
    assert line.standing(held) == [people["eve"]]
    assert line.standing({people["eve"]: "", "nobody": held[people["eve"]]}) == []
    status, told = desk.call("POST", "/v1/leases", {"held": held}, desk.token("eve"))
    assert (status, told["code"]) == (401, "signature")


def test_whoever_works_everywhere_is_a_colleague_in_every_community(desk: People) -> None:
    """The ladder climbs to them: a desk that was not told their name showed an id in its place."""
    root = desk.add("root", {EVERYWHERE: {Role.ADMINISTRATOR}})
    ann = desk.add("ann", {"jinxiu": {Role.CAREGIVER}})
    desk.add("yu", {"yulan": {Role.CAREGIVER}})
    status, told = desk.call("GET", "/v1/colleagues", token=desk.token("ann"))
    assert status == 200
    assert {root, ann} <= {one["person"] for one in told}
    assert "yu" not in {one["name"] for one in told}


def test_a_hub_of_several_communities_is_no_administrators_of_one_to_take_out(
    desk: People, join: Callable[..., Joined]
) -> None:
    hub, kiosk = join("hub"), join()
    registry = desk.office.registry
    for device in (hub, kiosk):
        registry.rescope(device.journal.device, ["jinxiu", "west"], False)
    desk.add("one", {"jinxiu": {Role.ADMINISTRATOR}})
    desk.add("both", {"jinxiu": {Role.ADMINISTRATOR}, "west": {Role.ADMINISTRATOR}})
    one, both = desk.token("one"), desk.token("both")

    def revoke(device: Joined, token: str) -> int:
        return desk.call("POST", f"/v1/devices/{device.journal.device}/revocation", token=token)[0]

    assert revoke(hub, one) == 403
    assert there(registry.device(hub.journal.device)).revoked is None
    assert revoke(kiosk, one) == 204, "a gate that was stolen waits for nobody"
    assert revoke(hub, both) == 204
