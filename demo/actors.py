"""The demo's actors: the real kiosk and the real desktop, each in a process of its own, with a prompter's line to the play.

An actor tells what its window really did (`Said`), and does what the play asks: enrol, acknowledge, take a picture, leave.
"""

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """Something an actor's window did, at `at` seconds since 1970 on this machine's clock."""

    what: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)


class Missed(Exception):
    """A step of the play did not happen; the text says which."""


class Actor:
    """A process and the line to it. `begin` is a function at module level, called there with the line and `arguments`."""

    def __init__(self, name: str, begin: Callable[..., None], *arguments: Any, offscreen: bool) -> None:
        self.name = name
        self.said: list[Said] = []
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        before = os.environ.get("QT_QPA_PLATFORM")
        if offscreen:
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        self._process = context.Process(target=_run, args=(begin, theirs, *arguments), name=name)
        self._process.start()
        theirs.close()
        if offscreen and before is None:
            del os.environ["QT_QPA_PLATFORM"]

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def tell(self, what: str, **data: Any) -> None:
        """Ask the actor to do something; `wait` for what it says of it."""
        self._line.send((what, data))

    def wait(
        self, what: str, seconds: float, since: float = 0.0, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> Said:
        """The first thing called `what` that the actor did after `since`; raises Missed when it does not happen in time."""
        until = time.monotonic() + seconds
        seen = 0
        while True:
            for said in self.said[seen:]:
                if said.what == what and said.at >= since and where(said.data):
                    return said
                if said.what == "failed":
                    raise Missed(f"{self.name}: {said.data['why']}")
            seen = len(self.said)
            left = until - time.monotonic()
            if left <= 0 or not self._hear(left):
                raise Missed(f"{self.name} did not say “{what}” within {seconds:g} s")

    def _hear(self, seconds: float) -> bool:
        try:
            if not self._line.poll(seconds):
                return False
            self.said.append(self._line.recv())
        except (EOFError, OSError) as e:
            raise Missed(f"{self.name} has ended") from e
        return True

    def leave(self, seconds: float = 20.0) -> None:
        """Ask the actor to close its window and end."""
        if self.alive:
            with contextlib.suppress(OSError):  # it is leaving by itself
                self.tell("leave")
            self._process.join(seconds)
        if self.alive:
            self._process.kill()
            self._process.join()
        self._line.close()

    def stay(self) -> None:
        """Wait until somebody closes the window."""
        self._process.join()


def _run(begin: Callable[..., None], line: Connection, *arguments: Any) -> None:
    from domain.errors import Mendable
    from offline.program import sentence, terminal_language

    try:
        begin(line, *arguments)
    except Mendable as e:
        line.send(Said("failed", time.time(), {"why": sentence(e, terminal_language())}))
        sys.exit(1)


class Stage:
    """Inside an actor's process: hears the play's requests on the window's thread, and answers."""

    def __init__(self, line: Connection, doing: dict[str, Callable[..., Any]]) -> None:
        from PySide6.QtCore import QSocketNotifier

        self._line, self._doing = line, doing
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._asked)

    def say(self, what: str, **data: Any) -> None:
        self._line.send(Said(what, time.time(), data))

    def close(self) -> None:
        self._notifier.setEnabled(False)

    def _asked(self) -> None:
        try:
            while self._line.poll():
                what, data = self._line.recv()
                self.say(f"{what} done", **(self._doing[what](**data) or {}))
        except EOFError:  # the play has ended without a word
            self._notifier.setEnabled(False)
            self._doing["leave"]()


def take_picture(window: Any, path: Path) -> None:
    """The window as it is now, as a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(path))
