"""A resident is erased from a desk by two people with that duty, through every node, and nobody is left waiting for them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from domain.incident_kinds import OPENED, REJECTED
from domain.people import Profile, Role
from offline.roster import ERASED
from tests.fakes.city import City
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, People, quick_passwords
from tests.fakes.there import there
from tests.fakes.waiting import until

Join = Callable[..., Joined]
ELDER = "p-zhang"


@pytest.fixture
def people(district: Serving) -> People:
    found = People(district)
    found.add("chief", {"jinxiu": {Role.SUPERVISOR}})
    found.add("boss", {"jinxiu": {Role.ADMINISTRATOR}})
    return found


@pytest.fixture
def desk(district: Serving, join: Join) -> Joined:
    """A desk that has told the district of an elder with a sensor at home."""
    desk = join("caregiver")
    desk.node.roster.register(ELDER, Profile("张", "秀兰", flat="3-2-501"))
    desk.client.round()
    ledger, told = StoreLedger(district.office.store), {"device": "watch-1", "kind": "wearable", "by": "chief"}
    ledger.add("home.device_registered", told, "jinxiu", ELDER, district.office.now_ms())
    return desk


def erase(
    people: People, by: str = "chief", second: str = "boss", password: str = PASSWORD, **more: object
) -> tuple[int, Any]:
    asked = {"reason": "moved_away", "second": {"login": second, "password": password}} | more
    return people.call("POST", f"/v1/residents/{ELDER}/erasure", asked, people.token(by))


def test_what_was_said_of_them_goes_here_and_at_every_desk(people: People, desk: Joined, join: Join) -> None:
    other = join("caregiver")
    other.client.round()
    assert other.node.roster.profile(ELDER) is not None
    assert erase(people) == (204, None)
    for each in (desk, other):
        each.client.round()
        assert each.node.roster.profile(ELDER) is None
        assert each.node.keys.find(ELDER) is None
        assert [f.envelope.kind for f in each.node.journal.facts(subject=ELDER) if f.payload is not None] == [ERASED]
    (line,) = [line for line in people.office.audit.lines() if line.action == ERASED]
    told, persons = json.loads(line.detail), {a.login: a.person for a in people.office.accounts.accounts()}
    assert (line.about, line.actor, told["with"], told["reason"]) == (
        ELDER, persons["chief"], persons["boss"], "moved_away",
    )  # fmt: skip


def test_nor_does_a_desk_keep_what_it_said_of_them_and_the_district_put_aside(people: People, desk: Joined) -> None:
    aside = desk.journal.append("margin.tightened", {"by": "nobody"}, subject=ELDER)
    desk.client.round()
    assert desk.journal.facts("district.put_aside")
    assert there(desk.journal.find(aside.envelope.id)).payload is not None
    assert erase(people) == (204, None)
    desk.client.round()
    assert there(desk.journal.find(aside.envelope.id)).payload is None
    assert desk.journal.broken() == [], "its envelope stays, and the chain with it"


def test_the_sensors_in_their_home_are_nobodys(people: People, desk: Joined) -> None:
    homes = StoreHomes(people.office.store)
    assert homes.home("jinxiu", "watch-1") is not None
    erase(people)
    assert homes.home("jinxiu", "watch-1") is None


def test_asked_for_twice_it_is_done_once(people: People, desk: Joined) -> None:
    assert [erase(people)[0] for _ in range(2)] == [204, 404]
    assert len(StoreLedger(people.office.store).about(ELDER, [ERASED])) == 1


def test_not_while_somebody_may_be_on_their_way_to_them(people: People, desk: Joined) -> None:
    ledger, now = StoreLedger(people.office.store), people.office.now_ms()
    opened = {"incident": "i", "elder": ELDER, "kind": "fall", "severity": 1, "by": "system"}
    ledger.add(OPENED, opened, "jinxiu", ELDER, now)
    status, told = erase(people)
    assert (status, told["code"]) == (409, "incident_open")
    assert desk.node.roster.profile(ELDER) is not None
    ledger.add(
        REJECTED, {"incident": "i", "by": "bo", "outcome": "false_alarm"}, "jinxiu", ELDER, people.office.now_ms()
    )
    assert erase(people) == (204, None)


@pytest.mark.parametrize("role", [Role.CAREGIVER, Role.GATE_STAFF, Role.FAMILY])
def test_others_may_not_nor_may_they_be_the_second(people: People, desk: Joined, role: Role) -> None:
    people.add("other", {"jinxiu": {role}, "yulan": {Role.SUPERVISOR}})
    assert erase(people, "other")[0] == 404, "what is not theirs is not there"
    status, told = erase(people, second="other")
    assert (status, told["code"]) == (409, "out_of_scope")
    assert desk.node.roster.profile(ELDER) is not None


def test_one_alone_may_not(people: People, desk: Joined) -> None:
    status, told = erase(people, second="chief")
    assert (status, told["code"]) == (409, "own_request")
    status, told = erase(people, password="somebody else's")
    assert (status, told["code"]) == (403, "second_refused")
    assert desk.node.roster.profile(ELDER) is not None


def test_a_reason_is_one_of_those_that_are_counted(people: People, desk: Joined) -> None:
    assert erase(people, reason="because")[0] == 422


def test_a_desk_below_a_hub_asks_the_district(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords(monkeypatch)
    district = city.serve("district")
    hub = city.hub("office", district)
    people, desk = People(district), city.join(hub, "caregiver")
    for login in ("chief", "boss"):
        people.add(login, {"jinxiu": {Role.SUPERVISOR}})
    desk.node.roster.register(ELDER, Profile("张", "秀兰", flat="3-2-501"))
    desk.client.round()
    until(lambda: district.office.access.communities(ELDER) == ["jinxiu"])
    line = desk.node.line()
    line.bearer = line.sign_in("chief", PASSWORD, "").token
    second = {"login": "boss", "password": PASSWORD}
    line.as_person("POST", f"/v1/residents/{ELDER}/erasure", {"reason": "died", "second": second})
    until(lambda: hub.office.access.communities(ELDER) == [])
    desk.client.round()
    assert desk.node.roster.profile(ELDER) is None


def test_their_contacts_go_with_them_where_that_is_asked_for(people: People, desk: Joined) -> None:
    roster = desk.node.roster
    roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    desk.client.round()
    assert erase(people, also=["p-kin", "p-known-nowhere"]) == (204, None)
    desk.client.round()
    assert (roster.profile(ELDER), roster.profile("p-kin")) == (None, None)
    assert {line.about for line in people.office.audit.lines() if line.action == ERASED} == {ELDER, "p-kin"}


def test_nobody_goes_where_one_of_them_may_not(people: People, desk: Joined, join: Join) -> None:
    elsewhere = join("caregiver", "yulan")
    elsewhere.node.roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    elsewhere.client.round()
    status, told = erase(people, also=["p-kin"])
    assert (status, told["code"]) == (409, "out_of_scope")
    desk.client.round()
    assert desk.node.roster.profile(ELDER) is not None
