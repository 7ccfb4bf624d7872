"""The line of a node's own facts: each after the last, each day closed once, over restarts and with whatever clock."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from domain.clock import Hlc
from domain.events import Clock
from offline.journal.journal import Journal
from offline.keys.identity import Identity
from offline.node_clock import NodeClock
from offline.wire import Event, FeedItem

DAY_S = 86_400
Started = Callable[[], Journal]


@pytest.fixture
def wall() -> list[float]:
    return [1_700_000_000.0]


@pytest.fixture
def started(tmp_path: Path, wall: list[float]) -> Iterator[Started]:
    """Starts the node, again and again over the same file."""
    identity, running = Identity.create(), list[Journal]()

    def start() -> Journal:
        for journal in running:
            journal.close()
        clock = NodeClock(wall=lambda: wall[0], monotonic=lambda: 0.0)
        running[:] = [Journal(tmp_path / "j.sqlite", clock, sign=identity.sign.sign)]
        return running[0]

    start().become("gate-1", 1, "jinxiu")
    yield start
    running[0].close()


def test_a_restart_within_a_day_closes_no_day_anew(started: Started, wall: list[float]) -> None:
    started().append("passage.recorded", {"n": 1})
    wall[0] += DAY_S
    journal = started()
    journal.append("passage.recorded", {"n": 2})
    closed = journal.query("SELECT * FROM segments")
    assert [(segment["day"], segment["last_seq"]) for segment in closed] == [("2023-11-14", 1)]
    journal = started()
    journal.append("passage.recorded", {"n": 3})
    assert journal.query("SELECT * FROM segments") == closed
    assert journal.broken() == []


def test_each_fact_is_stamped_after_the_last_though_the_clock_stands_still_or_is_set_back_over_a_restart(
    started: Started, wall: list[float]
) -> None:
    journal = started()
    for n in range(3):
        journal.append("passage.recorded", {"n": n})
    wall[0] -= DAY_S
    journal = started()
    for n in range(3):
        journal.append("passage.recorded", {"n": n})
    stamps = [fact.envelope.hlc for fact in journal.facts("passage.recorded")]
    assert all(earlier < later for earlier, later in pairwise(stamps))


def test_a_fact_is_stamped_after_what_came_down_from_a_clock_that_is_ahead_over_a_restart(
    started: Started, wall: list[float]
) -> None:
    ahead = str(Hlc(round(1000 * wall[0]) + 60_000, 3))
    theirs = Event(1, "a" * 32, "passage.recorded", 1, "jinxiu", 1000, Clock.SYNCED, ahead, "x")
    started().absorb([FeedItem(1, "gate-2", 1, theirs, received=2000)], "c1")
    assert started().append("passage.recorded", {}).envelope.hlc > ahead
