"""Work on many files on all cores, with a bar on standard error; a file that brings its process down costs nothing but itself.

Ctrl-C or a termination ends it after the files under way; however this process ends, its workers end with it.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    start: Callable[..., None],
    args: tuple[Any, ...] = (),
    processes: int | None = None,
) -> Iterator[Result | None]:
    """`work` of every item, in their order; None for one whose process died of it. `start(*args)` runs in each process first."""
    began, done = time.monotonic(), 0
    at_once = min(processes or os.cpu_count() or 1, max(1, len(items)))
    workers = at_once
    while done < len(items):
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(start, args)
        )
        with pool:
            try:
                for result in [pool.submit(work, item) for item in items[done:]]:
                    yield result.result()
                    done += 1
                    _progress(done, len(items), time.monotonic() - began)
            except BrokenProcessPool:
                if workers == 1:  # one after another: the first without a result is the one
                    print(f"\n{items[done]}: the process that read it died", file=sys.stderr, flush=True)
                    yield None
                    done += 1
                workers = 1 if workers > 1 else at_once
            except BaseException:  # interrupted: what waits is not begun
                pool.shutdown(cancel_futures=True)
                raise


def _begin(start: Callable[..., None], args: tuple[Any, ...]) -> None:
    """A worker leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    start(*args)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _progress(done: int, total: int, seconds: float) -> None:
    if done % max(1, min(20, total // 50)) and done != total:
        return
    bar = "#" * (30 * done // total)
    left = seconds / done * (total - done)
    end = "\n" if done == total else ""
    print(f"\r[{bar:<30}] {done}/{total}  {left:4.0f} s left", end=end, file=sys.stderr, flush=True)
