"""A call for help is kept before what waits, never before what its own device said earlier."""

import threading
from collections.abc import Callable

from district.intake.overtaking import Overtaking


class Hand:
    """What was worked on in which order; the first message is held until `release`."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._begun, self._go, self._more = threading.Event(), threading.Event(), threading.Condition()

    def __call__(self, message: str) -> None:
        self._begun.set()
        assert self._go.wait(10)
        with self._more:
            self.done.append(message)
            self._more.notify_all()

    def first(self) -> None:
        assert self._begun.wait(10)

    def release(self) -> None:
        self._go.set()

    def wait(self, count: int) -> list[str]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.done) >= count, 10), self.done
        return self.done


def behind(hand: Hand, fill: Callable[[Overtaking[str]], None], count: int) -> list[str]:
    coming = Overtaking[str](hand, hands=1)
    coming.put("first", "first", urgent=False)
    hand.first()
    fill(coming)
    hand.release()
    try:
        return hand.wait(count)
    finally:
        coming.close()


def test_a_call_goes_before_all_others_and_after_what_its_own_device_said() -> None:
    def fill(coming: Overtaking[str]) -> None:
        for n in range(3):
            coming.put("hall", f"hall {n}", urgent=False)
        coming.put("button", "battery", urgent=False)
        coming.put("button", "help", urgent=True)
        coming.put("hall", "hall 3", urgent=False)

    expected = ["first", "battery", "help", "hall 0", "hall 1", "hall 2", "hall 3"]
    assert behind(Hand(), fill, 7) == expected


def test_what_is_dropped_is_forgotten_and_what_comes_after_it_is_not() -> None:
    def fill(coming: Overtaking[str]) -> None:
        coming.put("hall", "old", urgent=False)
        coming.drop()
        coming.put("hall", "new", urgent=False)

    assert behind(Hand(), fill, 2) == ["first", "new"]


def test_what_nobody_sends_again_is_dealt_with_though_the_line_broke_or_the_server_stops() -> None:
    """A press by a broker that keeps nothing (QoS 0) waited behind busy hands and was let go of with the line."""
    hand = Hand()
    coming = Overtaking[str](hand, hands=1, comes_again=lambda message: message == "kept by the broker")
    coming.put("first", "first", urgent=False)
    hand.first()
    coming.put("button", "kept by the broker", urgent=False)
    coming.put("button", "help", urgent=True)
    coming.drop()
    hand.release()
    coming.close()
    assert hand.done == ["first", "help"]


def test_devices_are_dealt_with_side_by_side() -> None:
    together = threading.Barrier(3, timeout=10)
    coming = Overtaking[str](lambda _message: together.wait(), hands=2)
    for lane in ("a", "b"):
        coming.put(lane, lane, urgent=False)
    together.wait()
    coming.close()


def test_one_that_cannot_be_dealt_with_holds_up_no_other() -> None:
    begun, go, done = threading.Event(), threading.Event(), threading.Event()

    def work(message: str) -> None:
        if message == "good":
            done.set()
            return
        begun.set()
        assert go.wait(10)
        raise OSError("ours")

    coming = Overtaking[str](work, hands=2)
    coming.put("a", "bad", urgent=False)
    assert begun.wait(10)
    coming.put("a", "good", urgent=False)
    go.set()
    assert done.wait(10)
    coming.close()
