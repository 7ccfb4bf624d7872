"""The feed comes compressed to whoever takes that, and as it is to everybody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import zstandard

from offline.keys.signing import Message, Signer
from tests.fakes.serving import Joined, Serving

Join = Callable[..., Joined]


def asked(node: Joined, url: str, accepts: str | None) -> tuple[dict[str, str], bytes]:
    """Headers and the very bytes of a page of the feed."""
    import http.client
    from urllib.parse import urlsplit

    target = f"{url}/v1/feed?cursor=&wait=0"
    message = Message("GET", target, {"Content-Type": "application/json"}, b"")
    Signer(node.journal.device, node.node.identity.sign).sign(message, node.node.clock.now())
    headers = dict(message.headers) | ({} if accepts is None else {"Accept-Encoding": accepts})
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        line.request("GET", "/v1/feed?cursor=&wait=0", headers=headers)
        answer = line.getresponse()
        return {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        line.close()


@pytest.fixture
def desk(join: Join) -> Joined:
    kiosk, desk = join("kiosk"), join("caregiver", gate_log=True)
    told = {"outcome": "identified", "gate": "south", "direction": "in", "method": "face"}
    kiosk.journal.append_all([("passage.recorded", told | {"score": n}, f"p-{n}", None, None) for n in range(500)])
    kiosk.client.round()
    return desk


@pytest.mark.parametrize("accepts", ["zstd", "gzip, deflate, zstd;q=0.5", "ZSTD"])
def test_a_page_travels_in_less_than_half(desk: Joined, district: Serving, accepts: str) -> None:
    plain_headers, plain = asked(desk, district.url, None)
    headers, packed = asked(desk, district.url, accepts)
    assert "content-encoding" not in plain_headers
    assert (headers["content-encoding"], headers["vary"]) == ("zstd", "Accept-Encoding")
    assert json.loads(zstandard.decompress(packed)) == json.loads(plain)
    assert len(json.loads(plain)["items"]) == 500
    assert len(packed) * 2 < len(plain), (len(packed), len(plain))


@pytest.mark.parametrize("accepts", [None, "gzip, deflate", "identity", "zstd;q=0"])
def test_who_does_not_take_it_gets_it_as_it_is(desk: Joined, district: Serving, accepts: str | None) -> None:
    headers, body = asked(desk, district.url, accepts)
    assert "content-encoding" not in headers
    assert len(json.loads(body)["items"]) == 500


def test_a_node_reads_it(desk: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.client.round()
    assert len(desk.journal.facts("passage.recorded")) == 500
    answers: list[str] = []
    call = desk.transport.request

    def heard(*told: Any, **more: Any) -> requests.Response:
        found = call(*told, **more)
        answers.append(found.headers.get("Content-Encoding", ""))
        return found

    monkeypatch.setattr(desk.transport, "request", heard)
    desk.transport.feed("", 0)
    assert answers == ["zstd"]
