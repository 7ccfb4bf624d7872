"""Work that may take over 5 ms, kept off the window's thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


def _uncaught(error: Exception) -> None:
    raise error


class Job(QObject):
    """One piece of work. `done` or `failed` is emitted on the window's thread, once; never after `cancel`."""

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._cancelled = Event()

    @property
    def cancelled(self) -> bool:
        """Long work looks here between its steps."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()


class Background(QObject):
    """A few threads and an orderly end: `close` lets running work finish, drops what waits, and joins every thread."""

    _settled = Signal(object, object)

    def __init__(self, parent: QObject | None = None, threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._jobs: set[Job] = set()
        self._readings: dict[QObject, Job] = {}  # the newest of each owner, see `read_anew`
        self._closed = False
        self._settled.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything has not been delivered yet."""
        return bool(self._jobs)

    def run(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None] | None = None,
        otherwise: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
    ) -> Job:
        """Start `work` in a thread; its result goes to `then`, its exception to `otherwise`.

        Without that it is raised on the window's thread, where `qtkit.app.Trouble` hears of it and says it. The job is cancelled
        when `owner` is destroyed. Raises RuntimeError after `close`.
        """
        job = Job(self)
        self._jobs.add(job)
        if then is not None:
            job.done.connect(then)
        if otherwise is not None:
            job.failed.connect(otherwise)
        else:
            job.failed.connect(_uncaught)
        if owner is not None:
            owner.destroyed.connect(lambda: job.cancel())
        self._pool.submit(work).add_done_callback(lambda future: self._settle(job, future))
        return job

    def read_anew(self, work: Callable[[], Any], then: Callable[[Any], None], owner: QObject) -> Job:
        """`run`, where only the newest counts: an earlier reading for the same owner that comes later shows nothing old."""
        former = self._readings.get(owner)
        if former is None:
            owner.destroyed.connect(lambda: self._readings.pop(owner, None))
        else:
            former.cancel()
        job = self._readings[owner] = self.run(work, then, owner=owner)
        return job

    def close(self) -> None:
        self._closed = True
        for job in self._jobs:
            job.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._jobs.clear()

    def _settle(self, job: Job, future: "Future[Any]") -> None:
        if not self._closed and not future.cancelled():
            self._settled.emit(job, future)

    def _deliver(self, job: Job, future: "Future[Any]") -> None:
        self._jobs.discard(job)
        if not job.cancelled:
            error = future.exception()
            if error is None:
                job.done.emit(future.result())
            elif isinstance(error, Exception):
                job.failed.emit(error)
            else:
                raise error
        job.deleteLater()
