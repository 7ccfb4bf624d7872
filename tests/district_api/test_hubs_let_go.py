"""A device that leaves its hub for another place is heard there, and nothing that it said on either side is lost or told twice."""

import json
from functools import partial

import pytest

from district.hubs.upstream import Upstream
from offline.transport.errors import Rejected
from offline.transport.http import HttpTransport
from offline.wire import Batch, Below
from tests.fakes.city import City, facts_of
from tests.fakes.serving import Joined, Serving
from tests.fakes.there import there
from tests.fakes.waiting import until

PASSAGE = "passage.recorded"


def said(server: Serving) -> list[int]:
    """The numbers that gates wrote into their passages, as a server has them, in order."""
    return sorted(
        json.loads(bytes(i.event.payload))["n"] for i in server.office.store.told([PASSAGE]) if i.event.payload
    )


def say(gate: Joined, *numbers: int) -> None:
    for n in numbers:
        gate.journal.append(PASSAGE, {"n": n})


def upstream_of(hub: Serving) -> Upstream:
    assert hub.office.hub_line is not None
    return hub.hub_line.upstream


def declare_at_once(hub: Serving) -> None:
    assert hub.office.hub_line is not None
    upstream_of(hub)._declared = 0
    hub.hub_line.sync.poke()


def is_below(above: Serving, hub: Serving, gate: Joined) -> bool:
    known, joined = above.office.registry.device(gate.journal.device), upstream_of(hub).joined
    return known is not None and joined is not None and known.via == joined.device


def moved(gate: Joined, to: Serving) -> Joined:
    gate.node.enrol(to.url, to.code("kiosk"), "kiosk", "moved")
    return Joined(gate.node)


def test_a_gate_that_joins_the_district_itself_is_heard_there_and_its_hub_hands_on_what_it_still_has(
    city: City,
) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    gate, other = city.join(hub), city.join(hub)
    say(gate, 1, 2)
    gate.client.round()
    until(lambda: said(district) == [1, 2])
    port = int(district.url.rpartition(":")[2])
    city.stop("district")
    say(gate, 3)
    gate.client.round()
    say(gate, 4)  # nobody has this yet
    district = city.serve("district", port=port)
    gate = moved(gate, district)
    say(gate, 5)
    gate.client.round()
    say(other, 6)
    other.client.round()
    declare_at_once(hub)
    until(lambda: said(district) == [1, 2, 3, 4, 5, 6])
    say(gate, 7)
    gate.client.round()
    known = district.office.registry.device(gate.journal.device)
    assert known is not None
    assert known.via is None
    until(lambda: there(hub.office.registry.device(gate.journal.device)).revoked)
    assert said(district) == [1, 2, 3, 4, 5, 6, 7]
    assert {device for device, *_ in facts_of(district, PASSAGE)} == {gate.journal.device, other.journal.device}


def test_a_gate_goes_from_hub_to_hub_and_back(city: City) -> None:
    district = city.serve("district")
    east, west = city.hub("east", district), city.hub("west", district)
    gate = city.join(east)
    for n, hub in enumerate((west, east, west)):
        say(gate, n)
        gate = moved(gate, hub)
        say(gate, 10 + n)
        gate.client.round()
        declare_at_once(hub)
        until(partial(is_below, district, hub, gate))
        declare_at_once(east)
        declare_at_once(west)
    until(lambda: said(district) == [0, 1, 2, 10, 11, 12])
    assert {device for device, *_ in facts_of(district, PASSAGE)} == {gate.journal.device}


def test_an_answer_about_a_gate_that_has_come_back_meanwhile_revokes_nobody(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    gate = city.join(hub)
    say(gate, 1)
    gate.client.round()
    until(partial(is_below, district, hub, gate))
    gate = moved(gate, district)
    declare, back = HttpTransport.declare, list[Joined]()

    def answered_late(line: HttpTransport, now_ms: int, devices: list[Below]) -> list[str]:
        gone = declare(line, now_ms, devices)
        if gone and not back:
            back.append(moved(gate, hub))
        return gone

    monkeypatch.setattr(HttpTransport, "declare", answered_late)
    declare_at_once(hub)
    until(lambda: back)
    say(back[0], 2)
    back[0].client.round()
    until(partial(is_below, district, hub, gate))
    until(lambda: said(district) == [1, 2])
    assert {device for device, *_ in facts_of(district, PASSAGE)} == {gate.journal.device}


def test_a_hub_speaks_for_a_device_that_has_left_as_far_as_it_knew_it(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    gate = city.join(hub)
    say(gate, 1)
    gate.client.round()
    until(lambda: said(district) == [1])
    gate = moved(gate, district)
    line = upstream_of(hub)._transport
    assert line is not None
    assert line.relay(gate.journal.device, Batch(1, 1, 2, 0, [])).acked_through == 1
    with pytest.raises(Rejected, match="out_of_scope"):
        line.relay(gate.journal.device, Batch(gate.journal.epoch, 1, 1, 0, []))
    district.office.registry.revoke(gate.journal.device, district.office.now_ms())
    with pytest.raises(Rejected, match="origin_revoked"):
        line.relay(gate.journal.device, Batch(1, 1, 2, 0, []))


def test_one_whom_the_district_does_not_hear_through_this_hub_does_not_keep_the_others_waiting(city: City) -> None:
    """Its key is known above for other communities, which is no hub's to change: what it says is told by the hub itself."""
    district = city.serve("district")
    hub = city.hub("hub", district)
    gate, neighbour = city.join(district), city.join(hub)
    district.office.registry.rescope(gate.journal.device, ["jinxiu", "yulan"], False)
    gate = moved(gate, hub)
    say(gate, 1)
    gate.client.round()
    say(neighbour, 2)
    neighbour.client.round()
    until(lambda: said(district) == [1, 2])
    assert {device for device, *_ in facts_of(district, PASSAGE)} == {hub.office.store.node, neighbour.journal.device}
