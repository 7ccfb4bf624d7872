"""A stream of accelerometer samples in; suspected falls, and what came after them, out. Small enough for a gateway or a phone.

    detector = Detector(load(), position="waist")
    for times, values in stream:
        for report in detector.push(times, values): ...
    detector.flush()

A window is judged when `AFTER` seconds of it have come, or at a hole or the stream's end with what there is. Every hit is reported;
which hits are one fall, and what becomes of it, is decided by `domain.falls`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from motion.aftermath import Aftermath, Moving, Still
from motion.features import AFTER, BEFORE, PEAK, features
from motion.forest import Model
from motion.impacts import APART, MIN_AFTER, impacts, window
from motion.resample import MAX_GAP, RATE, Floats, grid

_WORK_EVERY = 1.0  # s of signal gathered before work is done


@dataclass(frozen=True, slots=True)
class Suspected:
    """`impact` and `noticed` are stream times in s; `score` is 0..1; `position` set the operating point."""

    impact: float
    noticed: float
    score: float
    position: str


Report = Suspected | Still | Moving


class Detector:
    """One device's stream. A step back in time or a hole over half a second begins a new piece. Not thread-safe."""

    def __init__(self, model: Model, position: str = "waist") -> None:
        self._model, self._position = model, position
        self._threshold = model.threshold(position)
        self._after: list[Aftermath] = []
        self._raw: list[tuple[Floats, Floats]] = []
        self._last: float = -np.inf
        self._worked: float = -np.inf
        self._judged: float = -np.inf

    def push(self, t: Floats, a: Floats) -> list[Report]:
        """Times (n,) in s and values (n, 3) in g, any number of them. Values that are no numbers are holes, repeats are skipped."""
        t, a = np.asarray(t, float), np.asarray(a, float)
        good = np.isfinite(t) & np.isfinite(a).all(axis=1)
        t, a = t[good], a[good]
        found: list[Report] = []
        steps = np.diff(t, prepend=self._last if self._raw else t[:1])
        breaks = np.flatnonzero((steps > MAX_GAP) | (steps < -MAX_GAP))
        for start, end in zip([0, *breaks], [*breaks, len(t)], strict=True):
            if start in breaks:
                found += self.flush()
            part, values = t[start:end], a[start:end]
            new = part > np.maximum.accumulate(np.concatenate([[self._last], part]))[:-1]
            if new.any():
                self._raw.append((part[new], values[new]))
                self._last = float(part[new][-1])
        if self._raw and self._last - self._worked >= _WORK_EVERY:
            found += self._work(ended=False)
        return found

    def flush(self) -> list[Report]:
        """The stream ended or has a hole: judge what is left, then begin anew."""
        found = self._work(ended=True) if self._raw else []
        self._restart()
        return found

    def _restart(self) -> None:
        self._raw = []
        self._last = self._worked = self._judged = -np.inf

    def _work(self, *, ended: bool) -> list[Report]:
        t = np.concatenate([part for part, _ in self._raw])
        a = np.concatenate([values for _, values in self._raw])
        self._worked = self._last
        if len(t) < 2:
            return []
        when, g = grid(t, a)
        complete = len(g) - (MIN_AFTER if ended else int(AFTER * RATE) + 1)
        peaks = [p for p in impacts(np.linalg.norm(g, axis=1)) if when[p] > self._judged and p < complete]
        found: list[Report] = list(self._judge(when, g, peaks))
        for after in self._after:
            found += after.see(when, g)
        self._after = [after for after in self._after if not after.over]
        if complete > 0 and not ended:
            self._judged = max(self._judged, float(when[complete - 1]))
            kept = t >= self._judged - BEFORE - APART / RATE - 1.0
            self._raw = [(t[kept], a[kept])]
        return found

    def _judge(self, when: Floats, g: Floats, peaks: list[int]) -> Iterator[Suspected]:
        if not peaks:
            return
        scores = self._model.score(features(np.array([window(g, p) for p in peaks])))
        for p, score in zip(peaks, scores, strict=True):
            if score > self._threshold:
                at = float(when[p])
                self._after.append(Aftermath(at, g[max(0, p - PEAK) : max(1, p - RATE)].mean(axis=0)))
                noticed = float(when[min(p + int(AFTER * RATE), len(when) - 1)])
                yield Suspected(at, noticed, float(score), self._position)
