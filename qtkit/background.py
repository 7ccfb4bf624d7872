"""Work that may take over 5 ms, kept off the window's thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QObject, Qt, Signal

Then = Callable[[Any], object]
Otherwise = Callable[[Exception], object]


class Job:
    """One piece of work. What comes of it is told on the window's thread, once; never after `cancel`.

    The work and whom it tells may hold a window for the last time. So they are let go of there, too, and by no Qt object that
    dies: one whose destructor let go of its own parent would be destroyed twice.
    """

    def __init__(self, work: Callable[[], Any], then: Then | None, otherwise: Otherwise | None) -> None:
        self._work, self._then, self._otherwise = work, then, otherwise
        self._result: Any = None
        self._error: BaseException | None = None
        self._cancelled = Event()

    @property
    def cancelled(self) -> bool:
        """Long work looks here between its steps."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()

    def perform(self) -> None:
        """In a thread of its own."""
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error

    def tell(self) -> None:
        """On the window's thread. Raises the work's exception where nobody is named who hears of it."""
        result, error, then, otherwise = self._result, self._error, self._then, self._otherwise
        self.forget()
        if self.cancelled:
            return
        if error is None:
            if then is not None:
                then(result)
        elif isinstance(error, Exception) and otherwise is not None:
            otherwise(error)
        else:
            raise error

    def forget(self) -> None:
        self._work = _nothing
        self._then = self._otherwise = self._result = self._error = None


def _nothing() -> None:
    return None


LAST_WORDS_S = 2.0  # for an answer that is on its way when the window closes


class Background(QObject):
    """A few threads and an orderly end: `close` lets running work finish, drops what waits, and joins every thread.

    Work that `asks` somebody else, and may wait for them for seconds, has threads of its own: a page that reads what is here
    waits for nobody.
    """

    _settled = Signal(object)

    def __init__(self, parent: QObject | None = None, threads: int = 2, asking: int = 8) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._askers = ThreadPoolExecutor(asking, thread_name_prefix="background-asks")
        self._cuts: list[Callable[[], object]] = []
        self._jobs: dict[Job, Future[None]] = {}
        self._owned: dict[int, WeakSet[Job]] = {}  # by their owner's id, for as long as there is one
        self._readings: dict[int, Job] = {}  # the newest of each owner, see `read_anew`
        self._closed = False
        self.was_cut = False  # whether somebody who was asked did not answer to the last
        self._settled.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything has not been delivered yet."""
        return bool(self._jobs)

    def run(
        self,
        work: Callable[[], Any],
        then: Then | None = None,
        otherwise: Otherwise | None = None,
        owner: QObject | None = None,
        asks: bool = False,
    ) -> Job:
        """Start `work` in a thread; its result goes to `then`, its exception to `otherwise`.

        Without that it is raised on the window's thread, where `qtkit.app.Trouble` hears of it and says it. The job is cancelled
        when `owner` is destroyed. Raises RuntimeError after `close`.
        """
        job = Job(work, then, otherwise)
        if owner is not None:
            self._belongs(job, owner)
        self._jobs[job] = (self._askers if asks else self._pool).submit(self._perform, job)
        return job

    def read_anew(self, work: Callable[[], Any], then: Then, owner: QObject, asks: bool = False) -> Job:
        """`run`, where only the newest counts: an earlier reading for the same owner that comes later shows nothing old, and one
        that has not begun never does."""
        if (former := self._readings.get(id(owner))) is not None:
            former.cancel()
            if (waits := self._jobs.get(former)) is not None and waits.cancel():
                del self._jobs[former]
                former.forget()
        job = self._readings[id(owner)] = self.run(work, then, owner=owner, asks=asks)
        return job

    def cut_by(self, cut: Callable[[], object]) -> None:
        """`cut` makes those who are asked be waited for no longer; called by `close`, from then on for good."""
        self._cuts.append(cut)

    def close(self) -> None:
        self._closed = True
        for job in self._jobs:
            job.cancel()
        for pool in (self._pool, self._askers):
            pool.shutdown(wait=False, cancel_futures=True)
        if wait([left for left in self._jobs.values() if not left.done()], LAST_WORDS_S).not_done:
            self.was_cut = True
            for cut in self._cuts:
                cut()
        for pool in (self._pool, self._askers):
            pool.shutdown(wait=True)
        for job in self._jobs:
            job.forget()
        self._jobs.clear()

    def _belongs(self, job: Job, owner: QObject) -> None:
        key = id(owner)
        if key not in self._owned:
            self._owned[key] = WeakSet()
            owner.destroyed.connect(lambda: self._orphaned(key))
        self._owned[key].add(job)

    def _orphaned(self, owner: int) -> None:
        for job in self._owned.pop(owner, ()):
            job.cancel()
        self._readings.pop(owner, None)

    def _perform(self, job: Job) -> None:
        job.perform()
        if not self._closed:
            self._settled.emit(job)

    def _deliver(self, job: Job) -> None:
        self._jobs.pop(job, None)
        job.tell()
