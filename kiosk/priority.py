"""The gate comes first on its machine: people wait before it, whatever else the machine may be doing."""

import logging
import os

log = logging.getLogger(__name__)
WINDOW, RECOGNISER = -10, -8  # niceness; the window needs little and at once


def come_first(niceness: int) -> bool:
    """Give this process a niceness below zero; False where the system does not allow it (see docs/OPERATIONS.md)."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    except OSError:
        log.info("no leave to come first on this machine")
        return False
    return True
