"""A visitor's pass given out at the district and shown at a gate two hubs below it, with the kiosk's own code at the gate."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from district.operator import commands
from domain.passages import Method
from domain.people import Profile, Role
from kiosk.bootstrap import pass_keys
from kiosk.visit.events import CredentialAccepted, CredentialRefused
from offline.letters.access_orders import PASS_REVOKED
from offline.node import Node
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import PASSWORD, a_desk, employ, quick_passwords
from tests.fakes.there import there
from tests.fakes.waiting import until as within
from tests.journeys.test_cards_from_a_desk import Gate
from tests.journeys.test_gates_behind_hubs import Town

until = partial(within, seconds=40)  # of a machine that does other things too
UNREADABLE = CredentialRefused(Method.QR, "pass_unreadable")


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    quick_passwords(monkeypatch)
    with ExitStack() as stack:
        town = Town(tmp_path, stack)
        employ(town.district, "gus", Role.GATE_STAFF)
        yield town


class Desk:
    """Gus sits here."""

    def __init__(self, town: Town, at: Serving, name: str) -> None:
        self.node = a_desk(at, town.folder / name)
        self.joined, self.line = Joined(self.node), self.node.line()
        self.line.bearer = self.line.sign_in("gus", PASSWORD, "").token
        town.stack.callback(self.node.close)

    def gives(self, kind: str = "weekly") -> dict[str, Any]:
        now = int(time.time())
        asked = {"kind": kind, "not_before": now - 60, "expires": now + 86_400}
        return dict(self.line.as_person("POST", "/v1/residents/p-wang/passes", asked))

    def revokes(self, given: dict[str, Any]) -> None:
        self.node.journal.append(PASS_REVOKED, {"pass": given["pass"], "by": "gus"}, subject="p-wang")
        self.joined.client.round()


def a_gate(town: Town, at: Serving, name: str) -> Gate:
    gate = Gate(at, town.folder / name)
    town.stack.callback(gate.close)
    return gate


def resident(town: Town, desk: Desk, *servers: Serving) -> None:
    desk.node.roster.register("p-wang", Profile("王", "秀兰", "女士", "Mrs", "", "3-2-501"))
    desk.joined.client.round()
    until(lambda: all(server.office.access.communities("p-wang") for server in servers))


def knows_the_district(gate: Gate, district: Serving) -> None:
    """Rounds, until the district's word has come down to this gate."""
    wanted = {k.key for k in district.office.pass_keys.listed.keys}

    def told() -> bool:
        gate.round()
        known = gate.node.pass_keys
        return known is not None and known.known is not None and wanted <= {k.key for k in known.known.keys}

    until(told)


def test_a_pass_from_the_district_opens_two_hubs_down_at_a_gate_that_is_cut_off_until_it_is_revoked(town: Town) -> None:
    gate = a_gate(town, town.low, "gate")
    desk = Desk(town, town.district, "desk")
    resident(town, desk)
    knows_the_district(gate, town.district)
    given = desk.gives()
    taken = gate.presented(Method.QR, given["text"])  # the gate has heard nothing since
    assert isinstance(taken, CredentialAccepted)
    assert taken.person_id == given["pass"], "a visitor is no sign of the resident's life"
    desk.revokes(given)
    used = CredentialRefused(Method.QR, "pass_used", given["pass"])
    until(lambda: gate.presented(Method.QR, given["text"]) == used, meanwhile=gate.round)


def test_a_gate_still_knows_the_districts_key_when_it_starts_again_without_a_line(town: Town) -> None:
    gate = a_gate(town, town.low, "gate")
    knows_the_district(gate, town.district)
    known = gate.node.pass_keys
    gate.node.close()
    again = Node(town.folder / "gate")
    town.stack.callback(again.close)
    assert again.pass_keys is not None
    assert known is not None
    assert again.pass_keys.known == known.known
    assert len(pass_keys(again)) == 3, "of the district, the street and its own hub"


def test_a_pass_from_a_hub_opens_below_it_and_nowhere_else(town: Town) -> None:
    low, elsewhere = a_gate(town, town.low, "gate"), a_gate(town, town.district, "south")
    street = Desk(town, town.street, "desk")
    resident(town, street, town.district)
    knows_the_district(low, town.district)
    elsewhere.round()
    given = street.gives()
    assert isinstance(low.presented(Method.QR, given["text"]), CredentialAccepted)
    assert elsewhere.presented(Method.QR, given["text"]) == UNREADABLE


def test_a_new_key_comes_down_and_what_the_former_one_signed_stays_good(town: Town) -> None:
    gate = a_gate(town, town.low, "gate")
    desk = Desk(town, town.district, "desk")
    resident(town, desk)
    knows_the_district(gate, town.district)
    before = desk.gives()
    commands.perform(town.district.office, "pass_key_change", {})
    after = desk.gives()
    assert gate.presented(Method.QR, after["text"]) == UNREADABLE, "the key has not come down"
    knows_the_district(gate, town.district)
    for given in (before, after):
        assert isinstance(gate.presented(Method.QR, given["text"]), CredentialAccepted)


def test_a_stolen_key_opens_nothing_once_it_is_revoked_and_desks_see_its_passes_end(town: Town) -> None:
    gate = a_gate(town, town.low, "gate")
    desk = Desk(town, town.district, "desk")
    resident(town, desk)
    commands.perform(town.district.office, "pass_key_change", {})  # the identity stays what it is
    knows_the_district(gate, town.district)
    stolen = desk.gives()
    done = commands.perform(town.district.office, "pass_key_change", {"revoke": True})
    assert done["ended"] == 1
    assert commands.perform(town.district.office, "pass_key_change", {"revoke": True})["ended"] == 0, "once"
    until(lambda: gate.presented(Method.QR, stolen["text"]) == UNREADABLE, meanwhile=gate.round)
    desk.joined.client.round()
    assert [there(f.payload)["pass"] for f in desk.node.journal.facts(PASS_REVOKED)] == [stolen["pass"]]
    knows_the_district(gate, town.district)
    assert isinstance(gate.presented(Method.QR, desk.gives()["text"]), CredentialAccepted)
    [*_, line] = town.district.office.audit.lines(about=town.district.office.store.node)
    assert line.action == "pass_key.changed"
