"""A second factor: how it begins, what it asks, how it ends."""

import pytest

from domain.people import Role
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, People


@pytest.fixture
def desk(district: Serving) -> People:
    return People(district)


def test_a_second_factor_is_asked_for_and_its_code_serves_once(desk: People) -> None:
    desk.add("zhao", {"jinxiu": {Role.CAREGIVER}})
    _, secret = desk.second_factor("zhao")
    assert desk.sign_in("zhao")[0] == 401
    code = desk.code(secret, later_s=30)
    assert desk.sign_in("zhao", code=code)[0] == 200
    assert desk.sign_in("zhao", code=code)[0] == 401


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
    token, secret = desk.second_factor("zhao")
    end = {"password": PASSWORD, "code": "0" * 6}
    assert desk.call("POST", "/v1/me/second-factor/removal", end, token)[0] == 403
    assert desk.call("POST", "/v1/me/second-factor/removal", {**end, "code": desk.code(secret)}, token)[0] == 204
    assert desk.sign_in("zhao")[0] == 200
    wall = desk.office.wall
    desk.office.wall = lambda: wall() + 60
    desk.second_factor("zhao")
    accounts, now = desk.office.accounts, desk.office.now_ms()
    assert accounts.begin(accounts.invite_again(person, now, "root"), "another long password", now)
    assert desk.sign_in("zhao", "another long password")[0] == 200, "the telephone may be what was lost"
