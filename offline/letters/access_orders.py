"""Orders about ways in (cards, PINs, passes, the block list) as facts: what a desk asks, what a gate answers.

What lets somebody in is put on record by the district, which has checked the person who asks; what shuts somebody out is a plain
fact of the desk and needs no line. Numbers and PINs travel sealed to each gate; a gate answers every order with `APPLIED`.
"""

import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline.keys.identity import b64, unb64
from offline.keys.seal import SealBroken, seal_to, unseal_with
from offline.letters.block_list import BLOCKED, UNBLOCKED

CARD_ORDERED, CARD_ISSUED, CARD_REVOKED = "person.card_ordered", "person.card_issued", "person.card_revoked"
PIN_ORDERED, PIN_SET, PIN_CLEARED = "person.pin_ordered", "person.pin_set", "person.pin_cleared"
PASS_ISSUED, PASS_REVOKED = "person.pass_issued", "person.pass_revoked"
APPLIED = "person.order_applied"  # a gate's receipt: {order, refused}
ORDERS = frozenset({  # what a gate answers
    CARD_ORDERED, CARD_REVOKED, PIN_ORDERED, PIN_CLEARED, PASS_REVOKED, BLOCKED, UNBLOCKED,
})  # fmt: skip
GIVEN_OUT = frozenset({CARD_ORDERED, PIN_ORDERED, PASS_ISSUED})  # by the district alone
OF_GATES = frozenset({CARD_ISSUED, PIN_SET, APPLIED})  # what a gate keeps and has done: its own word, and no desk's
OF_DESKS = frozenset({CARD_REVOKED, PIN_CLEARED, PASS_REVOKED, UNBLOCKED})  # of all gates alike: no gate's word
LOST, ENDED = "lost", "ended"  # why a card is good no longer


def new_order_id(letter: str) -> str:
    return letter + secrets.token_hex(8)


def seal_for_gates(gates: Mapping[str, bytes], kind: str, order: str, person: str, secret: str) -> dict[str, str]:
    """`secret` for each gate (device id -> X25519 key), bound to what is ordered for whom."""
    return {
        gate: b64(seal_to(box, secret.encode(), _context(kind, order, person, gate))) for gate, box in gates.items()
    }


def open_at_gate(box: X25519PrivateKey, gate: str, kind: str, order: str, person: str, sealed: object) -> str | None:
    """What was sealed for this gate; None where nothing was. Raises SealBroken."""
    mine = sealed.get(gate) if isinstance(sealed, Mapping) else None
    if not isinstance(mine, str):
        return None
    try:
        return unseal_with(box, unb64(mine), _context(kind, order, person, gate)).decode()
    except ValueError as e:
        raise SealBroken from e


def _context(kind: str, order: str, person: str, gate: str) -> bytes:
    return "|".join(("access", kind, order, person, gate)).encode()
