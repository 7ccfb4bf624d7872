"""Facts on their way up and down, through real nodes and a district that really serves."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from district.feeds.feed import read_cursor, write_cursor
from district.operator import commands
from district.upkeep import backup
from domain.consent import Purpose
from domain.errors import Mendable
from offline.line.link import Link, link_of
from offline.node import Node
from offline.transport.errors import Forked, Rejected
from offline.wire import SCHEMAS, Batch, dump
from tests.fakes.city import City
from tests.fakes.serving import ZHAO, Joined, Serving, register


def test_a_resident_enrolled_at_the_kiosk_has_a_name_at_the_desktop(join: Callable[..., Joined]) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.node.roster.profile(person) == ZHAO
    assert desk.node.roster.holds(person, Purpose.HOME_MONITORING)


def test_an_elders_passage_reaches_the_caregiver_and_anybody_elses_does_not(join: Callable[..., Joined]) -> None:
    kiosk, desk, gate = join("kiosk"), join("caregiver"), join("caregiver", gate_log=True)
    elder, other = register(kiosk), register(kiosk, watched=False)
    for person in (elder, other, None):
        kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    kiosk.client.round()
    desk.client.round()
    gate.client.round()
    assert [f.envelope.subject for f in desk.journal.facts("passage.recorded")] == [elder]
    assert [f.envelope.subject for f in gate.journal.facts("passage.recorded")] == [elder, other, None]


def test_another_communitys_facts_stay_there(join: Callable[..., Joined]) -> None:
    kiosk, desk = join("kiosk", "jinxiu"), join("caregiver", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.kinds() == []
    assert desk.transport.wanted_keys([person]) == []


def test_what_was_sent_twice_is_there_once(join: Callable[..., Joined], district: Serving) -> None:
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    events = kiosk.journal.unsent(10)
    for _ in range(3):
        ack = kiosk.client._pushing.push(events)
    assert ack.acked_through == 1
    assert district.office.store.counts()["facts"] == 1


def test_a_cloned_disk_is_healed_with_a_new_epoch(join: Callable[..., Joined], district: Serving) -> None:
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    events = kiosk.journal.unsent(10, after=0)
    kiosk.journal.append("passage.recorded", {"n": 2})
    forged = [events[0].__class__(**{f: getattr(events[0], f) for f in events[0].__struct_fields__} | {"at": 7})]
    with pytest.raises(Forked) as refused:
        kiosk.transport.push(Batch(1, 1, 1, 0, forged))
    assert refused.value.code == "fork"
    assert refused.value.epoch == 2
    assert district.office.store.counts()["facts"] == 1


def test_a_schema_from_the_future_is_refused_and_nothing_is_put_aside(
    join: Callable[..., Joined], district: Serving
) -> None:
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    with pytest.raises(Rejected) as refused:
        kiosk.transport.push(Batch(1, 99, 1, 0, kiosk.journal.unsent(1)))
    assert link_of(refused.value) is Link.OUTDATED
    assert district.office.store.counts()["quarantine"] == 0
    kiosk.client.round()
    assert district.office.store.counts()["facts"] == 1


def test_a_revoked_device_is_refused_at_its_next_request(join: Callable[..., Joined], district: Serving) -> None:
    kiosk = join("kiosk")
    kiosk.client.round()
    commands.perform(district.office, "revoke", {"device": kiosk.journal.device})
    with pytest.raises(Rejected) as refused:
        kiosk.client.round()
    assert link_of(refused.value) is Link.REVOKED


def test_a_code_serves_once_and_for_its_role_alone(tmp_path: Path, district: Serving) -> None:
    code = district.code("kiosk")
    node = Node(tmp_path / "n")
    try:
        with pytest.raises(Mendable, match="code_refused"):
            node.enrol(district.url, code, "caregiver", "x")
        node.enrol(district.url, code, "kiosk", "x")
        with pytest.raises(Mendable, match="code_refused"):
            node.enrol(district.url, code, "kiosk", "x")
        (line,) = district.office.audit.lines(action="device.")
        assert (line.actor, line.action, line.about) == (node.journal.device, "device.enrolled", node.journal.device)
    finally:
        node.close()


def test_a_code_is_refused_after_fifteen_minutes(tmp_path: Path, district: Serving) -> None:
    code = district.code("kiosk")
    wall = district.office.wall
    district.office.wall = lambda: wall() + 15 * 60 + 1
    node = Node(tmp_path / "n")
    try:
        with pytest.raises(Mendable, match="code_refused"):
            node.enrol(district.url, code, "kiosk", "x")
    finally:
        node.close()


def test_an_erasure_takes_the_payloads_and_the_key_everywhere(join: Callable[..., Joined], district: Serving) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.node.keys.find(person) is not None
    district.office.store.append_own("person.erased", "jinxiu", person, 0, {"by": "p1"})
    desk.client.round()
    assert desk.node.roster.profile(person) is None
    assert desk.node.keys.find(person) is None
    assert all(f.payload is None for f in desk.journal.facts(subject=person) if f.envelope.kind != "person.erased")
    assert desk.transport.wanted_keys([person]) == []
    assert district.office.keys.find(person) is None


def test_a_place_beyond_the_feeds_end_is_begun_anew_after_an_older_backup_was_restored(
    join: Callable[..., Joined],
) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    scope_epoch, positions = read_cursor(desk.journal.cursor)
    desk.journal.absorb([], write_cursor(scope_epoch, {c: at + 1_000 for c, at in positions.items()}))
    kiosk.journal.append("checkin.pressed", {}, subject=person)
    kiosk.client.round()
    desk.client.round()
    assert desk.kinds().count("checkin.pressed") == 1
    assert len(desk.kinds()) == len({f.envelope.id for f in desk.journal.facts()})


def test_a_place_where_another_fact_stands_since_a_backup_was_restored_is_begun_anew(
    city: City, tmp_path: Path
) -> None:
    """The feed has grown beyond where the desk was before the desk comes back: nothing tells by its number."""
    district = city.serve("district")
    port = int(district.url.rpartition(":")[2])
    kiosk, desk = city.join(district), city.join(district, "caregiver")
    person = register(kiosk)
    kiosk.client.round()
    backup.backup(tmp_path / "district" / "district.sqlite", tmp_path / "saved.sqlite")
    lost = [district.office.store.append_own("config.set", "jinxiu", None, 1, {"n": n}).event.id for n in range(3)]
    desk.client.round()
    city.stop("district")
    backup.restore(tmp_path / "saved.sqlite", tmp_path / "district" / "district.sqlite")

    back = city.serve("district", port=port)
    kiosk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    kiosk.journal.append_all([("checkin.pressed", {}, person, None, None) for _ in range(5)])
    kiosk.client.round()
    assert back.office.hub.head("jinxiu") > read_cursor(desk.journal.cursor)[1]["jinxiu"]
    with pytest.raises(Rejected, match="cursor"):  # a receipt for facts that it has never seen
        desk.transport.put_cursor(desk.journal.cursor)
    desk.client.round()
    assert desk.kinds().count("consent.withdrawn") == 1
    assert desk.kinds().count("checkin.pressed") == 5
    assert {f.envelope.id for f in desk.journal.facts("config.set")} == set(lost), "a replica gives nothing up"
    assert {i.event.id for i in back.office.store.told(["config.set"])} == set(lost), "and the district has them again"
    desk.client.round()
    before = desk.journal.cursor
    desk.client.round()
    assert desk.journal.cursor == before


@pytest.mark.parametrize("bad", [r'"\ud800"', r'"\udfff!"', r'"\ud83d\u0041"'])
def test_half_of_a_surrogate_pair_in_one_fact_keeps_the_others_of_its_batch(
    join: Callable[..., Joined], district: Serving, bad: str
) -> None:
    kiosk = join("kiosk")
    kiosk.journal.append_all([("passage.recorded", {"said": f"n{n}"}, None, None, None) for n in range(3)])
    body = json.dumps(json.loads(dump(Batch(1, 1, 1, 0, kiosk.journal.unsent(3)))), separators=(",", ":"))
    told = kiosk.transport.request(
        "POST", f"/v1/devices/{kiosk.journal.device}/events", body.replace('"n1"', bad).encode()
    )
    assert told.json() == {"acked_through": 3, "missing": [], "quarantined": [2]}
    assert district.office.store.counts()["facts"] == 2


def test_what_was_put_aside_can_be_looked_at_and_joins_the_feed_when_it_can_be_read(
    join: Callable[..., Joined], district: Serving
) -> None:
    kiosk, desk = join("kiosk", "jinxiu"), join("caregiver", "yulan")
    kiosk.journal.append("passage.recorded", {"n": 1})
    theirs = msgspec.structs.replace(
        kiosk.journal.unsent(1)[0], community="yulan", kind="checkin.pressed", subject="e1"
    )
    me = kiosk.journal.device
    ack = kiosk.transport.push(Batch(1, 1, 1, 0, [theirs]))
    assert (ack.acked_through, ack.quarantined) == (1, [1])
    listed = commands.perform(district.office, "quarantine", {})["quarantine"]
    assert [(q["device"], q["seq"]) for q in listed] == [(me, 1)]
    assert "may not write" in listed[0]["reason"]
    shown = commands.perform(district.office, "quarantine_show", {"device": me, "epoch": 1, "seq": 1})
    assert json.loads(shown["raw"])["id"] == theirs.id
    told = commands.perform(district.office, "quarantine_replay", {})
    assert (told["kept"], len(told["still"])) == (0, 1)

    commands.perform(district.office, "scope", {"device": me, "communities": ["jinxiu", "yulan"]})
    assert commands.perform(district.office, "quarantine_replay", {"device": me}) == {"kept": 1, "still": []}
    desk.client.round()
    assert desk.kinds() == ["checkin.pressed"]
    assert district.office.store.counts()["quarantine"] == 0
    assert kiosk.transport.push(Batch(1, 1, 1, 0, [theirs])).acked_through == 1, "sent again, it changes nothing"
    assert district.office.store.counts()["facts"] == 1
    with pytest.raises(Mendable, match="quarantine_unknown"):
        commands.perform(district.office, "quarantine_show", {"device": me, "epoch": 1, "seq": 1})


def test_a_client_one_schema_version_back_is_served_byte_for_byte(
    join: Callable[..., Joined], district: Serving
) -> None:
    """What the first release's kiosk sends: no `doubted`, no payload, fields in an order of its own, and no compression."""
    kiosk = join("kiosk")
    me = kiosk.journal.device
    digest = "95b532cc4381affdff0d956e12520a04129ed49d37e154228368fe5621f0b9a2"
    body = (
        b'{"schema":1,"epoch":1,"first_seq":1,"sent_at":1795000000000,"events":[{"id":"0123456789abcdef0123456789abcdef",'
        b'"seq":1,"kind":"passage.recorded","schema":1,"community":"jinxiu","subject":null,"at":1795000000000,'
        b'"clock":"synced","hlc":"01a1ee565c00.0000","digest":"' + digest.encode() + b'"}]}'
    )
    told = kiosk.transport.request("POST", f"/v1/devices/{me}/events", body).json()
    assert {"acked_through": 1, "missing": [], "quarantined": []}.items() <= told.items()
    page = kiosk.transport.request("GET", "/v1/feed?cursor=&wait=0").json()
    assert {"items", "cursor", "more", "tombstones", "erased"} <= page.keys(), "what it knows to read is there"
    assert SCHEMAS[0] == 1, "the oldest schema served: once 2 is written, this test keeps 1"


def test_the_software_version_that_is_wanted_comes_down_with_the_greeting(
    district: Serving, join: Callable[..., Joined]
) -> None:
    kiosk = join("kiosk")
    kiosk.client.round()
    assert kiosk.client.wanted == ""
    district.office.settings = district.office.settings.model_copy(update={"wanted_version": "99.1"})
    kiosk.client._last_hello = None
    kiosk.client.round()
    assert kiosk.client.wanted == "99.1"
