"""What the program tells the recogniser's process, and how: whoever tells it never waits for a process that hangs."""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Condition, Thread

from kiosk.faces.gallery import People
from kiosk.faces.pipeline import Habits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SetGallery:
    """Replace the whole gallery."""

    people: People
    revision: int
    homes: Mapping[str, str]
    second: People = ()  # the same people under the engine on trial


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take these people out before the next match."""

    person_ids: frozenset[str]
    revision: int


@dataclass(frozen=True, slots=True)
class CameOtherwise:
    """This resident was let in by their own card or PIN."""

    person_id: str


Command = SetGallery | Withdraw | Habits | CameOtherwise | None  # None: end


class Commands:
    """Sends commands to one process, in their order, on a thread of its own: a pipe that is full takes nothing more.

    A gallery is whole, so what was to be changed in the one before it goes unsent. Ends with the process, or with `close`.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._waiting: deque[Command] = deque()
        self._changed = Condition()
        self._over = False
        self._thread = Thread(target=self._run, name="recogniser-commands", daemon=True)
        self._thread.start()

    def put(self, command: Command) -> None:
        """Send it in its turn; returns at once."""
        with self._changed:
            if isinstance(command, SetGallery):
                self._waiting = deque(c for c in self._waiting if not isinstance(c, SetGallery | Withdraw))
            self._waiting.append(command)
            self._changed.notify()

    def close(self) -> None:
        """Called once the process has ended."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()
        self._pipe.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._over or self._waiting)
                if self._over:
                    return
                command = self._waiting.popleft()
            try:
                self._pipe.send(command)
            except OSError:
                log.info("the recogniser is away; it is told again when it is back")
                return
