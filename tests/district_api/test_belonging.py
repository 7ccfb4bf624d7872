"""Nobody is made to belong to a community by whoever has come by their id: where somebody belongs, their key is given out."""

from collections.abc import Callable

import pytest

from district.operator import commands
from district.upkeep.quarantine import listed
from domain.people import Role
from tests.fakes.city import City
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import PASSWORD, employ
from tests.fakes.waiting import until

WORDS: dict[str, dict[str, object]] = {
    "person.registered": {"profile": "x", "revision": 9},
    "consent.given": {"purpose": "home_monitoring", "text": "v1"},
    "consent.withdrawn": {"purpose": "home_monitoring", "text": "v1"},
    "careplan.proposed": {"base": ""},
}


def says(device: Joined, kind: str, person: str, by: str = "") -> None:
    device.journal.append(kind, {**WORDS[kind], "by": by or person}, subject=person)
    device.client.round()
    assert device.journal.pending() == 0, "its queue does not wait for it"


@pytest.mark.parametrize("kind", WORDS)
def test_a_desk_that_knows_the_id_of_somebody_of_elsewhere_is_not_given_their_key(
    district: Serving, join: Callable[..., Joined], kind: str
) -> None:
    kiosk, thief = join("kiosk"), join("caregiver", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    chief = employ(district, "chief", Role.SUPERVISOR, "yulan")
    thief.client.round()
    thief.node.line().sign_in("chief", PASSWORD, "")
    says(thief, kind, person, chief)
    district.office.nightwatch.tick(district.office.now())
    thief.client.round()
    assert thief.transport.wanted_keys([person]) == []
    assert district.office.registry.communities_of([person]) == {person: {"jinxiu"}}
    commands.perform(district.office, "quarantine_replay", {})
    [aside] = listed(district.office)["quarantine"]
    assert aside["reason"] == f"elsewhere: {kind} of somebody who belongs to another community"


def test_a_desk_of_both_communities_may_and_then_the_other_ones_gates_know_the_name(
    district: Serving, join: Callable[..., Joined]
) -> None:
    kiosk, gate, desk = join("kiosk"), join("kiosk", "yulan"), join("caregiver", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    both = {"device": desk.journal.device, "communities": ["yulan", "jinxiu"], "gate_log": False}
    commands.perform(district.office, "scope", both)
    desk.client.round()
    profile = desk.node.roster.profile(person)
    assert profile is not None
    desk.node.roster.register(person, profile, desk.node.roster.revision(person) + 1)
    desk.client.round()
    gate.until(lambda: gate.node.roster.profile(person) == profile)
    assert listed(district.office)["quarantine"] == []


def test_nor_is_one_below_a_hub_of_both(city: City) -> None:
    """The hub nearest to it has never heard of her; the one above has."""
    district = city.serve("district")
    street = city.hub("street", district)
    (hub,) = district.office.registry.devices()
    both = {"device": hub.id, "communities": ["jinxiu", "yulan"], "gate_log": False}
    commands.perform(district.office, "scope", both)
    low = city.hub("low", street, "yulan")
    kiosk, thief = city.join(street), city.join(low, "caregiver", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    until(lambda: district.office.keys.find(person) and street.office.keys.find(person))
    says(thief, "person.registered", person)
    until(lambda: listed(street.office)["quarantine"])
    thief.client.round()
    assert thief.transport.wanted_keys([person]) == []
    assert low.office.keys.find(person) is None
    assert district.office.registry.communities_of([person]) == {person: {"jinxiu"}}
