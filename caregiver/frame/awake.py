"""Keeps this computer from sleeping while somebody watches by it, lights its screen where one must look, tells when it slept."""

import logging
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from queue import Empty, SimpleQueue
from threading import Thread

from PySide6.QtCore import QObject, Signal
from wakepy import Mode, keep

from caregiver.frame.lighting import light
from offline.node_clock import elapsed

log = logging.getLogger(__name__)

SLEPT_S = 60.0  # a window that looks every second and did not for so long
AGAIN_S = 300.0  # what could not be had is asked for again: the session's own services may have started after us


class Stay(Enum):
    AWAKE = "awake"  # the screen may darken and lock itself; what rings is heard
    LIT = "lit"


Wanted = frozenset[Stay]
WAYS: dict[Stay, tuple[Callable[..., Mode], ...]] = {
    Stay.AWAKE: (keep.running, keep.presenting),  # better lit all day than asleep: Xfce does not keep the two apart
    Stay.LIT: (keep.presenting,),
}


class Awake(QObject):
    """`slept(seconds)` after a time in which nothing could ring here, a lid that was closed say."""

    slept = Signal(float)

    def __init__(self, parent: QObject | None = None, passed: Callable[[], float] = elapsed) -> None:
        """`passed` counts seconds, those of the machine's sleep too."""
        super().__init__(parent)
        self._passed = passed
        self._looked: float | None = None
        self._wanted: Wanted = frozenset()
        self._asked: SimpleQueue[Wanted | None] = SimpleQueue()
        self._keeper = Thread(target=_keep, args=(self._asked,), name="awake", daemon=True)
        self._keeper.start()

    def tick(self, lit: bool) -> None:
        """Once a second while somebody watches; `lit` while they must see what is on the screen."""
        now, before = self._passed(), self._looked
        self._looked = now
        self._want(frozenset({Stay.AWAKE, Stay.LIT} if lit else {Stay.AWAKE}))
        if before is not None and now - before >= SLEPT_S:
            log.warning("this computer slept or stood still for %.0f s", now - before)
            self.slept.emit(now - before)

    def rest(self) -> None:
        """Nobody watches here any more."""
        self._looked = None
        self._want(frozenset())

    def close(self) -> None:
        self._asked.put(None)
        self._keeper.join()

    def _want(self, wanted: Wanted) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self._asked.put(wanted)


def _keep(asked: "SimpleQueue[Wanted | None]") -> None:
    """A thread of its own: a bus that does not answer takes seconds, and whoever enters a mode must be who leaves it."""
    held: dict[Stay, Mode] = {}
    missed: Wanted = frozenset()
    lit = False
    wanted: Wanted | None = frozenset()
    while wanted is not None:
        for stay in held.keys() - wanted:
            _leave(held.pop(stay))
        for stay in wanted - held.keys():
            if (mode := _enter(stay)) is not None:
                held[stay] = mode
        if Stay.LIT in wanted and not lit:  # what keeps a screen lit does not light a dark one
            light()
        lit = Stay.LIT in wanted
        if missed != (missed := wanted - held.keys()):
            log.warning(
                "kept here: %s; not to be had here: %s", *([stay.value for stay in of] for of in (held, missed))
            )
        with suppress(Empty):
            wanted = asked.get(timeout=AGAIN_S if missed else None)
    for mode in held.values():
        _leave(mode)


def _enter(stay: Stay) -> Mode | None:
    for way in WAYS[stay]:
        mode = way(on_fail="pass").__enter__()
        if mode.active:
            return mode
        _leave(mode)
    return None


def _leave(mode: Mode) -> None:
    try:
        mode.__exit__(None, None, None)
    except Exception:  # the session's service has gone, and with it what it held
        log.exception("leaving %s", mode.name)
