"""The scheduler that ticks a program's jobs, whatever happens to the clock.

APScheduler sleeps until a moment on the wall clock. Set back by a day, by hand or by a time server, it would sleep for a day, and
neither a round of sync nor a desk's own watch would come: so the wall clock is held against one that only runs on. Put forward, its
interval lists every tick that was passed over, of a board that began in 1970 more than its memory holds: hence `Every`.
While a job runs on it would write a line for every tick that is left out, until the log holds nothing else: that is said once.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_SCHEDULER_SHUTDOWN,
    EVENT_SCHEDULER_STARTED,
    JobEvent,
)
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

log = logging.getLogger(__name__)
_theirs = log.getChild("apscheduler")  # what it says itself
_theirs.setLevel(logging.WARNING)
_theirs.addFilter(lambda record: "maximum number of running instances" not in str(record.msg))
LOOK_S = 1.0
STEP_S = 1.0  # a clock that is put right by less is only late by as much


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Due so many seconds after it was given out, and after each time it ran."""

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._pause


def make_scheduler(
    wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
) -> BackgroundScheduler:
    """A scheduler on threads of its own, from `start` to `shutdown`. A job that is late runs, once however late it is."""
    scheduler = BackgroundScheduler(job_defaults={"coalesce": True, "misfire_grace_time": None}, logger=_theirs)
    _tell_of_overruns(scheduler)
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


def _tell_of_overruns(scheduler: BackgroundScheduler) -> None:
    running_on = set[str]()

    def heard(event: JobEvent) -> None:
        if event.code != EVENT_JOB_MAX_INSTANCES:
            running_on.discard(event.job_id)
        elif event.job_id not in running_on:
            running_on.add(event.job_id)
            job = scheduler.get_job(event.job_id)
            log.info("%s still runs when it is due again", event.job_id if job is None else job.name)

    scheduler.add_listener(heard, EVENT_JOB_MAX_INSTANCES | EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)


def _begin_anew(scheduler: BackgroundScheduler) -> None:
    """What has an hour of the day waits for that; everything else is due now."""
    for job in scheduler.get_jobs():
        now = datetime.now(scheduler.timezone)
        due = job.trigger.get_next_fire_time(None, now) if isinstance(job.trigger, CronTrigger) else now
        with suppress(JobLookupError):  # it was done meanwhile
            job.modify(next_run_time=due)
