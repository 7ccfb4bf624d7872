"""Community, street, district: three servers that really serve, each syncing to the one above, and devices at every level."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from district.config import Limits
from district.door.limiting import Limiter
from district.operator import commands
from district.scope import DeviceRole
from district.store.devices import Device, device_id
from domain.errors import Mendable
from offline.keys.identity import b64
from offline.keys.signing import Signer
from offline.line.link import Link
from offline.transport.errors import Rejected, TryAgain
from offline.wire import Batch
from tests.fakes.city import City, facts_of, synced
from tests.fakes.serving import ZHAO, register
from tests.fakes.there import there
from tests.fakes.waiting import until


def test_a_passage_climbs_to_the_district_under_its_own_number_and_names_follow(city: City) -> None:
    district = city.serve("district")
    street = city.hub("street", district)
    community = city.hub("community", street)
    kiosk, desk = city.join(community), city.join(district, "caregiver")
    elder = register(kiosk)
    kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=elder)
    kiosk.client.round()
    below = facts_of(community, "passage.recorded")
    assert {row[0] for row in below} == {kiosk.journal.device}
    until(lambda: facts_of(district, "passage.recorded") == below)
    assert facts_of(street, "passage.recorded") == below
    until(synced(desk, "passage.recorded"))
    desk.until(lambda: desk.node.roster.profile(elder) == ZHAO)
    found = {d["id"]: d["via"] for d in commands.perform(district.office, "devices", {})["devices"]}
    street_device = street.joined.device
    assert found[kiosk.journal.device] == street_device
    until(lambda: street.office.registry.device(kiosk.journal.device))
    street.hub_line.upstream._declared = 0  # half a minute later
    street.hub_line.sync.poke()
    low_device = community.joined.device
    until(lambda: [d.via for d in district.office.registry.in_service(DeviceRole.KIOSK)] == [low_device])


def test_a_hub_cut_off_goes_on_serving_and_catches_up(city: City) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    city.stop("district")
    until(lambda: hub.hub_line.status.link is Link.UNREACHABLE)
    for n in range(30):
        kiosk.journal.append("passage.recorded", {"n": n}, subject=elder)
    kiosk.client.round()
    desk.client.round()
    assert len(desk.journal.facts("passage.recorded")) == 30, "the desk at the hub works on"
    late = city.join(hub)
    late.journal.append("passage.recorded", {"n": 30}, subject=elder)
    late.client.round()

    back = city.serve("district", port=port)
    until(lambda: facts_of(back, "passage.recorded") == facts_of(hub, "passage.recorded"), 60)
    assert len(facts_of(back, "passage.recorded")) == 31
    assert back.office.store.counts()["quarantine"] == 0


def test_what_was_revoked_at_the_district_is_refused_at_the_hub(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.client.round()
    until(lambda: district.office.registry.device(kiosk.journal.device))
    commands.perform(district.office, "revoke", {"device": kiosk.journal.device})
    hub.hub_line.upstream._declared = 0  # half a minute later
    hub.hub_line.sync.poke()
    until(lambda: there(hub.office.registry.device(kiosk.journal.device)).revoked)
    with pytest.raises(Rejected, match="device_revoked"):
        kiosk.client.round()


def test_a_hub_speaks_for_its_own_devices_alone_and_they_do_not_speak_upstream(city: City) -> None:
    district = city.serve("district")
    hub, other = city.hub("hub", district), city.hub("other", district, "yulan")
    kiosk, stranger = city.join(hub), city.join(other, community="yulan")
    for each in (kiosk, stranger):
        each.journal.append("passage.recorded", {"n": 1})
        each.client.round()
    until(lambda: len(facts_of(district, "passage.recorded")) == 2)
    line = there(hub.hub_line.upstream._transport)
    with pytest.raises(Rejected, match="out_of_scope"):
        line.relay(stranger.journal.device, Batch(1, 1, 2, 0, []))
    district.office.registry.revoke(kiosk.journal.device, district.office.now_ms())
    with pytest.raises(Rejected, match="origin_revoked"):
        line.relay(kiosk.journal.device, Batch(1, 1, 2, 0, []))
    straight = kiosk.node._transport(district.url, "")
    straight.sign_as(kiosk.journal.device, Signer(kiosk.journal.device, kiosk.node.identity.sign))
    with pytest.raises(Rejected, match="signature"):
        straight.feed("", 0)


def test_each_device_below_a_hub_has_an_allowance_of_its_own(city: City) -> None:
    """One for all would be used up by a street's gates within a minute, and an alarm behind them would wait."""
    district = city.serve("district")
    hub = city.hub("hub", district)
    gates = [city.join(hub).journal.device for _ in range(3)]
    until(lambda: all(district.office.registry.device(gate) for gate in gates))
    line = hub.hub_line.upstream._line(hub.joined)
    district.office.limiter = Limiter(Limits(device="3/minute"))
    for gate in gates * 3:
        line.relay(gate, Batch(1, 1, 1, 0, []))
    for gate in gates:
        with pytest.raises(TryAgain, match="too_many"):
            line.relay(gate, Batch(1, 1, 1, 0, []))


def test_a_street_with_eight_thousand_devices_is_heard_above(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)

    def gates(count: int) -> list[Device]:
        keys = [secrets.token_bytes(32) for _ in range(count)]
        return [
            Device(device_id(key), DeviceRole.KIOSK, f"gate {n}", ("jinxiu",), False, b64(key), b64(key), 1, 1, n)
            for n, key in enumerate(keys)
        ]

    street = gates(8_000)

    def enrol(execute: Callable[..., Sequence[tuple[Any, ...]]]) -> None:
        for d in street:
            execute(
                "INSERT INTO devices (id, role, name, communities, gate_log, sign_key, box_key, epoch, scope_epoch, enrolled)"
                " VALUES (?, 'kiosk', ?, ?, 0, ?, ?, 1, 1, ?)",
                (d.id, d.name, '["jinxiu"]', d.sign_key, d.box_key, d.enrolled),
            )

    hub.office.store.write(enrol)
    hub.office.registry.refresh()
    kiosk = city.join(hub)
    kiosk.journal.append("passage.recorded", {"outcome": "identified"})
    kiosk.client.round()
    until(lambda: facts_of(district, "passage.recorded"))
    assert {d.id for d in district.office.registry.devices()} > {d.id for d in street}
    gone = street[-1].id
    commands.perform(district.office, "revoke", {"device": gone})
    hub.hub_line.upstream._declared = 0  # thirty seconds later
    hub.hub_line.sync.poke()
    until(lambda: there(hub.office.registry.device(gone)).revoked is not None)


def test_the_district_says_of_devices_below_a_hub_where_they_are_and_when_they_were_heard(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.client.round()

    def told() -> dict[str, object] | None:
        found = commands.perform(district.office, "devices", {})["devices"]
        return next((d for d in found if d["id"] == kiosk.journal.device and d["seen"]), None)

    hub.hub_line.upstream._declared = 0  # half a minute has passed
    until(told)
    assert there(told())["via"] == hub.joined.device


def test_a_server_without_anybody_above_it_joins_nobody(city: City) -> None:
    district = city.serve("district")
    with pytest.raises(Mendable, match="no_upstream"):
        commands.perform(district.office, "join", {"code": "x"})


def test_a_hub_that_has_not_joined_waits(city: City) -> None:
    district = city.serve("district")
    hub = city.serve("hub", district.url)
    with pytest.raises(TryAgain, match="not_joined"):
        hub.hub_line.upstream.round()
    with pytest.raises(Mendable, match="code_refused"):
        commands.perform(hub.office, "join", {"code": "x-" + district.code("hub").rpartition("-")[2]})
