"""What takes an alarm away is done at a hub when the district has taken it, and never where it refuses; what is the district's
word alone is said by nobody below it."""

import pytest

from district.operator import commands
from domain.people import Role
from tests.fakes.city import City, facts_of, synced
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import PASSWORD, employ, quick_passwords
from tests.fakes.waiting import until


def knows(server: Serving, person: str) -> bool:
    return server.office.keys.find(person) is not None and bool(server.office.registry.communities_of([person]))


def erases(node: Joined, person: str, by: str) -> None:
    node.journal.append("person.erased", {"by": by}, subject=person)
    node.client.round()
    assert node.journal.pending() == 0, "its queue does not wait for it"


def test_neither_a_desk_nor_a_gate_nor_a_hub_erases_anybody(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes two people, whom the district has seen sign in; whoever took one desk over could destroy everybody's keys."""
    quick_passwords(monkeypatch)
    district = city.serve("district")
    street = city.hub("street", district)
    low = city.hub("low", street)
    servers = (district, street, low)
    kiosk, desk, above = city.join(low), city.join(low, "caregiver"), city.join(district, "caregiver")
    spared = register(kiosk)
    for node in (kiosk, desk, above):
        node.client.round()
    until(lambda: all(knows(s, spared) for s in servers))
    until(lambda: district.office.registry.device(desk.journal.device) is not None)
    chief = employ(district, "chief", Role.SUPERVISOR)
    for at in (desk, above):
        at.node.line().sign_in("chief", PASSWORD, "")

    for node in (desk, kiosk, above):
        erases(node, spared, chief)
    low.office.store.append_own("person.erased", "jinxiu", spared, 0, {"by": chief})
    marker = kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    until(lambda: any(seen[2] == marker.envelope.seq for seen in facts_of(district, "passage.recorded")))
    for server in (street, low):
        commands.perform(server.office, "quarantine_replay", {})
    assert facts_of(district, "person.erased") == facts_of(street, "person.erased") == set()
    assert all(knows(server, spared) for server in (district, street))
    above.client.round()
    assert above.journal.facts("district.put_aside"), "whoever sits there hears that it was not taken"


@pytest.mark.parametrize(("kind", "more"), [("incident.merged", {"into": "i2"}), ("incident.lowered", {"severity": 3})])
def test_no_desk_below_a_hub_loses_an_alarm_that_rings_on_above(
    city: City, monkeypatch: pytest.MonkeyPatch, kind: str, more: dict[str, object]
) -> None:
    quick_passwords(monkeypatch)
    district = city.serve("district")
    low = city.hub("low", district)
    desk, other = city.join(low, "caregiver"), city.join(low, "caregiver")
    for each in (desk, other):
        each.client.round()
    until(lambda: district.office.registry.device(desk.journal.device) is not None)
    ann, chief = employ(district, "ann", Role.CAREGIVER), employ(district, "chief", Role.SUPERVISOR)
    for login in ("ann", "chief"):
        desk.node.line().sign_in(login, PASSWORD, "")

    for by in (ann, chief):
        desk.journal.append(kind, {"by": by, "incident": "i1", **more}, subject="elder-1")
    desk.client.round()
    until(synced(other, kind))
    assert [(f.payload or {})["by"] for f in other.journal.facts(kind)] == [chief]
    assert len(facts_of(low, kind)) == 1
    until(synced(desk, "district.put_aside"))
