"""The node's clock on a machine that sleeps, and one whose wall clock is set."""

import sys
import time

import pytest

from offline import node_clock
from offline.node_clock import NodeClock, elapsed

HOUR_S = 3600
SLEPT_S = 8 * HOUR_S


class Laptop:
    """The module `time` on a machine whose lid is closed: CLOCK_MONOTONIC stands still meanwhile, CLOCK_BOOTTIME does not."""

    CLOCK_BOOTTIME, CLOCK_MONOTONIC = 7, 1

    def __init__(self) -> None:
        self.awake, self.asleep, self.wall = 100.0, 0.0, 1_700_000_000.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.awake

    def clock_gettime(self, which: int) -> float:
        return self.awake + (self.asleep if which == self.CLOCK_BOOTTIME else 0.0)

    def sleeps(self, seconds: float) -> None:
        self.asleep += seconds
        self.wall += seconds


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the monotonic clock counts through the machine's sleep")
def test_a_laptop_that_slept_knows_the_hour_when_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop()
    monkeypatch.setattr(node_clock, "time", laptop)
    clock = NodeClock(wall=laptop.time)
    clock.learn(1_700_000_000_000, 0.0)
    laptop.sleeps(SLEPT_S)
    assert clock.now_ms() == 1_700_000_000_000 + SLEPT_S * 1000
    assert clock.wall_error_ms() == 0
    laptop.wall += 24 * HOUR_S  # somebody sets the clock
    assert clock.now_ms() == 1_700_000_000_000 + SLEPT_S * 1000


@pytest.mark.skipif(sys.platform != "linux", reason="a clock of Linux")
def test_the_machines_own_clock_is_the_one_that_counts_its_sleep() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= elapsed() <= time.clock_gettime(time.CLOCK_BOOTTIME)
