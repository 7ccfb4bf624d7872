"""No face can be recognised: for how long, who is told of it, and whether the gate stands open meanwhile."""

import threading
import time
from collections.abc import Callable, Container, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from domain.events import to_ms
from domain.passages import Hours
from kiosk.faces.messages import RecogniserState
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Faults, Part
from offline.journal.journal import Journal
from watch.signs import FACES_BACK, FACES_LOST

LOST, BACK = FACES_LOST, FACES_BACK
TOLD_AFTER = timedelta(minutes=10)  # a cable that is put back, a recogniser that is restarted, call nobody


def was_told(journal: Journal) -> bool:
    """Whether this gate's last word is that it can recognise nobody: it was restarted since, perhaps to mend that."""
    told = [f for kind in (LOST, BACK) for f in journal.facts(kind) if f.envelope.device == journal.device]
    return bool(told) and max(told, key=lambda f: f.envelope.hlc).envelope.kind == LOST


class FaceOutage:
    """Hears what the visit hears, from any thread. `hours` are those in which the gate stands open once this has lasted `after`;
    `now` is the gate's local time, `record` keeps a fact; `told` is how things stood before the start."""

    def __init__(
        self,
        gate: str,
        hours: Sequence[Hours],
        after: timedelta,
        holidays: Container[date],
        now: Callable[[], datetime],
        record: Callable[[str, dict[str, Any]], None],
        told: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        needs_infrared: Callable[[], bool] = lambda: True,
    ) -> None:
        self._gate, self._hours, self._after, self._holidays = gate, hours, after, holidays
        self._now, self._record, self._monotonic = now, record, monotonic
        self._lock = threading.Lock()
        self._faults = Faults(needs_infrared=needs_infrared)
        self._since: float | None = None
        self._told, self._began = told, monotonic()

    def hear(self, event: Event) -> None:
        if isinstance(event, RecogniserState):
            event = Fault(Part.RECOGNISER, "" if event.up else event.code or "recogniser_down")
        if not isinstance(event, Fault):
            return
        with self._lock:
            self._faults.hear(event)
            if self._faults.face is None:
                self._since = None
            elif self._since is None:
                self._since = self._monotonic()

    def look(self) -> None:
        """Told once it has lasted, and once it is over; called every minute or so."""
        if self._told is not (lost := self._is_lost()):
            self._told = lost
            told: dict[str, Any] = {"gate": self._gate}
            if lost:
                told["since"] = to_ms(self._now() - timedelta(seconds=self._lasted()))
            self._record(LOST if lost else BACK, told)

    def _is_lost(self) -> bool:
        """As it is to be told: what was told stands until no part is out of order, nor can be without having said so yet."""
        if not self._told:
            return self._lasts(TOLD_AFTER)
        with self._lock:
            begins = self._monotonic() - self._began < TOLD_AFTER.total_seconds()
            return begins or self._since is not None

    def stands_open(self) -> bool:
        """Whether the gate is to stand open now."""
        return self._lasts(self._after) and any(hours.cover(self._now(), self._holidays) for hours in self._hours)

    def _lasts(self, so_long: timedelta) -> bool:
        return self._since is not None and self._lasted() >= so_long.total_seconds()

    def _lasted(self) -> float:
        """For how many seconds nobody can be recognised."""
        with self._lock:
            return self._monotonic() - self._since if self._since is not None else 0.0
