"""QR passes for visitors and helpers: a short signed text that a kiosk can check without any line.

``SW1`` + base32 (no padding) of a MessagePack array and its Ed25519 signature: all in QR's alphanumeric mode.
"""

import base64
import binascii
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, time
from enum import StrEnum

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.passages import Group

PREFIX = "SW1"
_SIGNATURE = 64
_CONTEXT = b"shouwang pass 1\n"  # a signature made for anything else is none of a pass


class Kind(StrEnum):
    ONCE = "once"
    WEEKLY = "weekly"  # again and again, on its days and hours


class Pass(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a pass says. Times are seconds since 1970 UTC; `start` and `end` minutes of the gate's local day.

    `gates` empty: every gate of the community. `days`: 0 = Monday; empty: every day.
    """

    id: str
    community: str
    person_id: str
    group: Group
    kind: Kind
    not_before: int
    expires: int
    gates: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    start: int = 0
    end: int = 24 * 60


class Unreadable(Exception):
    """Not a pass, or not signed by anybody we know."""


def new_pass_id() -> str:
    return "v" + secrets.token_hex(8)


def issue(passed: Pass, key: Ed25519PrivateKey) -> str:
    """The text of a pass, to be shown as a QR code."""
    body = msgspec.msgpack.encode(passed)
    signed = body + key.sign(_CONTEXT + body)
    return PREFIX + base64.b32encode(signed).decode().rstrip("=")


def read(text: str, keys: Iterable[Ed25519PublicKey]) -> Pass:
    """The pass in `text` if one of `keys` has signed it. Raises Unreadable."""
    if not text.startswith(PREFIX):
        raise Unreadable
    packed = text[len(PREFIX) :]
    try:
        signed = base64.b32decode(packed + "=" * (-len(packed) % 8))
    except binascii.Error as error:
        raise Unreadable from error
    body, signature = signed[:-_SIGNATURE], signed[-_SIGNATURE:]
    if not any(_signed(key, signature, body) for key in keys):
        raise Unreadable
    try:
        return msgspec.msgpack.decode(body, type=Pass)
    except msgspec.DecodeError as error:
        raise Unreadable from error


def _signed(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, _CONTEXT + body)
    except InvalidSignature:
        return False
    return True


def trouble(passed: Pass, community: str, gate: str, spent: bool, now: datetime) -> str:
    """Why the pass is no good here and now, a key below ``kiosk.refused``; empty where it is good. `now` is aware, local."""
    seconds = now.astimezone(UTC).timestamp()
    if passed.community != community or (passed.gates and gate not in passed.gates):
        return "pass_elsewhere"
    if spent:
        return "pass_used"
    if seconds >= passed.expires:
        return "pass_expired"
    if seconds < passed.not_before:
        return "pass_early"
    minute = now.hour * 60 + now.minute
    on_day = not passed.days or now.weekday() in passed.days
    if passed.kind is Kind.WEEKLY and not (on_day and passed.start <= minute < passed.end):
        return "pass_hours"
    return ""


def minutes(at: time) -> int:
    """A time of day as a pass carries it."""
    return at.hour * 60 + at.minute
