"""Community, street, district: three servers that really serve, each syncing to the one above, and devices at every level."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from district.config import DistrictSettings
from district.operator import commands
from district.scope import DeviceRole
from district.upkeep import backup
from domain.consent import Purpose
from domain.errors import Mendable
from offline.node import Node
from offline.signing import Signer
from offline.sync import COMPARE_EVERY_MS, Link
from offline.transport import Rejected, TryAgain
from offline.wire import Batch
from tests.district_api.conftest import GENEROUS, Joined, Serving, run_district
from tests.district_api.test_journey_of_facts import ZHAO, register
from watch.standby import PATIENCE


class City:
    """Servers by name, each on a folder of its own, and the devices that joined them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._devices = folder, stack, 0
        self._held: dict[str, tuple[ExitStack, DistrictSettings]] = {}

    def serve(self, name: str, upstream: str = "", port: int = 0) -> Serving:
        """Start a server, or start it again where it was stopped."""
        settings = DistrictSettings(
            port=port, data=self._folder / name, limits=GENEROUS, upstream=upstream, name=name, zone="Asia/Shanghai"
        )
        held = self._stack.enter_context(ExitStack())
        running = held.enter_context(contextmanager(run_district)(settings))
        self._held[name] = (held, settings)
        if running.office.hub_line is not None:
            running.office.hub_line.start()
        return running

    def hub(self, name: str, above: Serving, community: str = "jinxiu") -> Serving:
        hub = self.serve(name, above.url)
        commands.perform(hub.office, "join", {"code": above.code("hub", community), "name": name})
        return hub

    def stop(self, name: str) -> None:
        self._held[name][0].close()

    def join(self, at: Serving, role: str = "kiosk", community: str = "jinxiu", gate_log: bool = False) -> Joined:
        node = Node(self._folder / f"node{self._devices}")
        self._devices += 1
        node.enrol(at.url, at.code(role, community, gate_log), role, f"{role} {self._devices}")
        self._stack.callback(node.close)
        return Joined(node)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with ExitStack() as stack:
        yield City(tmp_path, stack)


def comes_true(what: Callable[[], object], within_s: float = 20.0) -> object:
    """Wait for something that other threads bring about."""
    ends, pause = time.monotonic() + within_s, threading.Event()
    while not (found := what()):
        assert time.monotonic() < ends, "it did not come true"
        pause.wait(0.02)
    return found


def facts_of(server: Serving, kind: str) -> set[tuple[str, int, int, str]]:
    """(device, epoch, seq, hash) of every fact of a kind."""
    return {(i.device, i.epoch, i.event.seq, i.hash) for i in server.office.store.told([kind])}


def names(server: Serving) -> set[str]:
    """Devices in homes, as their facts name them."""
    items = server.office.store.told(["home.device_registered"])
    return {json.loads(bytes(i.event.payload))["device"] for i in items}


def synced(desk: Joined, kind: str) -> Callable[[], object]:
    def look() -> object:
        desk.client.round()
        return desk.journal.facts(kind)

    return look


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
    comes_true(lambda: facts_of(district, "passage.recorded") == below)
    assert facts_of(street, "passage.recorded") == below
    comes_true(synced(desk, "passage.recorded"))
    comes_true(lambda: desk.client.round() or desk.node.roster.profile(elder) == ZHAO)
    found = {d["id"]: d["via"] for d in commands.perform(district.office, "devices", {})["devices"]}
    street_device = street.office.hub_line.upstream.joined.device
    assert found[kiosk.journal.device] == street_device
    comes_true(lambda: street.office.registry.device(kiosk.journal.device))
    street.office.hub_line.upstream._declared = 0  # half a minute later
    street.office.hub_line.sync.poke()
    low_device = community.office.hub_line.upstream.joined.device
    comes_true(lambda: [d.via for d in district.office.registry.in_service(DeviceRole.KIOSK)] == [low_device])


def test_a_withdrawal_at_the_district_reaches_a_kiosk_two_hubs_down(city: City) -> None:
    district = city.serve("district")
    street = city.hub("street", district)
    community = city.hub("community", street)
    desk, kiosk = city.join(district, "caregiver"), city.join(community)
    person = register(desk, watched=False)
    desk.client.round()
    comes_true(lambda: kiosk.client.round() or kiosk.node.roster.profile(person) == ZHAO)
    assert kiosk.node.roster.holds(person, Purpose.FACE_AT_GATE)
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    comes_true(lambda: desk.client.round() or desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))
    comes_true(lambda: kiosk.client.round() or not kiosk.node.roster.holds(person, Purpose.FACE_AT_GATE))
    comes_true(lambda: desk.client.round() or not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE))


def test_a_hub_cut_off_goes_on_serving_and_catches_up(city: City) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    comes_true(lambda: facts_of(district, "person.registered"))
    city.stop("district")
    comes_true(lambda: hub.office.hub_line.status.link is Link.UNREACHABLE)
    for n in range(30):
        kiosk.journal.append("passage.recorded", {"n": n}, subject=elder)
    kiosk.client.round()
    desk.client.round()
    assert len(desk.journal.facts("passage.recorded")) == 30, "the desk at the hub works on"
    late = city.join(hub)
    late.journal.append("passage.recorded", {"n": 30}, subject=elder)
    late.client.round()

    back = city.serve("district", port=port)
    comes_true(lambda: facts_of(back, "passage.recorded") == facts_of(hub, "passage.recorded"), 60)
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
    opened = comes_true(synced(desk, "incident.opened"))
    assert [f.envelope.device for f in opened] == [district.office.store.node]
    assert [f.payload["confirmed"] for f in opened] == [True]
    desk.journal.append("incident.acknowledged", {"incident": opened[0].payload["incident"], "by": "c1"}, subject=elder)
    desk.client.round()
    comes_true(lambda: facts_of(district, "incident.acknowledged"))


def test_a_hub_that_has_lost_its_district_raises_the_alarm_itself_unconfirmed(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk = city.join(hub), city.join(hub, "caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    comes_true(lambda: facts_of(district, "person.registered"))
    city.stop("district")
    comes_true(lambda: hub.office.hub_line.status.link is Link.UNREACHABLE)
    night = hub.office.nightwatch
    night._standby._down_since = night._clock() - 2 * PATIENCE
    comes_true(lambda: night._standby.watching)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    opened = comes_true(synced(desk, "incident.opened"))
    assert [(f.envelope.device, f.payload["confirmed"]) for f in opened] == [(hub.office.store.node, False)]


def test_what_was_revoked_at_the_district_is_refused_at_the_hub(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.client.round()
    comes_true(lambda: district.office.registry.device(kiosk.journal.device))
    commands.perform(district.office, "revoke", {"device": kiosk.journal.device})
    hub.office.hub_line.upstream._declared = 0  # half a minute later
    hub.office.hub_line.sync.poke()
    comes_true(lambda: hub.office.registry.device(kiosk.journal.device).revoked)
    with pytest.raises(Rejected, match="device_revoked"):
        kiosk.client.round()


def test_a_hub_speaks_for_its_own_devices_alone_and_they_do_not_speak_upstream(city: City) -> None:
    district = city.serve("district")
    hub, other = city.hub("hub", district), city.hub("other", district, "yulan")
    kiosk, stranger = city.join(hub), city.join(other, community="yulan")
    for each in (kiosk, stranger):
        each.journal.append("passage.recorded", {"n": 1})
        each.client.round()
    comes_true(lambda: len(facts_of(district, "passage.recorded")) == 2)
    line = hub.office.hub_line.upstream._transport
    with pytest.raises(Rejected, match="out_of_scope"):
        line.relay(stranger.journal.device, Batch(1, 1, 2, 0, []))
    straight = kiosk.node._transport(district.url, "")
    straight.sign_as(kiosk.journal.device, Signer(kiosk.journal.device, kiosk.node.identity.sign))
    with pytest.raises(Rejected, match="signature"):
        straight.feed("", 0)


def test_a_district_restored_from_an_older_backup_gets_again_what_it_lost(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    hub = city.hub("hub", district)
    kiosk = city.join(hub)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    comes_true(lambda: facts_of(district, "passage.recorded"))
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    comes_true(lambda: len(facts_of(district, "passage.recorded")) == 2)
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")
    back = city.serve("district", port=port)
    assert len(facts_of(back, "passage.recorded")) == 1
    hub.office.hub_line.upstream._last_hello = None  # ten minutes later
    hub.office.hub_line.sync.poke()
    comes_true(lambda: facts_of(back, "passage.recorded") == facts_of(hub, "passage.recorded"))


def test_a_hub_restored_from_an_older_backup_tells_its_later_facts_anew(city: City, tmp_path: Path) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    home = {"community": "jinxiu", "elder": "e1"}
    commands.perform(hub.office, "device_add", {**home, "name": "watch-1"})
    comes_true(lambda: len(facts_of(district, "home.device_registered")) == 1)
    backup.backup(tmp_path / "hub" / "district.sqlite", tmp_path / "saved.sqlite")
    commands.perform(hub.office, "device_add", {**home, "name": "watch-2"})
    comes_true(lambda: len(facts_of(district, "home.device_registered")) == 2)
    city.stop("hub")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "hub" / "district.sqlite")

    again = contextmanager(run_district)
    with again(DistrictSettings(port=0, data=tmp_path / "hub", limits=GENEROUS, upstream=district.url)) as restored:
        commands.perform(restored.office, "device_add", {**home, "name": "watch-3"})  # under the number of watch-2
        restored.office.hub_line.start()
        comes_true(lambda: names(district) == {"watch-1", "watch-2", "watch-3"})
        commands.perform(restored.office, "device_add", {**home, "name": "watch-4"})
        comes_true(lambda: "watch-4" in names(district))


def test_a_hub_that_has_lost_facts_from_above_notices_and_reads_them_again(city: City) -> None:
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk = city.join(district)
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.journal.append("passage.recorded", {"n": 2})
    kiosk.client.round()
    whole = facts_of(district, "passage.recorded")
    comes_true(lambda: facts_of(hub, "passage.recorded") == whole)

    def lose(execute: Callable[..., Sequence[tuple]]) -> None:
        triggers = execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        for name, _ in triggers:
            execute(f"DROP TRIGGER {name}")
        lost = execute("SELECT row FROM facts WHERE device = ? AND seq = 2", (kiosk.journal.device,))[0][0]
        execute("DELETE FROM payloads WHERE fact = ?", (lost,))
        execute("DELETE FROM facts WHERE row = ?", (lost,))
        for _, sql in triggers:
            execute(sql)

    hub.office.store.write(lose)
    assert len(facts_of(hub, "passage.recorded")) == 1
    upstream = hub.office.hub_line.upstream
    comes_true(lambda: upstream._compared is not None)
    upstream._compared -= COMPARE_EVERY_MS  # six hours later
    hub.office.hub_line.sync.poke()
    comes_true(lambda: facts_of(hub, "passage.recorded") == whole)
    upstream._compared -= COMPARE_EVERY_MS
    hub.office.hub_line.sync.poke()
    comes_true(lambda: not upstream.drift.unmended)


def test_a_server_without_anybody_above_it_joins_nobody(city: City) -> None:
    district = city.serve("district")
    with pytest.raises(Mendable, match="no_upstream"):
        commands.perform(district.office, "join", {"code": "x"})


def test_a_hub_that_has_not_joined_waits(city: City) -> None:
    district = city.serve("district")
    hub = city.serve("hub", district.url)
    with pytest.raises(TryAgain, match="not_joined"):
        hub.office.hub_line.upstream.round()
    with pytest.raises(Mendable, match="code_refused"):
        commands.perform(hub.office, "join", {"code": "x-" + district.code("hub").rpartition("-")[2]})
