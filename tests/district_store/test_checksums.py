"""Sums of a feed: each lane of a community by itself, and anew after the patrol's walk."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from district.hubs.checksums import Checksums
from district.scope import Lane, Scope
from district.store.port import Store

HASH = bytes(range(32))


class Feed:
    """A store of one fact a community; reading that of `slow` takes until `go_on`."""

    def __init__(self, slow: str = "") -> None:
        self.slow, self.begun, self.go_on, self.reads = slow, threading.Event(), threading.Event(), 0

    def read_within(self, communities: tuple[str, ...], _sql: str, told: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        self.reads += 1
        if communities == (self.slow,):
            self.begun.set()
            assert self.go_on.wait(10)
        return [(1, "v1", 1, HASH)] if told[2] < 1 <= told[3] else []


def sums_of(feed: Feed) -> Checksums:
    return Checksums(cast(Store, feed))


def asked(sums: Checksums, community: str) -> list[int]:
    return [each.count for each in sums.of(Scope((community,), frozenset({Lane.CARE})), {community: 1})]


def test_nobody_waits_for_the_sum_of_another_community() -> None:
    feed = Feed(slow="jinxiu")
    sums = sums_of(feed)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(asked, sums, "jinxiu")
        assert feed.begun.wait(10)
        assert asked(sums, "yulan") == [1]
        assert not long.done()
        feed.go_on.set()
        assert long.result(10) == [1]


def test_what_was_summed_stays_summed_until_the_patrol_has_been_round() -> None:
    feed = Feed()
    sums = sums_of(feed)
    asked(sums, "yulan")
    before = feed.reads
    assert asked(sums, "yulan") == [1]
    assert feed.reads == before + 1, "what has come since is asked for, and nothing else"
    sums.forget()
    assert asked(sums, "yulan") == [1]


def test_a_sum_begun_before_the_patrols_walk_is_not_kept_after_it() -> None:
    feed = Feed(slow="jinxiu")
    sums = sums_of(feed)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(asked, sums, "jinxiu")
        assert feed.begun.wait(10)
        sums.forget()
        feed.go_on.set()
        long.result(10)
    assert sums._known == {}
