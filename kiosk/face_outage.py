"""No face can be recognised: for how long, who is told of it, and whether the gate stands open meanwhile."""

import threading
import time
from collections.abc import Callable, Container, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from domain.passages import Hours
from kiosk.faces.messages import RecogniserState
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Faults, Part

LOST, BACK = "gate.faces_lost", "gate.faces_back"
TOLD_AFTER = timedelta(minutes=10)  # a cable that is put back, a recogniser that is restarted, call nobody


class FaceOutage:
    """Hears what the visit hears, from any thread. `hours` are those in which the gate stands open once this has lasted `after`;
    `now` is the gate's local time, `record` keeps a fact."""

    def __init__(
        self,
        gate: str,
        hours: Sequence[Hours],
        after: timedelta,
        holidays: Container[date],
        now: Callable[[], datetime],
        record: Callable[[str, dict[str, Any]], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gate, self._hours, self._after, self._holidays = gate, hours, after, holidays
        self._now, self._record, self._monotonic = now, record, monotonic
        self._lock = threading.Lock()
        self._faults = Faults()
        self._since: float | None = None
        self._told = False

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
        lasts = self._lasts(TOLD_AFTER)
        if lasts is not self._told:
            self._told = lasts
            self._record(LOST if lasts else BACK, {"gate": self._gate})

    def stands_open(self) -> bool:
        """Whether the gate is to stand open now."""
        return self._lasts(self._after) and any(hours.cover(self._now(), self._holidays) for hours in self._hours)

    def _lasts(self, so_long: timedelta) -> bool:
        with self._lock:
            return self._since is not None and self._monotonic() - self._since >= so_long.total_seconds()
