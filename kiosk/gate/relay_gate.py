"""A gate on any Line: times the pulse, so that no relay needs a timer of its own."""

import logging
import threading
import time
from collections.abc import Callable

from domain.errors import Mendable
from kiosk.gate.port import GateState, Line

log = logging.getLogger(__name__)

RETRY_S = 1.0  # how often a relay that did not go off is asked again


class RelayGate:
    """Implements Gate. One thread waits for the end of the pulse; `monotonic` is a clock in seconds."""

    def __init__(self, line: Line, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.simulated = line.simulated
        self._line, self._monotonic = line, monotonic
        self._lock = threading.Lock()  # one talk with the line at a time
        self._changed = threading.Condition(self._lock)
        self._until: float | None = None
        self._held = self._closed = False
        self._thread = threading.Thread(target=self._end_pulses, name="gate-pulse", daemon=True)
        self._thread.start()

    def open(self, seconds: float) -> None:
        with self._changed:
            try:
                self._line.switch(True)
            except Mendable:
                self._until = self._until or self._monotonic()  # it may have heard us all the same
                self._changed.notify()
                raise
            self._until = max(self._until or 0.0, self._monotonic() + seconds)
            self._changed.notify()

    def hold(self, on: bool) -> None:
        with self._changed:
            self._held = on
            if on:
                self._line.switch(True)
                self._until = None
            else:
                self._until = self._monotonic()
            self._changed.notify()

    def state(self) -> GateState:
        with self._lock:
            return self._line.read()

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        self._thread.join()
        try:
            self._line.switch(self._held)
        except Mendable as error:
            log.warning("the relay could not be told to rest: %s", error)
        self._line.close()

    def _end_pulses(self) -> None:
        with self._changed:
            while not self._closed:
                if self._until is None or self._held:
                    self._changed.wait()
                    continue
                left = self._until - self._monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                try:
                    self._line.switch(False)
                    self._until = None
                except Exception as error:  # whatever it is: a gate that stays open is worse
                    log.error("the relay did not go off, trying again: %r", error)
                    self._until = self._monotonic() + RETRY_S
