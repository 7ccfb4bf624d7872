"""Nonsense that no generator finds, signed and signed in, on both databases: refused, and never a fault of ours."""

import base64
import http.client
import json
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from district.config import DistrictSettings
from district.store.devices import device_id
from domain.people import Role
from offline.keys.identity import Identity, b64
from offline.keys.signing import Message, Signer
from offline.node import Node
from tests.fakes.serving import GENEROUS, Serving, run_district
from tests.fakes.staff import People

HUGE = 2**70


class Liar:
    """A hub that is enrolled, an administrator's session, and requests of which every byte is chosen."""

    def __init__(self, district: Serving, folder: Path) -> None:
        self.district, self.node = district, Node(folder)
        self.node.enrol(district.url, district.code("hub"), "hub", "hub")
        self.me = self.node.journal.device
        people = People(district)
        people.add("boss", {"*": {Role.ADMINISTRATOR}})
        self.token = people.token("boss")

    def asks(self, method: str, path: str, body: bytes = b"", last: str = "") -> int:
        """The status of the answer. `last`: of the stream, where it is to go on."""
        host = self.district.url.partition("//")[2]
        told = Message(method, self.district.url + path, {"Host": host, "Content-Type": "application/json"}, body)
        Signer(self.me, self.node.identity.sign).sign(told, datetime.now(UTC))
        headers = {**told.headers, "Authorization": f"Bearer {self.token}"} | ({"Last-Event-ID": last} if last else {})
        with closing(http.client.HTTPConnection(host, timeout=20)) as line:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                line.putheader(name, value.encode("latin-1"))
            line.endheaders(body or None)
            return line.getresponse().status


@pytest.fixture(params=["sqlite", "postgresql"])
def liar(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Liar]:
    database = "" if request.param == "sqlite" else request.getfixturevalue("empty_database")()
    settings = DistrictSettings(port=0, data=tmp_path / "d", limits=GENEROUS, database=database)
    with contextmanager(run_district)(settings) as district:
        found = Liar(district, tmp_path / "hub")
        yield found
        found.node.close()


def cursor(*told: object) -> str:
    return _packed(json.dumps(told).encode())


def _packed(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def below(**wrong: Any) -> bytes:
    """What a hub tells of a kiosk, but for what is wrong with it."""
    me = Identity.create()
    told = {
        "id": device_id(me.sign_public), "role": "kiosk", "name": "gate", "communities": ["jinxiu"], "gate_log": False,
        "sign_key": b64(me.sign_public), "box_key": b64(me.box_public), "epoch": 1, "enrolled": 5,
    }  # fmt: skip
    return json.dumps({"now": 1, "devices": [told | wrong]}).encode()


def test_cursors(liar: Liar) -> None:
    deep = _packed(zlib.compress(b'[1,{},{},"",' + b"[" * 200_000 + b"]" * 200_000 + b"]", 9))
    nowhere = [
        cursor(HUGE, {"jinxiu": 1}), cursor(1, {"jinxiu": HUGE}), cursor(7, {"jinxiu": HUGE}), cursor(-1, {"jinxiu": 1}),
        cursor(1, {"jinxiu": 1}, {"x": HUGE}), cursor(1, {"jinxiu": 10**6}, {}, "-" * 8), deep,
    ]  # fmt: skip
    for each in nowhere:
        for path in ("/v1/feed", "/v1/checksums"):
            assert liar.asks("GET", f"{path}?cursor={each}") == 410, (path, each)
        told = json.dumps({"cursor": each}).encode()
        assert liar.asks("PUT", f"/v1/devices/{liar.me}/cursor", told) in (410, 422), each
    assert liar.district.office.registry.cursors() == {}


@pytest.mark.parametrize("last", ["\u00b2", "9" * 5_000, "9" * 20, "-1", cursor(1, {"jinxiu": HUGE})])
def test_where_a_stream_is_to_go_on(liar: Liar, last: str) -> None:
    assert liar.asks("GET", "/v1/stream", last=last) == 200, "it begins now"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a\0b"},
        {"communities": ["jinxiu", "b\0"]},
        {"epoch": HUGE},
        {"enrolled": HUGE},
        {"enrolled": -1},
        {"revoked": HUGE},
    ],
)
def test_what_a_hub_tells_of_those_below(liar: Liar, wrong: dict[str, Any]) -> None:
    assert liar.asks("PUT", f"/v1/devices/{liar.me}/below", below()) == 200
    assert liar.asks("PUT", f"/v1/devices/{liar.me}/below", below(**wrong)) == 422


def test_words_with_a_nul(liar: Liar) -> None:
    assert liar.asks("POST", "/v1/keys/wanted", json.dumps({"people": ["a\0b"]}).encode()) == 422
    me = Identity.create()
    enrolment = {
        "code": liar.district.code("kiosk"), "role": "kiosk", "name": "a\0b", "sign_key": b64(me.sign_public),
        "box_key": b64(me.box_public), "box_signature": b64(me.box_signature),
    }  # fmt: skip
    assert liar.asks("POST", "/v1/enroll", json.dumps(enrolment).encode()) == 422
    for method, path in (
        ("PATCH", "/v1/accounts/%00"), ("POST", "/v1/accounts/a%00b/invitation"), ("GET", "/begin/%00"), ("POST", "/r/%00"),
        ("GET", "/v1/audit?actor=%00"), ("POST", "/arrived/a%00/b"),
    ):  # fmt: skip
        assert 400 <= liar.asks(method, path, b"{}" if method != "GET" else b"") < 500, path


def test_words_with_a_nul_about_a_gate(liar: Liar) -> None:
    passage = {"kiosk": "a\0b", "epoch": 1, "seq": 1, "sealed": ""}
    for path, asked in (("/v1/passages/picture", passage), ("/v1/calls/c1/open", {"kiosk": "a\0b", "nonce": "\0"})):
        assert liar.asks("POST", path, json.dumps(asked).encode()) in (403, 404, 422), path


def test_words_that_the_district_is_to_have_said(liar: Liar) -> None:
    """Its own facts it takes from anybody, and nonsense from nobody."""
    node, body = liar.district.office.store.node, b'{"n": 1}'
    salt = base64.b64encode(b"0123456789abcdef" * 2)
    whole = {
        "seq": 1, "id": "0" * 32, "kind": "sign.sos", "schema": 1, "community": "jinxiu", "at": 1, "clock": "synced",
        "hlc": f"{1:012x}.0000", "digest": sha256(b"0123456789abcdef" * 2 + body).hexdigest(), "salt": salt.decode(),
        "payload": {"n": 1},
    }  # fmt: skip
    wrong: list[dict[str, Any]] = [
        {}, {"salt": salt.decode() + "!\n"}, {"salt": ""}, {"salt": None}, {"hlc": "\0"}, {"hlc": "zz"}, {"seq": HUGE}, {"seq": -1},
        {"at": -HUGE}, {"at": HUGE}, {"community": "\0"}, {"subject": "\0"}, {"id": "\0"}, {"digest": "zz"}, {"kind": "\0"},
        {"payload": None}, {"clock": "never"}, {"schema": HUGE},
    ]  # fmt: skip
    for each in wrong:
        told = {"epoch": 1, "schema": 1, "first_seq": 1, "sent_at": 1, "events": [whole | each]}
        for text in (json.dumps(told), json.dumps(told).replace('{"n": 1}', '{"n": 1e999}')):
            assert liar.asks("POST", f"/v1/devices/{node}/events", text.encode()) in (200, 422), each
    assert liar.district.office.store.counts() == {"facts": 0, "payloads": 0, "quarantine": 0, "evidence": 0}


def test_what_is_pressed_on_a_page(liar: Liar) -> None:
    for path in ("/r/nobodys", "/begin/nobodys"):
        for form in (b"&".join(b"a%d=1" % n for n in range(20)), b"%FF=%00", b"step=%FF", b"=" * 9_000):
            assert liar.asks("POST", path, form) == 404, (path, form[:20])


def test_a_cursor_that_an_older_version_wrote_is_believed_as_far_as_is_remembered(liar: Liar) -> None:
    """A database that was put back remembers less; what stands in those places now was never read."""
    office, at = liar.district.office, liar.me
    for n in range(3):
        office.store.append_own("passage.recorded", "jinxiu", None, n, {"n": n})

    def asks(place: int) -> int:
        return liar.asks("GET", f"/v1/feed?cursor={cursor(1, {'jinxiu': place})}")

    assert asks(2) == 410
    office.registry.put_cursor(at, cursor(1, {"jinxiu": 2}), 1)
    assert [asks(place) for place in (2, 3)] == [200, 410]
