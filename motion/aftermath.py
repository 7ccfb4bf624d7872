"""What the stream shows after a suspected fall: lying still, or up and moving."""

from dataclasses import dataclass

import numpy as np

from motion.resample import RATE, Floats

WATCH = 90.0  # s after the impact
STILL_SD, MOVING_SD = 0.03, 0.12  # g, of the magnitude within a second: breathing stays below, walking above
STILL_FOR, MOVING_FOR = 30, 6  # s; six moving seconds of the last eight are no twitch
UPRIGHT = 45.0  # degrees from the posture before the impact: crawling is no getting up
_SETTLE = 5.0  # s after the impact belong to the fall


@dataclass(frozen=True, slots=True)
class Still:
    """Stream times in s: motionless from `since` until `at`."""

    impact: float
    since: float
    at: float


@dataclass(frozen=True, slots=True)
class Moving:
    """On one's feet again at `at`."""

    impact: float
    at: float


class Aftermath:
    """Follows one suspicion second by second; says each of the two at most once."""

    def __init__(self, impact: float, upright: Floats) -> None:
        self._impact, self._upright = impact, upright / max(float(np.linalg.norm(upright)), 1e-6)
        self._next = impact + _SETTLE
        self._moving: list[bool] = []
        self._still_since: float | None = None
        self._said: set[type] = set()

    @property
    def over(self) -> bool:
        return self._next > self._impact + WATCH or len(self._said) == 2

    def see(self, when: Floats, g: Floats) -> list[Still | Moving]:
        """The grid so far, times (n,) and values (n, 3); seconds already seen are skipped."""
        found: list[Still | Moving] = []
        while not self.over and len(when) and when[-1] >= self._next + 1:
            first = int(np.searchsorted(when, self._next))
            second = g[first : first + RATE]
            if len(second) < RATE or when[first] > self._next + 1:  # a hole: nothing is known of it
                self._still_since, self._moving = None, []
                self._next = float(max(when[min(first, len(when) - 1)], self._next + 1))
                continue
            self._next += 1
            found += self._second(float(self._next), second)
        return found

    def _second(self, now: float, g: Floats) -> list[Still | Moving]:
        sd = float(np.linalg.norm(g, axis=1).std())
        mean = g.mean(axis=0)
        cosine = float(mean @ self._upright) / max(float(np.linalg.norm(mean)), 1e-6)
        self._moving = [*self._moving[-7:], sd > MOVING_SD and cosine > np.cos(np.radians(UPRIGHT))]
        if sd > STILL_SD:
            self._still_since = None
        elif self._still_since is None:
            self._still_since = now - 1
        found: list[Still | Moving] = []
        if self._still_since is not None and now - self._still_since >= STILL_FOR and Still not in self._said:
            found.append(Still(self._impact, self._still_since, now))
        if sum(self._moving) >= MOVING_FOR and Moving not in self._said:
            found.append(Moving(self._impact, now))
        self._said |= {type(f) for f in found}
        return found
