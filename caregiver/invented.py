"""Single invented facts as a feed brings them: a passage, an incident and what became of it (`caregiver.sample`: a community)."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.clock import Hlc
from domain.events import SCHEMA, Clock, payload_digest, to_ms
from domain.people import Profile
from offline.keys.identity import b64
from offline.wire import Event, FeedItem

GATES = ("gate-south", "gate-north", "gate-east")
ME = "p-zhao-min"


class Feed:
    """Makes feed items of invented devices; each device counts its own facts."""

    def __init__(self, community: str, seed: int) -> None:
        self.community, self.rng, self.position = community, random.Random(seed), 0  # noqa: S311 - invented, and the same each time
        self._seq: dict[str, int] = {}

    def item(
        self,
        kind: str,
        payload: dict[str, Any],
        subject: str | None,
        at: datetime,
        device: str = "district",
        trusted: bool = True,
    ) -> FeedItem:
        seq = self._seq[device] = self._seq.get(device, 0) + 1
        salt, body, ms = self.rng.randbytes(16), msgspec.json.encode(payload), to_ms(at)
        self.position += 1
        event = Event(
            seq, f"{self.rng.getrandbits(128):032x}", kind, SCHEMA, self.community, ms, Clock.SYNCED, str(Hlc(ms, seq & 0xFFFF)),
            payload_digest(salt, body), subject, b64(salt), msgspec.Raw(body),
        )  # fmt: skip
        return FeedItem(self.position, device, 1, event, ms + 400, trusted)


def passage(
    feed: Feed, rng: random.Random, people: list[tuple[str, Profile]], at: datetime, device: str = ""
) -> FeedItem:
    """One passage with the figures a kiosk reports."""
    known = rng.random() < 0.93
    person = rng.choice(people)[0] if known else None
    threshold = 0.47
    outcome, reason = (
        ("identified", "match")
        if known
        else rng.choice(
            [("unknown", "no_match"), ("unsure", "near_threshold"), ("unsure", "thin_margin"), ("unknown", "too_dark")]
        )
    )
    score = min(0.97, rng.gauss(0.72, 0.08)) if known else rng.uniform(0.12, 0.46)
    method = rng.choices(["face", "card", "pin", "qr"], [88, 7, 3, 2])[0] if known else "face"
    gate = rng.choice(GATES)
    face = method == "face"
    payload = {
        "gate": gate, "direction": rng.choice(["in", "out", "unknown"]), "method": method, "outcome": outcome,
        "reason": reason, "scores": [round(score, 3), round(rng.uniform(0.1, 0.33), 3)] if face else [],
        "threshold": threshold if face else None,
        "quality": {"inter_eye_px": round(rng.uniform(55, 120), 1), "sharpness": round(rng.uniform(0.5, 1), 2),
                    "exposure": round(rng.uniform(0.5, 1), 2), "occlusion": round(rng.uniform(0.7, 1), 2),
                    "unified": round(rng.uniform(0.4, 0.95), 2), "yaw_deg": round(rng.gauss(0, 8), 1)} if face else {},
        "liveness": "live" if face else "not_assessed", "engine": "sface", "gate_did": "opened" if known else "shut",
        "ruling": "granted" if known else None, "ms": round(rng.uniform(420, 1400)),
    }  # fmt: skip
    return feed.item("passage.recorded", payload, person, at, device or gate)


def open_incident(
    feed: Feed, id: str, kind: str, elder: str, at: datetime, place: str, device: str = "district", **more: Any
) -> Iterator[FeedItem]:
    severity = 1 if kind in ("sos", "fall", "smoke", "gas") else 2
    opened = {
        "incident": id,
        "kind": kind,
        "severity": severity,
        "elder": elder,
        "place": place,
        "rule": kind,
        "by": "system",
        **more,
    }
    yield feed.item("incident.opened", opened, elder, at, device)
    for who, channel, state in ((ME, "desktop", "delivered"), ("p-son", "sms", "sent"), ("p-son", "wecom", "failed")):
        yield feed.item(
            f"notice.{state}",
            {"incident": id, "person": who, "channel": channel, "level": 0},
            elder,
            at + timedelta(seconds=1),
        )


def past_incident(feed: Feed, n: int, elder: str, at: datetime) -> Iterator[FeedItem]:
    kind = ("missed_checkin", "sos", "inactivity", "fall", "device_blind")[n % 5]
    id = f"past-{n}"
    yield from open_incident(feed, id, kind, elder, at, "")
    for kind_, minutes, by, more in (
        ("incident.acknowledged", 0.5 + n % 3 * 0.4, ME, {}),
        ("incident.on_scene", 14.0 + n % 9, ME, {}),
        ("incident.feedback", 32.0, ME, {"outcome": "false_alarm" if n % 3 == 0 else "helped"}),
        ("incident.checked", 55.0, "p-supervisor", {}),
        ("incident.closed", 56.0, "p-supervisor", {}),
    ):
        yield feed.item(kind_, {"incident": id, "by": by, **more}, elder, at + timedelta(minutes=minutes))
