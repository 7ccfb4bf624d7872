"""Following faces from frame to frame by overlap and nearness."""

from dataclasses import dataclass
from itertools import count

import numpy as np

from kiosk.faces.engine import Face

GONE_S = 0.5  # a face unseen for this long has left


@dataclass(slots=True)
class Track:
    """One face over time; `number` never repeats, times are monotonic seconds."""

    number: int
    face: Face
    first: float
    last: float
    frames: int = 1


class Tracker:
    """Greedy nearest pairing: a face belongs to the track whose last box it is within one width of and near in size."""

    def __init__(self, gone_s: float = GONE_S) -> None:
        self._gone_s = gone_s
        self._numbers = count(1)
        self.tracks: list[Track] = []

    def update(self, faces: list[Face], at: float) -> list[Track]:
        """The tracks seen in this frame, in the order of `faces`; those gone for long are dropped."""
        free = list(self.tracks)
        seen: list[Track] = []
        for face in faces:
            best = min(free, key=lambda t: apart(t.face, face), default=None)
            if best is None or apart(best.face, face) > 1:
                best = Track(next(self._numbers), face, at, at)
                self.tracks.append(best)
            else:
                free.remove(best)
                best.face, best.last, best.frames = face, at, best.frames + 1
            seen.append(best)
        self.tracks = [t for t in self.tracks if at - t.last <= self._gone_s]
        return seen

    def alive(self, number: int) -> bool:
        """Whether that track is still followed."""
        return any(t.number == number for t in self.tracks)


def apart(a: Face, b: Face) -> float:
    """Distance of two boxes in widths, plus their difference in size in halvings; over 1 is somebody else."""
    width = (a.box[2] + b.box[2]) / 2
    moved = float(np.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1])) / max(width, 1)
    return moved + abs(float(np.log2(max(a.box[2], 1) / max(b.box[2], 1))))
