"""What takes two people takes two: whoever makes accounts cannot make the second one for the purpose."""

import json
from typing import Any

import pytest

from district.people.two_people import ONE_HAND_MS, SETTLES_MS
from district.scope import EVERYWHERE
from domain.people import Role
from offline.letters.duty_given import DUTY_GIVEN
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, People
from tests.fakes.there import there

RECORD = {"what": "person", "reason": "inspection", "person": "p1", "community": "jinxiu"}
LEADS = {"jinxiu": {Role.SUPERVISOR}}
MADE = {"login": "made-up", "name": "Nobody", "grants": {"jinxiu": ["supervisor"]}}


class Alone:
    """One administrator, in possession of every link that the district gives out."""

    def __init__(self, people: People) -> None:
        self.people = people
        people.add("boss", {"jinxiu": {Role.ADMINISTRATOR}})
        people.office.store.append_own("person.registered", "jinxiu", "p1", 1, {"profile": "x", "revision": 1})

    def call(self, method: str, path: str, body: object = None, login: str = "boss") -> Any:
        return self.people.call(method, path, body, self.people.token(login))[1]

    def begin(self, link: dict[str, str]) -> None:
        accounts, now = self.people.office.accounts, self.people.office.now_ms()
        assert accounts.begin(link["token"], PASSWORD, now)

    def erase(self, first: str, second: str) -> str:
        asked = {"reason": "mistake", "second": {"login": second, "password": PASSWORD}}
        told = self.call("POST", "/v1/residents/p1/erasure", asked, first)
        return "" if not told else str(told["code"])

    def export(self, first: str, second: str) -> str:
        id = self.call("POST", "/v1/exports", RECORD, first)["id"]
        told = self.call("POST", f"/v1/exports/{id}/decision", {"allow": True}, second)
        return str(told.get("code", told.get("state")))

    def wait(self, ms: int) -> None:
        wall = self.people.office.wall
        self.people.office.wall = lambda: wall() + ms / 1000


@pytest.fixture
def alone(district: Serving) -> Alone:
    return Alone(People(district))


def invited(alone: Alone, person: str) -> None:
    alone.begin(alone.call("POST", "/v1/accounts", MADE))


def given_a_new_link(alone: Alone, person: str) -> None:
    alone.begin(alone.call("POST", f"/v1/accounts/{person}/invitation"))


def given_the_duty(alone: Alone, person: str) -> None:
    for role in ("caregiver", "supervisor"):
        alone.call("PATCH", f"/v1/accounts/{person}", {"grants": {"jinxiu": [role]}})


def switched_on_again(alone: Alone, person: str) -> None:
    for disabled in (True, False):
        alone.call("PATCH", f"/v1/accounts/{person}", {"disabled": disabled})


@pytest.mark.parametrize(
    ("act", "login"),
    [(invited, "made-up"), (given_a_new_link, "wu"), (given_the_duty, "wu"), (switched_on_again, "wu")],
)
def test_a_second_person_of_ones_own_making_does_not_count_for_a_fortnight(alone: Alone, act: Any, login: str) -> None:
    act(alone, alone.people.add("wu", LEADS))
    for pair in (("boss", login), (login, "boss")):
        assert alone.export(*pair) == "unsettled"
        assert alone.erase(*pair) == "unsettled"
    assert not alone.people.office.registry.erased("p1")
    alone.wait(SETTLES_MS + 60_000)
    assert alone.export("boss", login) == "unsettled", "of one's own making for longer"
    chief = alone.people.add("chief", LEADS)
    assert alone.export(login, "chief") == "allowed", "three days are enough with somebody else"
    assert alone.export("chief", "boss") == "allowed", chief
    alone.wait(ONE_HAND_MS - SETTLES_MS - 2 * 60_000)
    assert alone.erase("boss", login) == "unsettled"
    alone.wait(60_000)
    assert alone.export(login, "boss") == "allowed"
    assert alone.erase("boss", login) == ""
    assert alone.people.office.registry.erased("p1")


def test_two_people_of_one_making_are_not_two_for_a_fortnight_either(alone: Alone) -> None:
    for login in ("made-up", "made-up-too"):
        alone.begin(alone.call("POST", "/v1/accounts", MADE | {"login": login}))
    alone.wait(ONE_HAND_MS - 60_000)
    for pair in (("made-up", "made-up-too"), ("made-up-too", "made-up")):
        assert alone.export(*pair) == "unsettled"
        assert alone.erase(*pair) == "unsettled"
    alone.wait(60_000)
    assert alone.erase("made-up", "made-up-too") == ""


def test_whoever_was_made_by_a_puppet_is_of_the_same_making(alone: Alone) -> None:
    runs = {"jinxiu": ["administrator"]}
    alone.begin(alone.call("POST", "/v1/accounts", MADE | {"login": "puppet", "grants": runs}))
    alone.begin(alone.call("POST", "/v1/accounts", MADE | {"login": "puppets-own"}, "puppet"))
    alone.wait(ONE_HAND_MS - 60_000)
    for pair in (("boss", "puppets-own"), ("puppets-own", "boss")):
        assert alone.export(*pair) == "unsettled"
        assert alone.erase(*pair) == "unsettled"
    alone.wait(60_000)
    assert alone.erase("boss", "puppets-own") == ""


def test_two_who_were_made_at_the_machine_itself_are_two(alone: Alone) -> None:
    office, then = alone.people.office, alone.people.office.now_ms() - SETTLES_MS - 60_000
    for login in ("one", "two"):
        _, token = office.accounts.invite(login, login, {"jinxiu": frozenset({Role.SUPERVISOR})}, then, "system")
        assert office.accounts.begin(token, PASSWORD, then)
    assert alone.export("one", "two") == "allowed"


def test_a_step_is_not_hidden_behind_hundreds_of_others(alone: Alone) -> None:
    wu, office = alone.people.add("wu", LEADS), alone.people.office
    for n in range(600):
        office.accounts.reach(wu, office.now_ms(), "boss", "en" if n % 2 else "zh", ())
    given_a_new_link(alone, wu)
    assert alone.export("boss", "wu") == "unsettled"


def test_what_somebody_does_to_their_own_account_unsettles_nobody(alone: Alone) -> None:
    wu = alone.people.add("wu", LEADS)
    office = alone.people.office
    office.accounts.reach(wu, office.now_ms(), wu, "en", ())
    office.accounts.change_password(wu, PASSWORD, "", "another horse battery", office.now_ms())
    office.accounts.change_password(wu, "another horse battery", "", PASSWORD, office.now_ms())
    assert alone.export("boss", "wu") == "allowed"


def test_nobody_is_too_new_to_refuse_an_export(alone: Alone) -> None:
    invited(alone, "")
    id = alone.call("POST", "/v1/exports", RECORD)["id"]
    assert alone.call("POST", f"/v1/exports/{id}/decision", {"allow": False}, "made-up")["state"] == "refused"


def told_of(alone: Alone, community: str = "jinxiu") -> list[tuple[str, str, str]]:
    """(whose account, by whom, what) as the desks of a community are told."""
    office = alone.people.office
    office.duties_told.tell(office.now_ms())
    found = [i.event for i in office.store.told([DUTY_GIVEN]) if i.event.community == community]
    told = [json.loads(bytes(there(e.payload))) for e in found]
    return [(t["account"], t["by"], t["step"]) for t in told]


@pytest.mark.parametrize(
    ("act", "steps"),
    [
        (invited, ["invited"]), (given_a_new_link, ["invited_again"]), (given_the_duty, ["granted"]),
        (switched_on_again, ["enabled"]),
    ],
)  # fmt: skip
def test_those_who_have_the_duty_are_told_unasked_of_whoever_is_given_it(
    alone: Alone, act: Any, steps: list[str]
) -> None:
    wu = alone.people.add("wu", LEADS)
    assert told_of(alone) == []
    act(alone, wu)
    boss = next(a.person for a in alone.people.office.accounts.accounts() if a.login == "boss")
    told = told_of(alone)
    assert [(by, step) for _, by, step in told] == [(boss, step) for step in steps]
    assert told_of(alone) == told, "once"


def test_nobody_is_told_of_an_account_without_such_a_duty_and_none_elsewhere(alone: Alone) -> None:
    alone.call("POST", "/v1/accounts", MADE | {"grants": {"jinxiu": ["caregiver", "gate_staff"]}})
    assert told_of(alone) == []
    office = alone.people.office
    office.store.append_own("person.registered", "west", "p2", 1, {"profile": "x", "revision": 1})
    alone.people.add("chief", {EVERYWHERE: {Role.ADMINISTRATOR}})
    alone.call("POST", "/v1/accounts", MADE | {"login": "one"}, "chief")
    assert [len(told_of(alone, c)) for c in ("jinxiu", "west")] == [1, 0]
    alone.call("POST", "/v1/accounts", MADE | {"login": "two", "grants": {EVERYWHERE: ["supervisor"]}}, "chief")
    assert [len(told_of(alone, c)) for c in ("jinxiu", "west")] == [2, 1]
