"""An order to open a gate: what somebody of the staff decided about one call, signed by the district for one kiosk.

The person is known to the district by their session, the desk by its own signature; the order binds both to the call and to the
nonce that the kiosk made for it. It serves once, for `VALID_MS`, and is never stored on its way.
"""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from offline.keys.identity import b64, unb64

VALID_MS = 10_000
SKEW_MS = 2_000  # the district's clock and the kiosk's idea of it
ORDER_CONTEXT = b"shouwang open 1|"


class Order(msgspec.Struct, frozen=True):
    """`by` is the person, `desk` the device they sat at; `issued` in ms by the district's clock."""

    call: str
    nonce: str
    kiosk: str
    by: str
    desk: str
    issued: int


class _Signed(msgspec.Struct, frozen=True):
    order: msgspec.Raw
    signature: str


class OrderRefused(Exception):
    """Not an order of this district for this call and kiosk at this moment; the text says why, for the log."""


def sign_order(order: Order, key: Ed25519PrivateKey) -> bytes:
    """The order as it travels, one line of JSON."""
    raw = msgspec.json.encode(order)
    return msgspec.json.encode({"order": msgspec.Raw(raw), "signature": b64(key.sign(ORDER_CONTEXT + raw))})


def read_order(sent: bytes, key: Ed25519PublicKey, kiosk: str, call: str, nonce: str, now_ms: int) -> Order:
    """The order, if it is the district's and about this very call now. Raises OrderRefused."""
    try:
        signed = msgspec.json.decode(sent, type=_Signed)
        key.verify(unb64(signed.signature), ORDER_CONTEXT + bytes(signed.order))
        order = msgspec.json.decode(signed.order, type=Order)
    except (msgspec.DecodeError, ValueError, InvalidSignature) as e:
        raise OrderRefused("not signed by the district") from e
    if (order.kiosk, order.call) != (kiosk, call):
        raise OrderRefused("for another call")
    if not nonce or order.nonce != nonce:
        raise OrderRefused("another nonce, or used already")
    if not -SKEW_MS <= now_ms - order.issued <= VALID_MS:
        raise OrderRefused("too late")
    return order
