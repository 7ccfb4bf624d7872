"""Facts on their way up and down, through real nodes and a district that really serves."""

import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime

import msgspec
import pytest

from district.config import Limits
from district.feed import read_cursor, write_cursor
from district.intake import webhook
from district.ledger import StoreLedger
from district.limiting import Limiter
from district.operator import commands
from domain.consent import Purpose
from domain.errors import Mendable
from offline.link import Link, link_of
from offline.node import Node
from offline.stream import StreamListener
from offline.transport.errors import Rejected
from offline.wire import SCHEMAS, Batch, FeedItem, dump
from tests.fakes.serving import ZHAO, register
from tests.fakes.waiting import until


def test_a_resident_enrolled_at_the_kiosk_has_a_name_at_the_desktop(join):
    kiosk, desk = join("kiosk"), join("caregiver")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.node.roster.profile(person) == ZHAO
    assert desk.node.roster.holds(person, Purpose.HOME_MONITORING)


def test_an_elders_passage_reaches_the_caregiver_and_anybody_elses_does_not(join):
    kiosk, desk, gate = join("kiosk"), join("caregiver"), join("caregiver", gate_log=True)
    elder, other = register(kiosk), register(kiosk, watched=False)
    for person in (elder, other, None):
        kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    kiosk.client.round()
    desk.client.round()
    gate.client.round()
    assert [f.envelope.subject for f in desk.journal.facts("passage.recorded")] == [elder]
    assert [f.envelope.subject for f in gate.journal.facts("passage.recorded")] == [elder, other, None]


def test_another_communitys_facts_stay_there(join):
    kiosk, desk = join("kiosk", "jinxiu"), join("caregiver", "yulan")
    person = register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.kinds() == []
    assert desk.transport.wanted_keys([person]) == []


def test_what_was_sent_twice_is_there_once(join, district):
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    events = kiosk.journal.unsent(10)
    for _ in range(3):
        ack = kiosk.client._push(events)
    assert ack.acked_through == 1
    assert district.office.store.counts()["facts"] == 1


def test_a_cloned_disk_is_healed_with_a_new_epoch(join, district):
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    kiosk.client.round()
    events = kiosk.journal.unsent(10, after=0)
    kiosk.journal.append("passage.recorded", {"n": 2})
    forged = [events[0].__class__(**{f: getattr(events[0], f) for f in events[0].__struct_fields__} | {"at": 7})]
    with pytest.raises(Rejected) as refused:
        kiosk.transport.push(Batch(1, 1, 1, 0, forged))
    assert refused.value.code == "fork"
    assert refused.value.epoch == 2
    assert district.office.store.counts()["facts"] == 1


def test_a_schema_from_the_future_is_refused_and_nothing_is_put_aside(join, district):
    kiosk = join("kiosk")
    kiosk.journal.append("passage.recorded", {"n": 1})
    with pytest.raises(Rejected) as refused:
        kiosk.transport.push(Batch(1, 99, 1, 0, kiosk.journal.unsent(1)))
    assert link_of(refused.value) is Link.OUTDATED
    assert district.office.store.counts()["quarantine"] == 0
    kiosk.client.round()
    assert district.office.store.counts()["facts"] == 1


def test_a_revoked_device_is_refused_at_its_next_request(join, district):
    kiosk = join("kiosk")
    kiosk.client.round()
    commands.perform(district.office, "revoke", {"device": kiosk.journal.device})
    with pytest.raises(Rejected) as refused:
        kiosk.client.round()
    assert link_of(refused.value) is Link.REVOKED


def test_a_code_serves_once_and_for_its_role_alone(tmp_path, district):
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


def test_a_code_is_refused_after_fifteen_minutes(tmp_path, district):
    code = district.code("kiosk")
    wall = district.office.wall
    district.office.wall = lambda: wall() + 15 * 60 + 1
    node = Node(tmp_path / "n")
    try:
        with pytest.raises(Mendable, match="code_refused"):
            node.enrol(district.url, code, "kiosk", "x")
    finally:
        node.close()


def post_signal(district, bridge, payload) -> dict:
    body = json.dumps({"topic": "zigbee2mqtt/watch-1", "payload": payload}).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    request = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as told:
        return json.load(told)


@pytest.mark.parametrize(("body", "status", "problem"), [(b"{", 400, "not_json"), (b"{}", 401, "bad_signature")])
def test_a_signal_that_was_refused_is_counted_and_kept_to_be_looked_at(district, body, status, problem):
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    sent = body if status == 400 else b'{"device":"b","kind":"sos"}'
    request = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", sent, headers, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
    assert refused.value.code == status
    desk = district.office.nightwatch.desk
    assert desk.counts["webhook", problem] == 1
    (kept,) = desk.memory.problems()
    assert (kept["problem"], kept["community"], kept["raw"]) == (
        problem,
        "jinxiu",
        body.decode() if status == 400 else "",
    )


def test_a_device_that_moves_is_taken_out_of_the_home_where_it_stood_and_one_removed_stands_nowhere(district):
    given = {"community": "jinxiu", "name": "hall", "elder": "p1", "place": "hall", "every": 10}
    commands.perform(district.office, "device_add", given)
    commands.perform(district.office, "device_add", {**given, "elder": "p2"})
    ledger = StoreLedger(district.office.store)
    assert [(f.kind, f.subject) for f in ledger.told(["home.device_registered", "home.device_removed"])] == [
        ("home.device_registered", "p1"), ("home.device_removed", "p1"), ("home.device_registered", "p2"),
    ]  # fmt: skip
    assert commands.perform(district.office, "device_remove", {"community": "jinxiu", "name": "hall"})["elder"] == "p2"
    with pytest.raises(Mendable, match="home_device_unknown"):
        commands.perform(district.office, "device_remove", {"community": "jinxiu", "name": "hall"})


def test_a_fall_alarm_is_streamed_to_the_desktop_and_its_acknowledgement_comes_back(join, district):
    kiosk, desk = join("kiosk"), join("caregiver")
    elder = register(kiosk)
    kiosk.client.round()
    commands.perform(district.office, "device_add", {"community": "jinxiu", "name": "watch-1", "elder": elder})
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    heard: list[FeedItem] = []
    stands, done = threading.Event(), threading.Event()

    def listen() -> None:
        for said in desk.transport.stream(""):
            stands.set()
            if isinstance(said, FeedItem) and said.event.kind == "incident.opened":
                heard.append(said)
                done.set()
                return

    listener = threading.Thread(target=listen)
    listener.start()
    assert stands.wait(5)
    post_signal(district, bridge, {"fall_status": "fall_alarm", "battery": 80})
    assert done.wait(5)
    listener.join()
    (standing,) = commands.perform(district.office, "device_list", {})["devices"]
    assert standing["device"] == "watch-1"
    assert standing["heard"]
    desk.journal.absorb(heard)
    opened = desk.journal.facts("incident.opened")[0]
    assert opened.envelope.subject == elder
    assert opened.payload["kind"] == "fall"
    desk.journal.append("incident.acknowledged", {"incident": opened.payload["incident"], "by": "p1"}, subject=elder)
    desk.client.round()
    assert "incident.acknowledged" in [i.event.kind for i in district.office.store.about(elder)]


def test_a_signal_with_a_wrong_secret_is_refused(district):
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        post_signal(district, bridge | {"secret": "guess"}, {"sos": True})
    assert refused.value.code == 401
    refused.value.close()


def test_a_bridges_allowance_is_used_up_by_what_it_signed_alone_and_a_call_for_help_is_never_sent_away(district):
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    district.office.limiter = Limiter(Limits(intake="2/minute"))
    for status in (401, 401, 429):
        with pytest.raises(urllib.error.HTTPError) as refused:
            post_signal(district, bridge | {"secret": "guess"}, {"battery": 80})
        refused.value.close()
        assert refused.value.code == status
    for level in (80, 79):
        post_signal(district, bridge, {"battery": level})
    with pytest.raises(urllib.error.HTTPError) as refused:
        post_signal(district, bridge, {"battery": 78})
    refused.value.close()
    assert refused.value.code == 429
    assert post_signal(district, bridge, {"sos": True, "battery": 78})["signals"]


def test_the_stream_resumes_where_it_was_left(join, district):
    desk = join("caregiver")
    for n in range(3):
        district.office.store.append_own("incident.evidence", "jinxiu", None, n, {"n": n})
    stream = desk.transport.stream("1")
    came = [said.position for said in (next(stream) for _ in range(4)) if isinstance(said, FeedItem)]
    stream.close()
    assert came == [2, 3]


def test_who_was_away_for_long_is_told_all_of_it_without_a_pause(join, district, monkeypatch):
    monkeypatch.setattr("district.api.stream._PAGE", 2)
    desk = join("caregiver")
    for n in range(6):
        district.office.store.append_own("incident.evidence", "jinxiu", None, n, {"n": n})
    district.office.hub._community("jinxiu").complete_from = 7  # too long ago to be at hand
    stream = desk.transport.stream("1")
    came = [getattr(next(stream), "position", None) for _ in range(6)]
    stream.close()
    assert came == [None, 2, 3, 4, 5, 6], "nothing but the greeting between them"


def test_a_desk_of_two_communities_resumes_in_each_where_it_was(join, district):
    """The one's feed is far longer than the other's: a single number for both would pass over what came in the shorter one."""
    desk = join("caregiver")
    commands.perform(district.office, "scope", {"device": desk.journal.device, "communities": ["jinxiu", "yulan"]})
    tell = district.office.store.append_own
    for n in range(9):
        tell("incident.evidence", "jinxiu", None, n, {"n": n})
    desk.client.round()
    listener = StreamListener(desk.journal, desk.transport, lambda: None)
    listener._began = True  # the line was cut, and meanwhile:
    missed = tell("incident.evidence", "yulan", None, 10, {"n": 10})
    listener.start()
    until(lambda: missed.event.id in [f.envelope.id for f in desk.journal.facts("incident.evidence")])
    listener.stop()


def test_an_erasure_takes_the_payloads_and_the_key_everywhere(join, district):
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


def test_a_place_beyond_the_feeds_end_is_begun_anew_after_an_older_backup_was_restored(join):
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


@pytest.mark.parametrize("bad", [r'"\ud800"', r'"\udfff!"', r'"\ud83d\u0041"'])
def test_half_of_a_surrogate_pair_in_one_fact_keeps_the_others_of_its_batch(join, district, bad):
    kiosk = join("kiosk")
    kiosk.journal.append_all([("passage.recorded", {"said": f"n{n}"}, None, None, None) for n in range(3)])
    body = json.dumps(json.loads(dump(Batch(1, 1, 1, 0, kiosk.journal.unsent(3)))), separators=(",", ":"))
    told = kiosk.transport.request(
        "POST", f"/v1/devices/{kiosk.journal.device}/events", body.replace('"n1"', bad).encode()
    )
    assert told.json() == {"acked_through": 3, "missing": [], "quarantined": [2]}
    assert district.office.store.counts()["facts"] == 2


def test_what_was_put_aside_can_be_looked_at_and_joins_the_feed_when_it_can_be_read(join, district):
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


def test_a_client_one_schema_version_back_is_served_byte_for_byte(join, district):
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


def test_a_withdrawal_is_pending_until_every_gate_has_applied_it(join, district):
    north, south, desk = join("kiosk"), join("kiosk"), join("caregiver")
    person = register(north)
    for each in (north, south, desk):
        each.client.round()

    def pending() -> bool:
        desk.client.round()
        return desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

    assert not pending()
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    assert pending()
    north.client.round()
    assert pending(), "one gate is still without it"
    forged = {"withdrawal": desk.journal.facts("consent.withdrawn")[0].envelope.id}
    south.journal.append("consent.applied", forged, subject=person)
    south.client._push_all()
    assert pending(), "a kiosk does not write receipts"
    south.client.round()
    assert not pending()
    receipts = district.office.store.told(["consent.applied"])
    assert [(r.device, r.event.subject) for r in receipts] == [(district.office.store.node, person)]


def test_no_device_says_of_another_what_it_has_applied(join, district):
    north, south = join("kiosk"), join("kiosk")
    for each in (north, south):
        each.client.round()
    applied = district.office.registry.cursors()
    north.transport._device = south.journal.device
    with pytest.raises(Rejected, match="out_of_scope"):
        north.transport.put_cursor(applied[north.journal.device][0])
    assert district.office.registry.cursors()[south.journal.device] == applied[south.journal.device]


def test_a_revoked_gate_keeps_no_withdrawal_waiting(join, district):
    north, south, desk = join("kiosk"), join("kiosk"), join("caregiver")
    person = register(north)
    north.client.round()
    desk.client.round()
    desk.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "v1", person)
    desk.client.round()
    commands.perform(district.office, "revoke", {"device": south.journal.device})
    north.client.round()
    desk.client.round()
    assert not desk.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)


def test_the_software_version_that_is_wanted_comes_down_with_the_greeting(district, join):
    kiosk = join("kiosk")
    kiosk.client.round()
    assert kiosk.client.wanted == ""
    district.office.settings = district.office.settings.model_copy(update={"wanted_version": "99.1"})
    kiosk.client._last_hello = None
    kiosk.client.round()
    assert kiosk.client.wanted == "99.1"
