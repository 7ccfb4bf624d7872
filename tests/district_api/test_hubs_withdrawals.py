"""A withdrawal through hubs: it reaches every gate, and is pending until each has said so."""

from functools import partial

from domain.consent import Purpose
from tests.fakes.city import City, facts_of
from tests.fakes.serving import ZHAO, register
from tests.fakes.waiting import until


def test_a_withdrawal_at_the_district_reaches_a_kiosk_two_hubs_down(city: City) -> None:
    district = city.serve("district")
    street = city.hub("street", district)
    community = city.hub("community", street)
    desk, kiosk = city.join(district, "caregiver"), city.join(community)
    person = register(desk, watched=False)
    desk.client.round()
    kiosk.until(lambda: kiosk.node.roster.profile(person) == ZHAO)
    assert kiosk.node.roster.holds(person, Purpose.FACE_AT_GATE)
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    desk.until(lambda: desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))
    kiosk.until(lambda: not kiosk.node.roster.holds(person, Purpose.FACE_AT_GATE))
    desk.until(lambda: not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))


def test_a_hub_says_so_of_the_gates_below_it_alone(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    desk, beside, below = city.join(district, "caregiver"), city.join(district), city.join(hub)
    person = register(desk, watched=False)
    desk.client.round()
    for gate in (beside, below):
        gate.until(partial(gate.node.roster.holds, person, Purpose.FACE_AT_GATE))
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    below.until(lambda: not below.node.roster.holds(person, Purpose.FACE_AT_GATE))
    until(lambda: facts_of(district, "consent.applied"))
    desk.until(lambda: desk.journal.facts("consent.applied"))
    assert desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE), "the gate beside the hub has not said so"
    beside.client.round()
    desk.until(lambda: not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))


def test_a_hub_that_is_cut_off_keeps_a_withdrawal_pending_for_it_may_have_gates_unheard_of(city: City) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    desk, gate = city.join(district, "caregiver"), city.join(district)
    person = register(desk, watched=False)
    desk.client.round()
    until(lambda: facts_of(hub, "consent.given"))
    city.stop("district")
    late = city.join(hub)
    late.until(lambda: late.node.roster.holds(person, Purpose.FACE_AT_GATE))
    city.stop("hub")
    district = city.serve("district", port=port)
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    gate.until(lambda: not gate.node.roster.holds(person, Purpose.FACE_AT_GATE))
    desk.client.round()
    assert district.office.registry.device(late.journal.device) is None
    assert desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

    city.serve("hub", district.url, int(hub.url.rpartition(":")[2]))
    late.until(lambda: not late.node.roster.holds(person, Purpose.FACE_AT_GATE))
    desk.until(lambda: not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))
