"""Raw accelerometer streams: a fall is suspected, lying still confirms it, and nothing is made of what may not be watched."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from district.intake import webhook
from district.intake.homes import StoreHomes
from district.intake.signals import Heard
from district.intake.streams import Streams
from domain.events import from_ms, to_ms
from tests.district_intake.conftest import ELDER, HERE, Intake
from tests.evaluate_falls.movements import fallen

SECRET = {"b1": b"secret"}


def told(intake: Intake, *items: object) -> webhook.Answer:
    body = json.dumps(items).encode()
    return webhook.parse(body, webhook.sign(body, "b1", SECRET["b1"], intake.now), intake.now, SECRET)


class Gateway:
    """Sends a device's samples in pieces of a second, as they come."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.streams = Streams(intake.ledger, StoreHomes(intake.store), intake.desk)

    def send(self, t: np.ndarray, a: np.ndarray, device: str = "watch", every: float = 1.0) -> None:
        start = self.intake.now
        for first in np.arange(0, t[-1], every):
            some = (t >= first) & (t < first + every)
            if some.any():
                self.piece(start + timedelta(seconds=float(first)), a[some], device, every)

    def piece(self, at: datetime, g: np.ndarray, device: str, every: float) -> Heard:
        self.intake.now = at + timedelta(seconds=every)
        item = {"device": device, "accelerometer": {"at": at.isoformat(), "hz": 50, "g": g.round(3).tolist()}}
        heard = told(self.intake, item).heard
        self.intake.hear(heard)
        self.streams.take(heard.pieces, HERE, self.intake.now)
        return heard

    def facts(self) -> list[str]:
        return [f.kind for f in self.intake.ledger.about(ELDER) if f.kind.startswith("fall.")]


@pytest.fixture
def gateway(intake: Intake) -> Gateway:
    intake.furnish("watch", position="waist")
    return Gateway(intake)


def test_a_fall_in_a_stream_is_suspected_at_its_impact_and_confirmed_by_lying_still(gateway: Gateway) -> None:
    t, a = fallen(70, [20])
    a[t > 20.1] = [1.0, 0.05, 0.1]
    begun = gateway.intake.now
    gateway.send(t, a)
    assert gateway.facts() == ["fall.suspected", "fall.aftermath"]
    suspected, aftermath = (f for f in gateway.intake.ledger.about(ELDER) if f.kind.startswith("fall."))
    impact = from_ms(suspected.payload["impact"])
    assert impact == pytest.approx(begun + timedelta(seconds=20), abs=timedelta(seconds=0.2))
    assert (suspected.payload["origin"], suspected.at) == ("detector", suspected.payload["impact"])
    assert suspected.received - suspected.at < 8_000
    assert (aftermath.payload["kind"], aftermath.at - aftermath.payload["since"]) == ("still", 30_000)


def test_where_a_device_is_worn_belongs_to_its_record(gateway: Gateway) -> None:
    """And sets how sure the detector must be; one who puts it up anew without a word about that changes nothing."""
    for position in ("left wrist", ""):
        gateway.intake.furnish("watch", position=position)
        gateway.send(*fallen(40, [20]))
        gateway.intake.now += timedelta(seconds=100)
    told = [f.payload["position"] for f in gateway.intake.ledger.about(ELDER, ["fall.suspected"])]
    assert told == ["left wrist"] * 2


def test_a_blow_that_cuts_the_line_is_judged_when_nothing_more_comes(gateway: Gateway) -> None:
    t, a = fallen(21, [20])
    gateway.send(t, a)
    assert gateway.facts() == []
    gateway.streams.tick(gateway.intake.now + timedelta(seconds=5))
    assert gateway.facts() == []
    gateway.streams.tick(gateway.intake.now + timedelta(seconds=11))
    assert gateway.facts() == ["fall.suspected"]


def test_a_piece_that_comes_twice_neither_cuts_the_stream_nor_tells_a_second_fall(gateway: Gateway) -> None:
    t, a = fallen(40, [20])
    start = gateway.intake.now
    for first in range(40):
        some = (t >= first) & (t < first + 1)
        for _ in range(2):
            gateway.piece(start + timedelta(seconds=first), a[some], "watch", 1.0)
    assert gateway.facts().count("fall.suspected") == 1


@pytest.mark.parametrize("why", ["unknown", "no consent", "paused"])
def test_nothing_is_made_of_a_stream_that_may_not_be_watched(why: str, intake: Intake) -> None:
    if why != "unknown":
        intake.furnish("watch", consent=why == "paused", position="waist")
    intake.desk.paused = lambda _elder, _device: why == "paused"
    gateway = Gateway(intake)
    gateway.send(*fallen(40, [20]), every=5.0)
    assert gateway.facts() == []
    kept = {p["problem"]: p["device"] for p in intake.desk.memory.problems()}
    wanted = {"unknown": {}, "no consent": {"stream_no_consent": "watch"}, "paused": {"stream_paused": "watch"}}
    assert kept == wanted[why], "somebody can find out why, and it is noted once"
    assert intake.desk.unheard(HERE, "watch") == {"no consent": "no_consent"}.get(why, why).replace("unknown", "")


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        ({"at": "yesterday", "hz": 50, "g": [[0, 0, 1]]}, "unreadable_time"),
        ({"at": "2026-11-27T08:00:00", "hz": 50, "g": [[0, 0, 1]]}, "time_without_zone"),
        ({"at": "0001-01-01T00:00:00+08:00", "hz": 50, "g": [[0, 0, 1]]}, "unreadable_time"),
        ({"at": "2026-11-27T08:00:00Z", "t": [1e300], "g": [[0, 0, 1]]}, "unreadable_samples"),
        ({"at": "2026-11-27T08:00:00Z", "hz": 0, "g": [[0, 0, 1]]}, "unreadable_samples"),
        ({"at": "2026-11-27T08:00:00Z", "hz": 50, "g": [[0, 1]]}, "unreadable_samples"),
        ({"at": "2026-11-27T08:00:00Z", "hz": 50, "g": "1"}, "unreadable_samples"),
        ({"at": "2026-11-27T08:00:00Z", "t": [0, 1], "g": [[0, 0, 1]]}, "unreadable_samples"),
        ({"at": "2026-11-27T08:00:00Z", "hz": 50, "g": [[0, 0, 9.8]]}, "not_in_g"),
    ],
)
def test_a_piece_that_cannot_be_read_is_answered_and_named(
    intake: Intake, stream: dict[str, object], problem: str
) -> None:
    answer = told(intake, {"device": "watch", "accelerometer": stream})
    assert (answer.status, answer.heard.problem, answer.heard.pieces) == (400, problem, ())


def test_lost_samples_and_own_times_are_taken(intake: Intake) -> None:
    stream = {"at": "2026-11-27T08:00:00+08:00", "t": [0.0, 0.03], "g": [[0, 0, 1], [None, None, None]]}
    (piece,) = told(intake, {"device": "watch", "accelerometer": stream}).heard.pieces
    assert piece.t[1] - piece.t[0] == pytest.approx(0.03)
    assert np.isnan(piece.g[1]).all()


def test_a_gateway_that_judges_itself_tells_the_fall_and_what_came_after(intake: Intake) -> None:
    intake.furnish("watch")
    at = intake.now
    later = (at + timedelta(seconds=40)).isoformat()
    intake.hear(told(intake, {"device": "watch", "kind": "fall_suspected", "at": at.isoformat(), "score": 0.9}).heard)
    still = {"device": "watch", "kind": "fall_still", "at": later, "since": (at + timedelta(seconds=6)).isoformat()}
    intake.hear(told(intake, still).heard, 41)
    suspected, aftermath = (f for f in intake.ledger.about(ELDER) if f.kind.startswith("fall."))
    assert (suspected.payload["origin"], suspected.payload["score"], suspected.at) == ("detector", 0.9, to_ms(at))
    assert (aftermath.payload["kind"], aftermath.payload["since"]) == ("still", to_ms(at) + 6_000)
