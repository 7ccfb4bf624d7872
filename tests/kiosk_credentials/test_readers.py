import queue
import threading

import pytest

from domain.errors import Mendable
from kiosk.credentials.evdev_reader import EvdevReader, Typed
from kiosk.credentials.pass_reader import codes
from kiosk.credentials.port import Presented
from kiosk.credentials.wedge import KeyboardWedge
from tests.fakes.readers import CODES, Key, picture_of


class Hands:
    """Types into a wedge with the gaps it is told."""

    def __init__(self) -> None:
        self.now = 0
        self.heard: list[str] = []
        self.wedge = KeyboardWedge()
        self.wedge.start(lambda presented: self.heard.append(presented.text), lambda _: None)

    def type(self, text: str, gap: int) -> None:
        for character in text:
            self.now += gap
            self.last = self.wedge.feed(character, self.now % 2**32)


@pytest.mark.parametrize(
    ("text", "gap", "heard"),
    [
        ("0012345678\n", 10, ["0012345678"]),
        ("04A1B2C3\r", 30, ["04A1B2C3"]),
        ("325019\n", 150, []),  # a finger on the pad
        ("12345\n", 10, []),  # too short for a card
        ("ab;cdef\n", 10, []),
    ],
)
def test_a_burst_is_a_card_and_a_finger_is_not(text: str, gap: int, heard: list[str]) -> None:
    hands = Hands()
    hands.type(text, gap)
    assert hands.heard == heard


def test_a_card_after_a_half_typed_number_is_read_alone() -> None:
    hands = Hands()
    hands.type("325", 200)
    hands.now += 1000
    hands.type("0012345678\n", 10)
    assert hands.heard == ["0012345678"]


def test_the_enter_of_a_card_is_told_from_that_of_a_finger() -> None:
    hands = Hands()
    hands.type("0012345678\n", 10)
    assert hands.last
    hands.type("9081\n", 200)
    assert not hands.last


def test_a_card_is_read_whole_while_the_milliseconds_of_the_display_begin_anew() -> None:
    hands = Hands()
    hands.now = 2**32 - 35
    hands.type("0012345678\n", 10)
    assert hands.heard == ["0012345678"]


def keys(text: str, at: float) -> list[Key]:
    return [Key(28 if c == "\n" else CODES[c], 1, at=at + i / 100) for i, c in enumerate(text)]


DROPPED = Key(3, 0, type=0, at=10.0)


@pytest.mark.parametrize(
    ("came", "heard"),
    [
        ([*keys("0012", 1.0), *keys("0012345678\n", 3.0)], ["0012345678"]),  # the first was pulled away too soon
        ([*keys("0012", 9.9), DROPPED, *keys("5678\n", 10.01), *keys("04A1B2C3\n", 12.0)], ["04A1B2C3"]),
        ([DROPPED, *keys("5678", 10.01), *keys("04A1B2C3\n", 14.0)], ["04A1B2C3"]),
    ],
    ids=["breaks off", "the kernel had no room", "its end too"],
)
def test_half_a_number_is_nobodys(came: list[Key], heard: list[str]) -> None:
    typed = Typed()
    assert [number for key in came if (number := typed.take(key))] == heard


def test_a_reader_that_was_never_there_is_named() -> None:
    troubles: queue.Queue[Mendable | None] = queue.Queue()
    reader = EvdevReader("/dev/input/by-id/none")
    heard: list[Presented] = []
    reader.start(heard.append, troubles.put)
    lost = troubles.get(timeout=5)
    reader.stop()
    assert lost is not None
    assert lost.details == {"reader": "/dev/input/by-id/none"}


def test_a_reader_that_stays_away_is_logged_once_and_not_every_second(caplog: pytest.LogCaptureFixture) -> None:
    tries = threading.Semaphore(0)

    def away(_which: str) -> None:
        tries.release()
        raise FileNotFoundError(2, "no input device of this name")

    reader = EvdevReader("USB reader", open_=away, back_off_s=0.001)
    reader.start(lambda _: None, lambda _: None)
    assert all(tries.acquire(timeout=5) for _ in range(5))
    reader.stop()
    assert [record.message for record in caplog.records].count(
        "card reader USB reader: [Errno 2] no input device of this name"
    ) == 1


def test_a_code_is_found_small_and_large_and_nothing_in_a_grey_wall() -> None:
    assert codes(picture_of("SW1HELLO", scale=3)) == ["SW1HELLO"]
    assert codes(picture_of("SW1HELLO", scale=14)) == ["SW1HELLO"]
    assert codes(picture_of("", scale=1)) == []
