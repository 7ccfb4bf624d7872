"""An alarm goes first: bulk waits for it, never for long, and gets its turn."""

import asyncio

import pytest

from district import right_of_way
from district.feeds.feed import Bell
from district.right_of_way import RightOfWay
from district.scope import Scope


async def held(way: RightOfWay) -> bool:
    """Whether bulk would have to wait now; what came from other threads has been heard."""
    for _ in range(3):
        await asyncio.sleep(0)
    return not way._free.is_set()


def test_bulk_waits_until_the_alarm_is_told() -> None:
    async def story() -> None:
        way = RightOfWay()
        way.attach(asyncio.get_running_loop())
        await way.clear()
        await asyncio.to_thread(way.take)
        assert await held(way)
        bulk = asyncio.create_task(way.clear())
        await asyncio.sleep(0)
        assert not bulk.done()
        way.give()
        await bulk

    asyncio.run(story())


def test_an_alarm_that_leads_to_nothing_holds_bulk_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right_of_way, "LONGEST_S", 0.01)

    async def story() -> None:
        way = RightOfWay()
        way.attach(asyncio.get_running_loop())
        way.take()
        assert await held(way)
        await asyncio.wait_for(way.clear(), 10)

    asyncio.run(story())


def test_alarms_without_end_leave_bulk_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("district.right_of_way.time.monotonic", lambda: now)

    async def story() -> None:
        nonlocal now
        way = RightOfWay()
        way.attach(asyncio.get_running_loop())
        way.take()
        assert await held(way)
        now += 0.4
        way.give()
        now += 0.3
        way.take()
        assert not await held(way)  # bulk has had 0.3 s after a hold of 0.4
        now += 0.2
        way.take()
        assert await held(way)

    asyncio.run(story())


def test_nobody_waits_where_nobody_serves() -> None:
    way = RightOfWay()
    way.take()
    asyncio.run(asyncio.wait_for(way.clear(), 10))


def test_a_bell_rings_for_who_waits_and_for_who_comes_later() -> None:
    async def story() -> None:
        bell = Bell(Scope(("jinxiu",), frozenset()))
        assert not await bell.within(0)
        waiting = asyncio.create_task(bell.within(60))
        await asyncio.sleep(0)
        bell.ring()
        assert await waiting
        assert await bell.within(0)
        bell.answer()
        assert not await bell.within(0)

    asyncio.run(story())
