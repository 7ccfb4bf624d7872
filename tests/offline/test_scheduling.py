"""Jobs go on whatever the clock is set to: APScheduler alone would sleep until the old time is reached again, or list every tick
since 1970."""

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from offline.scheduling import Every, make_scheduler

real = datetime


class Wall:
    """The wall clock of this program and of APScheduler, which a test may set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = timedelta()
        wall = self

        class Set(real):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                return real.now(tz) + wall.off

        for module in ("apscheduler.schedulers.base", "offline.scheduling"):
            monkeypatch.setattr(f"{module}.datetime", Set)

    def time(self) -> float:
        return real.now().timestamp() + self.off.total_seconds()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    monkeypatch.setattr("offline.scheduling.LOOK_S", 0.01)
    return Wall(monkeypatch)


@pytest.fixture
def scheduler(wall: Wall) -> Iterator[BackgroundScheduler]:
    made = make_scheduler(wall.time)
    made.start()
    yield made
    made.shutdown()


def ticks(scheduler: BackgroundScheduler) -> threading.Semaphore:
    ticked = threading.Semaphore(0)
    scheduler.add_job(ticked.release, Every(0.05))
    return ticked


@pytest.mark.parametrize("step", [timedelta(days=-1), timedelta(hours=-1), timedelta(days=20_000)])
def test_a_job_goes_on_whatever_the_clock_is_set_to(
    wall: Wall, scheduler: BackgroundScheduler, step: timedelta
) -> None:
    ticked = ticks(scheduler)
    assert ticked.acquire(timeout=5)
    wall.off = step
    for _ in range(5):
        assert ticked.acquire(timeout=5)


def test_what_has_an_hour_of_the_day_waits_for_it(wall: Wall, scheduler: BackgroundScheduler) -> None:
    ticked, nightly = ticks(scheduler), scheduler.add_job(lambda: None, "cron", hour=3)
    before = nightly.next_run_time
    wall.off = timedelta(days=-2)
    for _ in range(5):
        assert ticked.acquire(timeout=5)
    assert nightly.next_run_time == before - timedelta(days=2)


def test_a_job_that_runs_on_is_told_of_once_each_time_and_not_at_every_tick(
    scheduler: BackgroundScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    """A round of sync over a bad line takes minutes, and is due every second."""
    passed, go_on = threading.Semaphore(0), threading.Semaphore(0)
    ticked = ticks(scheduler)

    def slow() -> None:
        passed.release()
        go_on.acquire(timeout=10)

    with caplog.at_level(logging.INFO):
        job = scheduler.add_job(slow, Every(0.02))
        for _ in range(2):
            assert passed.acquire(timeout=5)
            for _ in range(5):  # others' ticks, in which this one was due as well
                assert ticked.acquire(timeout=5)
            go_on.release()
        assert passed.acquire(timeout=5)
        job.remove()
        go_on.release()
    told = [r.getMessage() for r in caplog.records if not r.name.startswith("apscheduler.executors")]
    told = [line for line in told if "slow" in line]
    assert 2 <= len(told) <= 3
    assert all("still runs when it is due again" in line for line in told)


def test_it_leaves_no_thread_behind(wall: Wall) -> None:
    made = make_scheduler(wall.time)
    made.start()
    made.shutdown()
    assert "clock-steps" not in {thread.name for thread in threading.enumerate()}
