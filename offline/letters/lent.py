"""A face template on its way from one gate to another: signed by the gate that lends it, sealed to the gate that may hold it.

The district hands it down the other gate's stream and keeps nothing of it; it can neither read it nor make one.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline.keys.identity import b64, unb64
from offline.keys.seal import SealBroken, seal_to, unseal_with

HELD = "template.held"  # by the gate that holds it: {from, until}
DROPPED = "template.dropped"  # by the same: {why: lease | withdrawn | lost}
LEASE_MS = 72 * 3600 * 1000
_SKEW_MS = 10 * 60 * 1000  # two gates' ideas of the time
_CONTEXT = "shouwang lent template 1"


class Lent(msgspec.Struct, frozen=True):
    """`rows` are float32, little-endian, unit vectors of `dim`; `until` in ms: then whoever holds it lets go of it. `knew`: the
    ids of the withdrawals that were known where it was lent (None: by an older program); any other takes it."""

    person: str
    engine: str
    version: str
    dim: int
    rows: bytes
    until: int
    knew: list[str] | None = None


class _Signed(msgspec.Struct, frozen=True):
    lent: msgspec.Raw
    signature: str


class _Letter(msgspec.Struct, frozen=True):
    origin: str
    sealed: str


class LentRefused(Exception):
    """Not from that gate, not for this one, not whole, or for longer than a lease; the text says why, for the log."""


def seal_lent(lent: Lent, origin: str, to: str, sign: Ed25519PrivateKey, box: bytes) -> bytes:
    """For the gate `to`, whose X25519 key is `box`, from the gate `origin`."""
    raw = msgspec.json.encode(lent)
    context = _context(origin, to)
    signed = _Signed(msgspec.Raw(raw), b64(sign.sign(context + raw)))
    return seal_to(box, msgspec.json.encode(signed), context)


def letter(origin: str, sealed: bytes) -> bytes:
    """What goes down the stream: the district says which gate it came from."""
    return msgspec.json.encode(_Letter(origin, b64(sealed)))


def origin_of(sent: bytes) -> tuple[str, bytes]:
    """(gate, sealed template) of a letter. Raises LentRefused."""
    try:
        told = msgspec.json.decode(sent, type=_Letter)
        return told.origin, unb64(told.sealed)
    except (msgspec.DecodeError, ValueError) as e:
        raise LentRefused("not a letter") from e


def open_lent(sealed: bytes, origin: str, to: str, box: X25519PrivateKey, key: Ed25519PublicKey, now_ms: int) -> Lent:
    """The template, if the gate with this `key` lends it to this one, now. Raises LentRefused."""
    context = _context(origin, to)
    try:
        signed = msgspec.json.decode(unseal_with(box, sealed, context), type=_Signed)
        key.verify(unb64(signed.signature), context + bytes(signed.lent))
        lent = msgspec.json.decode(signed.lent, type=Lent)
    except (SealBroken, msgspec.DecodeError, ValueError, InvalidSignature) as e:
        raise LentRefused("not sealed to this gate and signed by that one") from e
    if lent.dim <= 0 or not lent.rows or len(lent.rows) % (4 * lent.dim):
        raise LentRefused("not a template")
    if not now_ms < lent.until <= now_ms + LEASE_MS + _SKEW_MS:
        raise LentRefused("no lease that holds now")
    return lent


def _context(origin: str, to: str) -> bytes:
    return "|".join((_CONTEXT, origin, to)).encode()
