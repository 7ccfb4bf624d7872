"""What cannot be undone, or takes an alarm away, is done at a hub when the district has taken it, and never where it refuses."""

import pytest

from district.operator import commands
from domain.people import Role
from tests.fakes.city import City, facts_of, synced
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import PASSWORD, employ, quick_passwords
from tests.fakes.waiting import until


def knows(server: Serving, person: str) -> bool:
    return server.office.keys.find(person) is not None and bool(server.office.registry.communities_of([person]))


def erases(desk: Joined, person: str, by: str) -> None:
    desk.journal.append("person.erased", {"by": by}, subject=person)
    desk.client.round()
    assert desk.journal.pending() == 0, "the desk's queue does not wait for it"


def test_an_erasure_at_a_hubs_desk_waits_for_the_district(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_passwords(monkeypatch)
    district = city.serve("district")
    street = city.hub("street", district)
    low = city.hub("low", street)
    servers = (district, street, low)
    kiosk, desk = city.join(low), city.join(low, "caregiver")
    spared, gone = register(kiosk), register(kiosk)
    kiosk.client.round()
    desk.client.round()
    until(lambda: all(knows(s, p) for s in servers for p in (spared, gone)))
    until(lambda: district.office.registry.device(desk.journal.device) is not None)
    ann, chief = employ(district, "ann", Role.CAREGIVER), employ(district, "chief", Role.SUPERVISOR)
    for login in ("ann", "chief"):
        desk.node.line().sign_in(login, PASSWORD, "")

    erases(desk, spared, ann)
    until(lambda: facts_of(low, "district.put_aside"))
    assert all(knows(server, spared) for server in servers)
    assert facts_of(low, "person.erased") == set()

    commands.perform(low.office, "quarantine_replay", {})
    assert knows(low, spared), "nor does anybody's trying again at the hub put it in force"

    erases(desk, gone, chief)
    until(lambda: not any(knows(server, gone) for server in servers))
    until(lambda: facts_of(low, "person.erased") == facts_of(district, "person.erased") != set())
    reasons = [row[0] for row in low.office.store.read("SELECT reason FROM quarantine")]
    assert len(reasons) == 1
    assert reasons[0].startswith("handed up")
    desk.client.round()
    assert desk.journal.facts("district.put_aside")


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
