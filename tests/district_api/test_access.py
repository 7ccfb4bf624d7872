"""Cards, PINs and passes: who may give them out, for which gates, and what the district puts on record of it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from district.people.access import LONGEST_S
from domain.people import Role
from offline.keys.seal import unseal_with
from offline.letters.access_orders import CARD_ORDERED, PASS_ISSUED, PIN_ORDERED, seal_for_gates
from offline.letters.gate_card import GATE_DESCRIBED
from offline.letters.passes import Kind, Unreadable, read, trouble
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import People
from tests.fakes.there import there

GUARD = {"jinxiu": {Role.GATE_STAFF}}


@pytest.fixture
def desk(district: Serving) -> People:
    people = People(district)
    people.add("guard", GUARD)
    people.add("carer", {"jinxiu": {Role.CAREGIVER}})
    people.add("elsewhere", {"yulan": {Role.SUPERVISOR}})
    district.office.store.append_own("person.registered", "jinxiu", "p1", 1, {"profile": "x", "revision": 1})
    return people


def card_for(kiosk: Joined, number: str = "04A1B2C3") -> dict[str, Any]:
    sealed = seal_for_gates({kiosk.journal.device: kiosk.node.identity.box_public}, CARD_ORDERED, "c1", "p1", number)
    return {"card": "c1", "sealed": sealed}


def visit(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    return {"kind": "once", "not_before": now, "expires": now + 3600} | changes


def test_a_card_reaches_its_gate_sealed_and_asking_twice_is_asking_once(
    desk: People, join: Callable[..., Joined]
) -> None:
    kiosk, token = join("kiosk"), desk.token("guard")
    for _ in range(2):
        assert desk.call("POST", "/v1/residents/p1/cards", card_for(kiosk), token)[0] == 204
    kiosk.client.round()
    [fact] = kiosk.journal.facts(CARD_ORDERED)
    assert (
        there(fact.payload)["by"]
        == there(desk.office.accounts.sessions.find(token, desk.office.now_ms())).account.person
    )
    assert "04A1B2C3" not in str(fact.payload)
    context = f"access|{CARD_ORDERED}|c1|p1|{kiosk.journal.device}".encode()
    from offline.keys.identity import unb64

    assert (
        unseal_with(kiosk.node.identity.box, unb64(there(fact.payload)["sealed"][kiosk.journal.device]), context)
        == b"04A1B2C3"
    )
    assert [line.action for line in desk.office.audit.lines(about="p1")] == ["card.ordered", "card.ordered"]


def test_nothing_is_passed_on_that_was_sealed_to_anything_but_a_gate_in_service(
    desk: People, join: Callable[..., Joined]
) -> None:
    kiosk, other = join("kiosk"), join("caregiver")
    token = desk.token("guard")
    assert desk.call("POST", "/v1/residents/p1/cards", card_for(other), token)[1]["code"] == "gates_unknown"
    desk.office.registry.revoke(kiosk.journal.device, desk.office.now_ms())
    asked = {"pin": "n1", "sealed": {kiosk.journal.device: "AAAA"}}
    assert desk.call("POST", "/v1/residents/p1/pin", asked, token)[1]["code"] == "gates_unknown"


def test_only_those_whose_duty_it_is_there_may_give_anything_out(desk: People, join: Callable[..., Joined]) -> None:
    kiosk = join("kiosk")
    for path, asked in (
        ("cards", card_for(kiosk)), ("pin", {"pin": "n1", "sealed": {kiosk.journal.device: "AAAA"}}), ("passes", visit()),
    ):  # fmt: skip
        assert desk.call("POST", f"/v1/residents/p1/{path}", asked)[0] == 401
        assert desk.call("POST", f"/v1/residents/p1/{path}", asked, desk.token("carer"))[0] == 403
        assert desk.call("POST", f"/v1/residents/p1/{path}", asked, desk.token("elsewhere"))[0] == 404
        assert desk.call("POST", f"/v1/residents/nobody/{path}", asked, desk.token("guard"))[0] == 404
    assert desk.office.store.about("p1", (CARD_ORDERED, PIN_ORDERED, PASS_ISSUED)) == []


@pytest.mark.parametrize("starts_in", [3600, 7200], ids=["as it begins", "before it begins"])
def test_a_pass_that_would_end_is_not_given_out(desk: People, starts_in: int) -> None:
    wanted = visit(not_before=int(time.time()) + starts_in)
    status, told = desk.call(
        "POST", "/v1/residents/p1/passes", wanted | {"expires": int(time.time()) + 3600}, desk.token("guard")
    )
    assert (status, told["code"]) == (422, "bad_request")


def test_a_pass_is_signed_once_names_no_resident_and_is_on_record_without_its_text(desk: People) -> None:
    status, told = desk.call("POST", "/v1/residents/p1/passes", visit(), desk.token("guard"))
    assert status == 201
    key = desk.office.identity.sign.public_key()
    shown = read(told["text"], [key])
    assert (shown.community, shown.kind, shown.person_id) == ("jinxiu", Kind.ONCE, told["pass"])
    assert trouble(shown, "jinxiu", "south", False, desk.office.now()) == ""
    assert trouble(shown, "yulan", "south", False, desk.office.now()) == "pass_elsewhere"
    with pytest.raises(Unreadable):
        read(told["text"].replace(told["text"][20], "A" if told["text"][20] != "A" else "B", 1), [key])
    [item] = desk.office.store.about("p1", (PASS_ISSUED,))
    assert told["text"][3:40] not in bytes(there(item.event.payload)).decode()


@pytest.mark.parametrize("kind", ["once", "weekly"])
def test_a_pass_lasts_no_longer_than_its_kind_may_and_ends_after_it_begins(desk: People, kind: str) -> None:
    token, now = desk.token("guard"), int(time.time())
    long = visit(kind=kind, expires=now + LONGEST_S[Kind(kind)] + 600)
    assert desk.call("POST", "/v1/residents/p1/passes", long, token)[1]["code"] == "pass_too_long"
    assert desk.call("POST", "/v1/residents/p1/passes", visit(kind=kind, expires=now - 5), token)[0] == 422
    assert desk.call("POST", "/v1/residents/p1/passes", visit(kind=kind, start=600, end=600), token)[0] == 422


def test_no_device_may_write_what_lets_somebody_in_and_no_desk_may_pose_as_a_gate(
    desk: People, join: Callable[..., Joined]
) -> None:
    for role, kinds in (
        ("kiosk", (CARD_ORDERED, PIN_ORDERED, PASS_ISSUED)),
        ("caregiver", (CARD_ORDERED, PIN_ORDERED, PASS_ISSUED, GATE_DESCRIBED)),
    ):
        node = join(role)
        for kind in kinds:
            node.journal.append(kind, {"card": "c9"}, subject=None if kind == GATE_DESCRIBED else "p1")
        node.client.round()
    assert desk.office.store.about("p1", (CARD_ORDERED, PIN_ORDERED, PASS_ISSUED)) == []
    assert len(desk.office.store.read("SELECT 1 FROM quarantine")) == 7
