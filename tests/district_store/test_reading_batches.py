"""What becomes of a batch before it reaches the store."""

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from district.ingest import MAX_NESTING, Unreadable, nesting, prepare, read_batch
from district.scope import DeviceRole, Lane
from district.store.port import HASH, LANE, TRUSTED, Prepared
from domain.events import Clock
from domain.subjects import of_gate, of_gateway, of_stray
from offline.wire import Batch, Event, dump
from tests.contracts.store_facts import COMMUNITIES, NOW, event
from tests.fakes.there import there

ROLE = DeviceRole.HUB


def prepared(*events: Event, sent_at: int = NOW, received: int = NOW + 10_000, role: DeviceRole = ROLE) -> Prepared:
    return prepare(Batch(1, 1, 1, sent_at, list(events)), [], "v1", role, COMMUNITIES, received)


def changed(e: Event, **how: Any) -> Event:
    other: Event = msgspec.structs.replace(e, **how)
    return other


@given(st.integers(1, 2**53 - 1), st.none() | st.from_regex(r"\A[A-Za-z0-9_.:-]{1,64}\Z"), st.sampled_from(Clock))
def test_the_hash_of_a_row_is_the_hash_of_its_envelope(seq: int, subject: str | None, clock: Clock) -> None:
    e = changed(event(1, subject=subject, at=NOW), clock=clock, seq=seq)
    assert prepared(e).facts[0][HASH].hex() == e.envelope("v1", 1).content_hash()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"id": "short"}, "malformed"),
        ({"digest": "0" * 64}, "digest"),
        ({"kind": "No.Kind"}, "malformed"),
        ({"hlc": "now"}, "malformed"),
        ({"subject": "a b"}, "malformed"),
        ({"subject": "shed:a b"}, "malformed"),
        ({"subject": "gate:a\nb"}, "malformed"),
        ({"schema": 99}, "schema"),
        ({"at": -1}, "range"),
        ({"at": 253_402_300_799_999}, "range"),  # the last ms of 9999: in China there is no such date
        ({"salt": "?"}, ""),
        ({"salt": None}, "together"),
        ({"payload": msgspec.Raw(b"[1]")}, "object"),
        ({"community": "elsewhere"}, "may not write"),
        ({"kind": "district.audit"}, "may not write"),
    ],
)
def test_what_is_wrong_with_a_fact_puts_it_aside_and_it_alone(how: dict[str, Any], reason: str) -> None:
    found = prepared(event(1), changed(event(2), **how), event(3))
    assert [p.seq for p in found.poison] == [2]
    assert reason in found.poison[0].reason
    assert len(found.facts) == 2


@pytest.mark.parametrize(
    "subject", [of_gate("南门 2"), of_gateway("锦绣社区", "bridge/东区"), of_stray("jinxiu", "0x00158d/button 7")]
)
def test_what_is_about_a_gate_a_gateway_or_a_stray_device_is_kept_under_the_name_people_gave_it(subject: str) -> None:
    found = prepared(changed(event(1), subject=subject))
    assert (len(found.facts), found.poison) == (1, [])


@pytest.mark.parametrize(
    ("told", "kept"), [({"below": "v1"}, True), ({"below": "v2"}, False), ({}, False), ({"below": ""}, False)]
)
def test_that_a_withdrawal_is_applied_a_hub_says_of_the_gates_below_it_alone(told: dict[str, str], kept: bool) -> None:
    """Said without more it would be the district's word, and count for every gate of the community."""
    found = prepared(event(1, kind="consent.applied", subject="p1", payload={"withdrawal": "w1", **told}))
    assert (len(found.facts), len(found.poison)) == ((1, 0) if kept else (0, 1))


@pytest.mark.parametrize("body", [b'{"a":1e999}', b'{"a":"\xff"}', b'{"a":%s}' % (b"9" * 5000)])
def test_a_payload_that_no_reader_could_read_is_put_aside(body: bytes) -> None:
    good = event(1)
    salt = b64decode(there(good.salt))
    bad = changed(event(2), payload=msgspec.Raw(body), salt=good.salt, digest=sha256(salt + body).hexdigest())
    found = prepared(good, bad, event(3))
    assert [p.seq for p in found.poison] == [2]
    assert len(found.facts) == 2


def test_a_kiosk_may_open_an_incident_and_not_close_one() -> None:
    found = prepared(event(1, "incident.opened"), event(2, "incident.closed"), role=DeviceRole.KIOSK)
    assert [p.seq for p in found.poison] == [2]


def test_a_fact_whose_time_cannot_be_believed_is_evidence() -> None:
    ahead = event(1, at=NOW + 86_400_000)
    alone = changed(event(2), clock=Clock.UNSYNCED)
    assert [f[TRUSTED] for f in prepared(ahead, alone).facts] == [0, 0]
    assert [f[TRUSTED] for f in prepared(alone, received=NOW + 3_000).facts] == [1]


def test_an_event_that_is_none_does_not_take_the_batch_with_it() -> None:
    whole = json.loads(dump(Batch(1, 1, 1, NOW, [event(1), event(2), event(3)])))
    whole["events"][1] = {"seq": 2, "id": 7}
    batch, poison = read_batch(json.dumps(whole).encode())
    assert [e.seq for e in batch.events] == [1, 3]
    assert [p.seq for p in poison] == [2]


@pytest.mark.parametrize("broken", ['{"seq": 2, "id": 7}', r'{"seq": 2, "id": "\ud800"}'])
def test_what_a_hub_doubts_stays_doubted_beside_an_event_that_is_none(broken: str) -> None:
    """Read as if the hub had believed it, a sign of life of no certain time would clear an alarm."""
    body = dump(Batch(1, 1, 1, NOW, [event(1), event(3)], doubted=[1])).decode()
    batch, poison = read_batch(body.replace('"events":[', f'"events":[{broken},').encode())
    found = prepare(batch, poison, "v1", ROLE, COMMUNITIES, NOW + 10_000, vouched=True)
    assert [f[TRUSTED] for f in found.facts] == [0, 1]
    assert [p.seq for p in found.poison] == [2]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"epoch":1}', b"[" * 100_000])
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_batch(body)


def test_a_payload_that_nests_too_deeply_is_put_aside() -> None:
    deep = '{"a":' * (MAX_NESTING + 1) + "1" + "}" * (MAX_NESTING + 1)
    assert nesting(deep.encode()) == MAX_NESTING + 1
    assert nesting(('{"a":"' + "[" * 100 + '"}').encode()) == 1


def test_a_facts_lane_follows_from_its_kind() -> None:
    kinds = {
        "consent.given": Lane.ROSTER,
        "incident.opened": Lane.URGENT,
        "sign.door": Lane.CARE,
        "call.rang": Lane.CALL,
    }
    found = prepared(*(event(n, kind, subject="p1") for n, kind in enumerate(kinds, 1)))
    assert [f[LANE] for f in found.facts] == list(kinds.values())
