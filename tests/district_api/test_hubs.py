"""Community, street, district: three servers that really serve, each syncing to the one above, and devices at every level."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from district.config import DistrictSettings, Limits
from district.limiting import Limiter
from district.operator import commands
from district.scope import DeviceRole
from district.store.devices import Device, device_id
from district.upkeep import backup
from domain.consent import Purpose
from domain.errors import Mendable
from offline.identity import b64
from offline.link import BACKOFF_CAP_S, URGENT_CAP_S, Link
from offline.signing import Signer
from offline.transport.errors import Rejected, TryAgain
from offline.wire import Batch
from tests.fakes.city import City, facts_of, names, synced
from tests.fakes.serving import GENEROUS, ZHAO, register, run_district
from tests.fakes.spoiling import spoil
from tests.fakes.there import there
from tests.fakes.waiting import until
from watch.standby import PATIENCE


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


def test_a_hub_cut_off_goes_on_serving_and_catches_up(city: City) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    until(lambda: facts_of(district, "person.registered"))
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


def test_an_alarm_below_a_hub_is_the_districts_to_raise_and_rings_at_the_hubs_desk(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    opened = [(f.envelope.device, there(f.payload)) for f in desk.journal.facts("incident.opened")]
    assert [device for device, _ in opened] == [district.office.store.node]
    assert [said["confirmed"] for _, said in opened] == [True]
    desk.journal.append("incident.acknowledged", {"incident": opened[0][1]["incident"], "by": "c1"}, subject=elder)
    desk.client.round()
    until(lambda: facts_of(district, "incident.acknowledged"))


def test_a_hub_that_has_lost_its_district_raises_the_alarm_itself_unconfirmed(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    until(lambda: facts_of(district, "person.registered"))
    city.stop("district")
    until(lambda: hub.hub_line.status.link is Link.UNREACHABLE)
    night, standby = hub.office.nightwatch, there(hub.office.nightwatch._standby)
    standby._down_since = night._clock() - 2 * PATIENCE
    until(lambda: standby.watching)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    opened = [(f.envelope.device, there(f.payload)) for f in desk.journal.facts("incident.opened")]
    assert [(device, said["confirmed"]) for device, said in opened] == [(hub.office.store.node, False)]


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


def test_a_district_restored_from_an_older_backup_gets_again_what_it_lost(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    until(lambda: facts_of(district, "passage.recorded"))
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    until(lambda: len(facts_of(district, "passage.recorded")) == 2)
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")
    back = city.serve("district", port=port)
    assert len(facts_of(back, "passage.recorded")) == 1
    hub.hub_line.upstream._last_hello = None  # ten minutes later
    hub.hub_line.sync.poke()
    until(lambda: facts_of(back, "passage.recorded") == facts_of(hub, "passage.recorded"))


def test_what_a_restored_district_says_next_reaches_a_hub_that_has_what_it_had_said_before(
    city: City, tmp_path: Path
) -> None:
    """Its own facts count on from where the backup ended; those below have others under these numbers."""
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    until(lambda: facts_of(district, "person.registered"))
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    home = {"community": "jinxiu", "elder": elder}
    for n in range(20):
        commands.perform(district.office, "device_add", {**home, "name": f"watch-{n}"})
    until(lambda: len(facts_of(hub, "home.device_registered")) == 20)
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")

    back = city.serve("district", port=port)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    until(lambda: facts_of(back, "incident.opened"))
    until(synced(desk, "incident.opened"))
    assert facts_of(hub, "incident.opened") == facts_of(back, "incident.opened")


def test_a_hub_restored_from_an_older_backup_tells_its_later_facts_anew(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    home = {"community": "jinxiu", "elder": "e1"}
    commands.perform(hub.office, "device_add", {**home, "name": "watch-1"})
    until(lambda: len(facts_of(district, "home.device_registered")) == 1)
    backup.backup(tmp_path / "hub" / "district.sqlite", tmp_path / "saved.sqlite")
    commands.perform(hub.office, "device_add", {**home, "name": "watch-2"})
    until(lambda: len(facts_of(district, "home.device_registered")) == 2)
    city.stop("hub")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "hub" / "district.sqlite")

    again = contextmanager(run_district)
    with again(DistrictSettings(port=0, data=tmp_path / "hub", limits=GENEROUS, upstream=district.url)) as restored:
        commands.perform(restored.office, "device_add", {**home, "name": "watch-3"})  # under the number of watch-2
        restored.hub_line.start()
        until(lambda: names(district) == {"watch-1", "watch-2", "watch-3"})
        commands.perform(restored.office, "device_add", {**home, "name": "watch-4"})
        until(lambda: "watch-4" in names(district))


def test_a_hub_that_has_lost_facts_from_above_notices_and_reads_them_again(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(district)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    whole = facts_of(district, "passage.recorded")
    until(lambda: facts_of(hub, "passage.recorded") == whole)

    second = f"SELECT row FROM facts WHERE device = '{kiosk.journal.device}' AND seq = 2"
    spoil(
        hub.office.store, f"DELETE FROM payloads WHERE fact IN ({second})", f"DELETE FROM facts WHERE row IN ({second})"
    )
    assert len(facts_of(hub, "passage.recorded")) == 1
    hub.compare_again()
    until(lambda: facts_of(hub, "passage.recorded") == whole)
    hub.compare_again()
    until(lambda: not hub.hub_line.upstream.drift.unmended)


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


def test_an_alarm_that_waits_at_a_hub_is_tried_again_within_seconds_and_what_can_wait_is_not(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    line = hub.hub_line
    until(lambda: not line.upstream.pending())
    there(line._scheduler).pause()  # this test ticks
    city.stop("district")
    sync, longest = line.sync, 1.0
    sync._chance = lambda: longest
    for kind, cap in (("passage.recorded", BACKOFF_CAP_S), ("incident.opened", URGENT_CAP_S)):
        kiosk.journal.append(kind, {}, subject="p1")
        kiosk.client.round()
        for _ in range(10):
            sync.poke()
            sync.tick()
        assert sync.status.link is Link.UNREACHABLE
        assert sync._wait == cap * 1000
