"""The gate comes first on its machine: people wait before it, whatever else the machine may be doing."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)
WINDOW, RECOGNISER = -10, -8  # niceness; the window needs little and at once


def come_first(niceness: int) -> bool:
    """Give this thread, and those it makes, a niceness below zero; False where the system does not allow it.

    See docs/OPERATIONS.md for the leave it takes.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    except OSError:
        log.info("no leave to come first on this machine")
        return False
    return True


@contextmanager
def punctual() -> Iterator[bool]:
    """Run this thread, and none that it makes, whenever it has something to do: for a window's own thread, which needs little.

    Yields False where the system does not allow it, or where there is no second core that a hanging window would leave free.
    """
    allowed = (os.cpu_count() or 1) > 1 and _schedule(os.SCHED_RR | os.SCHED_RESET_ON_FORK, 1)
    try:
        yield allowed
    finally:
        if allowed:
            _schedule(os.SCHED_OTHER, 0)


def _schedule(policy: int, priority: int) -> bool:
    try:
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except OSError:
        return False
    return True
