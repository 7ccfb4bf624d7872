"""What the contacts mean: door opened, closed, held open, forced; tamper; fire; and whether the gate answers at all."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import Mendable
from kiosk.gate.port import Gate, GateState

log = logging.getLogger(__name__)


class GateEvent(StrEnum):
    OPENED = "opened"
    SHUT = "shut"
    HELD_OPEN = "held_open"
    FORCED = "forced"
    TAMPERED = "tampered"
    TAMPER_OVER = "tamper_over"
    FIRE = "fire"
    FIRE_OVER = "fire_over"
    LOST = "lost"
    BACK = "back"
    STANDS_OPEN = "stands_open"  # as its operator wants it while no face can be recognised
    STANDS_OPEN_OVER = "stands_open_over"


# What lasts, and what ends it.
OVER: Mapping[GateEvent, GateEvent] = {
    GateEvent.HELD_OPEN: GateEvent.SHUT,
    GateEvent.TAMPERED: GateEvent.TAMPER_OVER,
    GateEvent.FIRE: GateEvent.FIRE_OVER,
    GateEvent.LOST: GateEvent.BACK,
    GateEvent.STANDS_OPEN: GateEvent.STANDS_OPEN_OVER,
}
GRACE_S = 2.0  # a door may still be swinging open when the relay has just gone off


@dataclass(slots=True)
class ContactWatch:
    """A fold over states, by a clock that nobody sets, in seconds. `held_open_s` is how long a door may stand open; `before` is
    what was told before the start and not told to be over.

    A door that is found open where nobody looked before, or the gate did not answer, is not said to be forced: most locks let go
    without power.
    """

    held_open_s: float = 30.0
    before: frozenset[GateEvent] = frozenset()
    _state: GateState = field(default_factory=lambda: GateState(relay_on=False))
    _looked: bool = False  # the last time it was asked, the gate answered
    _open_since: float | None = None
    _released_at: float | None = None
    _held_said: bool = False
    _stands_open: bool = False
    _lost: bool = False

    def observe(self, state: GateState | None, now: float, stands_open: bool = False) -> list[GateEvent]:
        """What is new at `now`; a `state` of None means that the gate did not answer. `stands_open`: it is held open on purpose."""
        if state is None:
            news = [] if self._lost else [GateEvent.LOST]
            self._lost, self._looked = True, False
            return news
        news = [GateEvent.BACK] if self._lost else []
        self._lost = False
        news += self._over_meanwhile(state, stands_open)
        if state.relay_on:
            self._released_at = now
        if stands_open is not self._stands_open:
            news.append(GateEvent.STANDS_OPEN if stands_open else GateEvent.STANDS_OPEN_OVER)
            self._stands_open = stands_open
        news += self._edges(state, now)
        if self._too_long(now) and not (state.fire or stands_open):
            self._held_said = True
            news.append(GateEvent.HELD_OPEN)
        self._state, self._looked = state, True
        return news

    def _over_meanwhile(self, state: GateState, stands_open: bool) -> list[GateEvent]:
        """What ended while this program was down; asked once."""
        told, self.before = self.before, frozenset()
        now = {
            GateEvent.FIRE: state.fire, GateEvent.TAMPERED: state.tampered, GateEvent.HELD_OPEN: state.door_open,
            GateEvent.STANDS_OPEN: stands_open,
        }  # fmt: skip
        return [OVER[event] for event in OVER if event in told and not now.get(event)]

    def _too_long(self, now: float) -> bool:
        return self._open_since is not None and not self._held_said and now - self._open_since >= self.held_open_s

    def _edges(self, state: GateState, now: float) -> list[GateEvent]:
        news = []
        if state.fire and not self._state.fire:
            news.append(GateEvent.FIRE)
        if self._state.fire and not state.fire:
            news.append(GateEvent.FIRE_OVER)
        if state.tampered and not self._state.tampered:
            news.append(GateEvent.TAMPERED)
        if self._state.tampered and not state.tampered:
            news.append(GateEvent.TAMPER_OVER)
        if state.door_open and not self._state.door_open:
            if self._looked:
                released = self._released_at is not None and now - self._released_at <= GRACE_S
                news.append(GateEvent.OPENED if released or state.fire else GateEvent.FORCED)
            self._open_since, self._held_said = now, False
        if self._state.door_open and not state.door_open:
            news.append(GateEvent.SHUT)
            self._open_since = None
        return news


class GateWatch:
    """Looks at a gate's contacts in a thread of its own, holds it open while the fire input or `stands_open` says so, and tells
    `hear`.

    `hear(event, at)` is called in that thread. A gate that stops answering never stops the watch, nor does any error. At its first
    look a relay that whoever ran before left released is put to rest; and one that rests in a fire, because its board was without
    power meanwhile, is held again.
    """

    def __init__(
        self,
        gate: Gate,
        hear: Callable[[GateEvent, datetime], None],
        now: Callable[[], datetime],
        held_open_s: float = 30.0,
        every_s: float = 0.25,
        stands_open: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
        before: frozenset[GateEvent] = frozenset(),
    ) -> None:
        self._gate, self._hear, self._now, self._every = gate, hear, now, every_s
        self._stands_open, self._monotonic = stands_open, monotonic
        self._contacts = ContactWatch(held_open_s, before)
        self._held: bool | None = None  # None until it has been seen
        self._fire = False
        self._told = ""  # a gate that stays away is logged once, not four times a second
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, name="gate-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        failed = ""
        while not self._end.is_set():
            try:
                self._look_once()
                failed = ""
            except Exception as error:  # ours; but without this thread nobody would open for a fire
                if repr(error) != failed:
                    log.exception("the watch over the gate failed, and goes on")
                failed = repr(error)
            self._end.wait(self._every)

    def _look_once(self) -> None:
        state, stands_open = self._read(), self._stands_open()
        if state is not None:
            self._fire = bool(state.fire)
        wanted = self._fire or stands_open
        if state is not None:
            if self._held is None:
                self._held = state.relay_on and not wanted
            elif wanted and not state.relay_on:
                self._held = False
        if self._held is not None and self._held is not wanted:
            self._hold(wanted)
        at = self._now()
        for event in self._contacts.observe(state, self._monotonic(), stands_open):
            self._hear(event, at)

    def _read(self) -> GateState | None:
        try:
            state = self._gate.state()
        except Exception as error:  # what is not Mendable is ours, and the gate is no less lost
            if repr(error) != self._told:
                log.warning("gate: %s", error, exc_info=not isinstance(error, Mendable))
            self._told = repr(error)
            return None
        self._told = ""
        return state

    def _hold(self, on: bool) -> None:
        try:
            self._gate.hold(on)
            self._held = on
        except Mendable as error:
            log.error("the gate could not be %s: %s", "held open" if on else "let go of", error)
