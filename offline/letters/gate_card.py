"""What a gate says of itself when it starts: where it is, what it can do, and the key that others seal to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.keys.identity import Identity, b64, fingerprint, unb64, verified

GATE_DESCRIBED = "config.gate_described"
GATE_REMOVED = "config.gate_removed"  # by the district: a kiosk was revoked; {device, by}


@dataclass(frozen=True, slots=True)
class GateCard:
    """`device` is the kiosk's id; `ways` those in that work without a line (face, card, pin, qr), `rests` after how many hours
    without one some of them no longer do; in the spans of `stands_open` it is open while no face can be recognised there."""

    device: str
    gate: str
    name: Mapping[str, str]  # by language
    direction: str
    software: str
    engine: str
    ways: tuple[str, ...]
    guard_phone: bool
    keep_days: int
    picture_days: int  # of passages, of those who agreed; 0 where the gate does not say
    box_key: bytes
    fingerprint: str
    sign_key: bytes = b""
    rests: Mapping[str, float] = field(default_factory=dict)
    stands_open: tuple[str, ...] = ()


def describe(identity: Identity, **told: object) -> dict[str, Any]:
    """The payload of `GATE_DESCRIBED`: what is told, and the X25519 key signed by the device's own."""
    return {
        **told, "sign_key": b64(identity.sign_public), "box_key": b64(identity.box_public),
        "box_signature": b64(identity.box_signature),
    }  # fmt: skip


def read_card(device: str, told: Mapping[str, Any]) -> GateCard | None:
    """The card in a payload; None where it is no card, or its key is not signed as it must be."""
    try:
        sign, box = unb64(told["sign_key"]), unb64(told["box_key"])
        if not verified(sign, unb64(told["box_signature"]), box):
            return None
        name = {str(k): str(v) for k, v in told["name"].items()}
        ways = tuple(str(w) for w in told["ways"])
        rests = {str(way): float(hours) for way, hours in told.get("rests", {}).items()}
        open_at = tuple(str(span) for span in told.get("stands_open", ()))
        return GateCard(
            device, str(told["gate"]), name, str(told["direction"]), str(told["software"]), str(told["engine"]), ways,
            bool(told["guard_phone"]), int(told["keep_days"]), int(told.get("picture_days", 0)), box, fingerprint(sign), sign,
            rests, open_at,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
