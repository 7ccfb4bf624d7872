"""The scheduler that ticks a program's jobs, whatever happens to the clock.

APScheduler sleeps until a moment on the wall clock. Set back by a day, by hand or by a time server, it would sleep for a day, and
neither a round of sync nor a desk's own watch would come: so the wall clock is held against one that only runs on. Put forward, its
interval lists every tick that was passed over, of a board that began in 1970 more than its memory holds: hence `Every`.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN, EVENT_SCHEDULER_STARTED
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

log = logging.getLogger(__name__)
LOOK_S = 1.0
STEP_S = 1.0  # a clock that is put right by less is only late by as much


class Every(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Due so many seconds after it was given out, and after each time it ran."""

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._pause


def make_scheduler(
    wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
) -> BackgroundScheduler:
    """A scheduler on threads of its own, from `start` to `shutdown`. A job that is late runs, once however late it is."""
    scheduler = BackgroundScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None})
    over = threading.Event()

    def watch() -> None:
        ahead = wall() - monotonic()
        while not over.wait(LOOK_S):
            before, ahead = ahead, wall() - monotonic()
            if ahead < before - STEP_S:
                log.warning("the clock was set back by %.0f s: every job is due anew", before - ahead)
                _begin_anew(scheduler)

    thread = threading.Thread(target=watch, name="clock-steps", daemon=True)

    def end(_event: object) -> None:
        over.set()
        thread.join()

    scheduler.add_listener(lambda _event: thread.start(), EVENT_SCHEDULER_STARTED)
    scheduler.add_listener(end, EVENT_SCHEDULER_SHUTDOWN)
    return scheduler


def _begin_anew(scheduler: BackgroundScheduler) -> None:
    """What has an hour of the day waits for that; everything else is due now."""
    for job in scheduler.get_jobs():
        now = datetime.now(scheduler.timezone)
        due = job.trigger.get_next_fire_time(None, now) if isinstance(job.trigger, CronTrigger) else now
        with suppress(JobLookupError):  # it was done meanwhile
            job.modify(next_run_time=due)
