"""What homes report over HTTP, and in whose home a device stands."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from district.config import Limits
from district.door.limiting import Limiter
from district.intake import webhook
from district.ledger import StoreLedger
from district.operator import commands
from domain.errors import Mendable
from offline.wire import FeedItem
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.there import there


def post_signal(district: Serving, bridge: Mapping[str, str], payload: object) -> dict[str, Any]:
    body = json.dumps({"topic": "zigbee2mqtt/watch-1", "payload": payload}).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    request = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as told:
        answer: dict[str, Any] = json.load(told)
        return answer


@pytest.mark.parametrize(("body", "status", "problem"), [(b"{", 400, "not_json"), (b"{}", 401, "bad_signature")])
def test_a_signal_that_was_refused_is_counted_and_kept_to_be_looked_at(
    district: Serving, body: bytes, status: int, problem: str
) -> None:
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


def test_a_device_that_moves_is_taken_out_of_the_home_where_it_stood_and_one_removed_stands_nowhere(
    district: Serving,
) -> None:
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


def test_a_fall_alarm_is_streamed_to_the_desktop_and_its_acknowledgement_comes_back(
    join: Callable[..., Joined], district: Serving
) -> None:
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
    told = there(opened.payload)
    assert opened.envelope.subject == elder
    assert told["kind"] == "fall"
    desk.journal.append("incident.acknowledged", {"incident": told["incident"], "by": "p1"}, subject=elder)
    desk.client.round()
    assert "incident.acknowledged" in [i.event.kind for i in district.office.store.about(elder)]


def test_a_signal_with_a_wrong_secret_is_refused(district: Serving) -> None:
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        post_signal(district, bridge | {"secret": "guess"}, {"sos": True})
    assert refused.value.code == 401
    refused.value.close()


def test_a_bridges_allowance_is_used_up_by_what_it_signed_alone_and_a_call_for_help_is_never_sent_away(
    district: Serving,
) -> None:
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
