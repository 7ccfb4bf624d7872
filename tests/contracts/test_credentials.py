"""What every credential reader promises, whatever it reads."""

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from domain.errors import Mendable
from domain.passages import Direction, Method
from kiosk.camera.port import Frame
from kiosk.credentials.evdev_reader import EvdevReader
from kiosk.credentials.pass_reader import PassReader
from kiosk.credentials.port import CredentialReader, Presented
from kiosk.credentials.wedge import KeyboardWedge
from tests.fakes.readers import FakeInput, frame_of


@dataclass
class Rig:
    reader: CredentialReader
    method: Method
    hold: Callable[[str], None]  # hold a credential to it
    unplug: Callable[[], None] | None = None
    heard: "queue.Queue[Presented]" = field(default_factory=queue.Queue)
    troubles: "queue.Queue[Mendable | None]" = field(default_factory=queue.Queue)

    def start(self) -> None:
        self.reader.start(self.heard.put, self.troubles.put)


def wedge() -> Rig:
    ticks = count()
    reader = KeyboardWedge(Direction.IN)

    def typed(text: str) -> None:
        for c in f"{text}\n":
            reader.feed(c, next(ticks) * 10)

    return Rig(reader, Method.CARD, typed)


def evdev() -> Rig:
    devices: list[FakeInput] = []

    def open_(which: str) -> FakeInput:
        devices.append(FakeInput())
        return devices[-1]

    def hold(text: str) -> None:
        while not devices or not devices[-1].grabbed:
            pass
        devices[-1].type(f"{text}\n")

    def unplug() -> None:
        devices[-1].unplug()

    return Rig(EvdevReader("reader", Direction.IN, open_, back_off_s=0.01), Method.CARD, hold, unplug)


def passes() -> Rig:
    newest: list[Frame | None] = [None]
    index = count()
    reader = PassReader(lambda: newest[0], Direction.IN, every_s=0.005)
    reader.look(True)
    return Rig(reader, Method.QR, lambda text: newest.__setitem__(0, frame_of(text, next(index))))


@pytest.fixture(params=[wedge, evdev, passes], ids=lambda make: make.__name__)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made: Rig = request.param()
    yield made
    made.reader.stop()


def test_what_is_held_to_it_is_presented_with_its_side(rig: Rig) -> None:
    rig.start()
    rig.hold("0012345678")
    assert rig.heard.get(timeout=5) == Presented(rig.method, "0012345678", Direction.IN)


def test_two_after_another_are_two(rig: Rig) -> None:
    rig.start()
    for number in ("04A1B2C3", "0000987654"):
        rig.hold(number)
        assert rig.heard.get(timeout=5).text == number
    assert rig.heard.empty()


def test_what_was_read_is_in_no_text_of_it(rig: Rig) -> None:
    rig.start()
    rig.hold("0012345678")
    assert "12345678" not in repr(rig.heard.get(timeout=5))


def test_it_may_be_stopped_twice_and_without_start(rig: Rig) -> None:
    rig.reader.stop()
    rig.reader.stop()
    assert rig.heard.empty()


def test_after_stop_nothing_is_heard(rig: Rig) -> None:
    rig.start()
    rig.hold("0012345678")
    rig.heard.get(timeout=5)
    rig.reader.stop()
    if rig.method is not Method.CARD or isinstance(rig.reader, KeyboardWedge):
        rig.hold("1112223334")
    assert rig.heard.empty()


def test_a_reader_that_is_unplugged_says_so_once_and_comes_back_by_itself(rig: Rig) -> None:
    if rig.unplug is None:
        pytest.skip("nothing to unplug: keys and frames come from somewhere else")
    rig.start()
    rig.hold("0012345678")
    rig.heard.get(timeout=5)
    rig.unplug()
    lost = rig.troubles.get(timeout=5)
    assert lost is not None
    assert lost.code == "reader_lost"
    assert rig.troubles.get(timeout=5) is None
    rig.hold("0012345678")
    assert rig.heard.get(timeout=5).text == "0012345678"
