"""Group commit: threads that take what has queued up and commit it together, urgent work first."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from district.store.port import Busy, Fresh, Listener

log = logging.getLogger(__name__)

MAX_GROUP = 2_000  # facts a commit: an alarm waits for one group at most
MAX_QUEUED = 60_000  # facts waiting: beyond it, callers are sent away for a while


@dataclass(slots=True)
class Job:
    """`work` runs inside a transaction with whatever the adapter hands it; its result is the future's."""

    work: Callable[[Any], Any]
    weight: int = 1
    future: "Future[Any]" = field(default_factory=Future)
    about: Any = None  # what an adapter wants to know of it before it begins
    urgent: bool = False  # goes before what is usual
    vital: bool = False  # has a right to the room that is kept for a full disk


class GroupWriter:
    """`commit(jobs, seat)` runs jobs in one transaction and returns their results, or raises and keeps nothing.

    It may stop after any of them (where `hurried` says so, for instance): the others come first in the next transaction.
    `tidy(weight)` runs when a transaction of so much weight has been answered: what nobody should wait for.
    """

    def __init__(
        self,
        commit: Callable[[list[Job], int], list[Any]],
        threads: int = 1,
        queued: int = MAX_QUEUED,
        tidy: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._commit, self._limit, self._tidy = commit, queued, tidy
        self._urgent: deque[Job] = deque()
        self._usual: deque[Job] = deque()
        self._waiting = 0
        self._ready = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, args=(seat,), name=f"store-writer-{seat}") for seat in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Facts that wait for their commit."""
        return self._waiting

    @property
    def hurried(self) -> bool:
        """Something urgent waits behind work that is not."""
        return bool(self._urgent)

    def submit(self, job: Job, urgent: bool = False) -> "Future[Any]":
        """Queue a job. Raises Busy where too much waits already; urgent work is never sent away."""
        with self._ready:
            if self._closing:
                raise RuntimeError("the store is closed")
            if not urgent and self._waiting and self._waiting + job.weight > self._limit:
                raise Busy
            job.urgent = urgent
            job.future.set_running_or_notify_cancel()  # a caller who goes away takes nothing back, and ends no writer
            (self._urgent if urgent else self._usual).append(job)
            self._waiting += job.weight
            self._ready.notify()
        return job.future

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._ready:
            self._closing = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    def _take(self) -> list[Job]:
        with self._ready:
            while not (self._urgent or self._usual or self._closing):
                self._ready.wait()
            jobs: list[Job] = []
            weight = 0
            for queue in (self._urgent, self._usual):
                while queue and (not jobs or weight + queue[0].weight <= MAX_GROUP):
                    weight += queue[0].weight
                    jobs.append(queue.popleft())
            self._waiting -= weight
        return jobs

    def _run(self, seat: int) -> None:
        while jobs := self._take():
            try:
                results = self._commit(jobs, seat)
                self._put_back(jobs[len(results) :])
                self._settle(jobs[: len(results)], results)
            except Exception as e:
                if len(jobs) == 1:
                    jobs[0].future.set_exception(e)
                else:
                    log.warning("a group of %d failed, one by one: %s", len(jobs), e)
                    self._one_by_one(jobs, seat)
            else:
                self._tidy(sum(job.weight for job in jobs))

    def _put_back(self, jobs: list[Job]) -> None:
        if jobs:
            with self._ready:
                self._usual.extendleft(reversed(jobs))
                self._waiting += sum(job.weight for job in jobs)
                self._ready.notify()

    def _one_by_one(self, jobs: list[Job], seat: int) -> None:
        for job in jobs:
            try:
                self._settle([job], self._commit([job], seat))
            except Exception as e:
                job.future.set_exception(e)

    def doing(self, jobs: list[Job]) -> Iterator[Job]:
        """The jobs of a transaction in their turn, as long as nothing more urgent waits."""
        for n, job in enumerate(jobs):
            if n and not job.urgent and self.hurried:
                return
            yield job

    @staticmethod
    def _settle(jobs: list[Job], results: list[Any]) -> None:
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)


def tell(listeners: Iterable[Listener], fresh: Fresh) -> None:
    """After a commit: a listener that fails takes nothing back, has nothing done twice, and keeps nobody else from hearing."""
    for listener in listeners:
        try:
            listener(fresh)
        except Exception:
            log.exception("a listener of the store failed")
