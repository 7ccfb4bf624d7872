"""A phone or a gateway that only carries a worn device's samples: the district finds the fall and opens its incident."""

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from district.intake import webhook
from district.ledger import StoreLedger
from district.operator import commands
from tests.evaluate_falls.movements import fallen
from tests.fakes.serving import Joined, Serving, register


def test_a_fall_in_a_raw_stream_opens_an_incident(join: Callable[..., Joined], district: Serving) -> None:
    kiosk = join("kiosk")
    elder = register(kiosk)
    kiosk.client.round()
    worn = {"community": "jinxiu", "name": "watch-1", "elder": elder, "kind": "wearable", "position": "waist"}
    commands.perform(district.office, "device_add", worn)
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    t, a = fallen(70, [20])
    a[t > 20.1] = [1.0, 0.05, 0.1]  # and stays lying
    begun = datetime.now(UTC) - timedelta(seconds=70)
    pieces = []
    for first in range(0, 70, 5):
        some = (t >= first) & (t < first + 5)
        at = (begun + timedelta(seconds=first)).isoformat()
        pieces.append({"device": "watch-1", "accelerometer": {"at": at, "hz": 50, "g": a[some].round(3).tolist()}})
    body = json.dumps(pieces).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), datetime.now(UTC))
    request = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answered:
        assert json.loads(answered.read())["recorded"] == 2  # suspected, and lying still
    # what is open is looked at every two seconds
    district.office.nightwatch.tick(datetime.now(UTC) + timedelta(seconds=3))
    ledger = StoreLedger(district.office.store)
    (confirmed,) = ledger.about(elder, ["fall.confirmed"])
    assert confirmed.payload["cause"] == "stillness"
    (opened,) = ledger.about(elder, ["incident.opened"])
    assert opened.payload["kind"] == "fall"


def test_who_sends_what_may_not_be_watched_is_told_why_and_so_is_the_operator(
    join: Callable[..., Joined], district: Serving
) -> None:
    kiosk = join("kiosk")
    elder = register(kiosk, watched=False)
    kiosk.client.round()
    worn = {"community": "jinxiu", "name": "watch-1", "elder": elder, "kind": "wearable", "position": "waist"}
    commands.perform(district.office, "device_add", worn)
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    at = datetime.now(UTC)
    samples = {"at": (at - timedelta(seconds=1)).isoformat(), "hz": 50, "g": [[0, 0, 1]] * 50}
    body = json.dumps({"device": "watch-1", "accelerometer": samples}).encode()
    headers = webhook.sign(body, bridge["key"], bridge["secret"].encode(), at)
    request = urllib.request.Request(f"{district.url}/v1/intake/zigbee2mqtt", body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answered:
        assert json.loads(answered.read()) == {
            "signals": 1, "recorded": 0, "unknown": [], "unheard": {"watch-1": "no_consent"},
        }  # fmt: skip
    (device,) = commands.perform(district.office, "device_list", {})["devices"]
    assert device["unheard"] == "no_consent"
    told = commands.perform(district.office, "device_refused", {})
    assert [(r["problem"], r["device"]) for r in told["refused"]] == [("stream_no_consent", "watch-1")]
    assert {"source": "webhook", "outcome": "stream_no_consent", "signals": 1} in told["counts"]
