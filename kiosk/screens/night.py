"""When the kiosk turns dark: by the light where there is a sensor, else by the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

DARK_LUX, BRIGHT_LUX = 20.0, 40.0  # between the two it stays as it is, so that dusk does not flicker


@dataclass(slots=True)
class Night:
    """Called with the local time, says whether it is night. `lux` reads a light sensor; None where there is none."""

    begins: time = time(18, 30)
    ends: time = time(6, 30)
    lux: Callable[[], float | None] = lambda: None
    _dark: bool = False

    def __call__(self, now: datetime) -> bool:
        light = self.lux()
        if light is None:
            clock = now.time()
            over_midnight = self.begins > self.ends
            after, before = clock >= self.begins, clock < self.ends
            self._dark = (after or before) if over_midnight else (after and before)
        elif light < DARK_LUX:
            self._dark = True
        elif light > BRIGHT_LUX:
            self._dark = False
        return self._dark
