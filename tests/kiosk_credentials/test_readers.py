import queue

import pytest

from domain.errors import Mendable
from kiosk.credentials.evdev_reader import EvdevReader
from kiosk.credentials.pass_reader import codes
from kiosk.credentials.port import Presented
from kiosk.credentials.wedge import KeyboardWedge
from tests.fakes.readers import picture_of


class Hands:
    """Types into a wedge with the gaps it is told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard: list[str] = []
        self.wedge = KeyboardWedge(clock=lambda: self.now)
        self.wedge.start(lambda presented: self.heard.append(presented.text), lambda _: None)

    def type(self, text: str, gap: float) -> None:
        for character in text:
            self.now += gap
            self.wedge.feed(character)


@pytest.mark.parametrize(
    ("text", "gap", "heard"),
    [
        ("0012345678\n", 0.01, ["0012345678"]),
        ("04A1B2C3\r", 0.03, ["04A1B2C3"]),
        ("325019\n", 0.15, []),  # a finger on the pad
        ("12345\n", 0.01, []),  # too short for a card
        ("ab;cdef\n", 0.01, []),
    ],
)
def test_a_burst_is_a_card_and_a_finger_is_not(text: str, gap: float, heard: list[str]) -> None:
    hands = Hands()
    hands.type(text, gap)
    assert hands.heard == heard


def test_a_card_after_a_half_typed_number_is_read_alone() -> None:
    hands = Hands()
    hands.type("325", 0.2)
    hands.now += 1
    hands.type("0012345678\n", 0.01)
    assert hands.heard == ["0012345678"]


def test_a_reader_that_was_never_there_is_named() -> None:
    troubles: queue.Queue[Mendable | None] = queue.Queue()
    reader = EvdevReader("/dev/input/by-id/none")
    heard: list[Presented] = []
    reader.start(heard.append, troubles.put)
    lost = troubles.get(timeout=5)
    reader.stop()
    assert lost is not None
    assert lost.details == {"reader": "/dev/input/by-id/none"}


def test_a_code_is_found_small_and_large_and_nothing_in_a_grey_wall() -> None:
    assert codes(picture_of("SW1HELLO", scale=3)) == ["SW1HELLO"]
    assert codes(picture_of("SW1HELLO", scale=14)) == ["SW1HELLO"]
    assert codes(picture_of("", scale=1)) == []
