"""An order to open serves for one call of one kiosk, within ten seconds, under the district's key; anything else is refused."""

from dataclasses import dataclass

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline.letters.orders import SKEW_MS, VALID_MS, Order, OrderRefused, read_order, sign_order

DISTRICT = Ed25519PrivateKey.generate()
NOW = 1_800_000_000_000
ORDER = Order("call-1", "n1", "gate-1", "p1", "desk-1", NOW)


@dataclass(frozen=True)
class Gate:
    """What the kiosk knows when the order comes."""

    kiosk: str = "gate-1"
    call: str = "call-1"
    nonce: str = "n1"

    def takes(self, order: Order, now: int = NOW, key: Ed25519PrivateKey = DISTRICT) -> bool:
        try:
            return (
                read_order(sign_order(order, key), DISTRICT.public_key(), self.kiosk, self.call, self.nonce, now)
                == order
            )
        except OrderRefused:
            return False


def test_the_order_for_this_call_is_taken() -> None:
    assert Gate().takes(ORDER)


@pytest.mark.parametrize("gate", [Gate(kiosk="gate-2"), Gate(call="call-2"), Gate(nonce="n2")])
def test_an_order_for_another_kiosk_call_or_nonce_is_refused(gate: Gate) -> None:
    assert not gate.takes(ORDER)


def test_a_kiosk_that_has_used_its_nonce_takes_no_order_without_one() -> None:
    """The empty nonce is what is left when one was used: an order that bears it would open again and again."""
    assert not Gate(nonce="").takes(msgspec.structs.replace(ORDER, nonce=""))


@pytest.mark.parametrize(
    ("late", "taken"), [(VALID_MS, True), (VALID_MS + 1, False), (-SKEW_MS, True), (-SKEW_MS - 1, False)]
)
def test_an_order_is_good_for_ten_seconds_and_not_before_it_was_given(late: int, taken: bool) -> None:
    assert Gate().takes(ORDER, NOW + late) is taken


def test_somebody_elses_key_orders_nothing() -> None:
    assert not Gate().takes(ORDER, key=Ed25519PrivateKey.generate())


@pytest.mark.parametrize("sent", [b"", b"{}", b"open", b'{"order":{},"signature":"AA=="}'])
def test_what_is_no_order_is_refused(sent: bytes) -> None:
    with pytest.raises(OrderRefused, match="not signed"):
        read_order(sent, DISTRICT.public_key(), "gate-1", "call-1", "n1", NOW)
