"""Passive liveness from a face's stillness: it may refuse what is fixed on a stand, it never vouches.

A living head is never still: over seconds it sways, its yaw and pitch wander and its five points do not stay an affine image of
one another. A photograph on a stand shows the detector's jitter and the sensor's noise alone. Held in a hand or replayed it shows
more than a head does, which says nothing (measured on real attacks: AUC below .5), so motion is never taken as life.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.faces.engine import Image
from kiosk.faces.quality import head_pose
from kiosk.faces.shift import Shift

LEAST_FRAMES, LEAST_S = 12, 3.0
# Set between pictures fixed before a noisy sensor (at most 1.4 degrees, .005 and .011) and living heads in the shared clips (at
# least 2.7 degrees and .04; the residual overlaps, .003 to .04, and only keeps out what bends). All three must agree.
STILL_POSE_DEG, STILL_RESIDUAL, STILL_PLACE = 1.6, 0.010, 0.014
# By the picture itself, in inter-eyes (0.25 mm): photographs on a stand in heavy noise show at most .003 at 50 px between the eyes,
# living heads in the shared clips at least .019 over 3 s, however much they are compressed (docs/decisions/0012)
STILL_SHIFT = 0.004
JITTER_DEG = 10.0  # a detector's points seem to turn by at most 7 degrees in such noise; what turns more is not still
KEEP, SPACING_S = 64, 0.07


@dataclass(frozen=True, slots=True)
class Cues:
    """Standard deviations over the frames seen: by the points of pose (degrees), of the affine residual and of place (inter-eyes),
    by the picture of its shift (inter-eyes)."""

    frames: int
    seconds: float
    pose_deg: float
    residual: float
    place: float
    shift: float

    @property
    def refuses(self) -> bool:
        """True only where the cues are clearly below what any living head shows: all three of the points, or the picture's."""
        if self.frames < LEAST_FRAMES or self.seconds < LEAST_S:
            return False
        by_points = self.pose_deg < STILL_POSE_DEG and self.residual < STILL_RESIDUAL and self.place < STILL_PLACE
        return by_points or (self.shift < STILL_SHIFT and self.pose_deg < JITTER_DEG)


class Passive:
    """Collects the five points of one track, and how far it has moved."""

    def __init__(self) -> None:
        self._shift = Shift()
        self._seen: deque[tuple[float, NDArray[np.float32], NDArray[np.float64]]] = deque(maxlen=KEEP)

    def add(self, at: float, image: Image, points: NDArray[np.float32]) -> None:
        """One frame: `at` seconds, the face's `points` 5x2 pixels of `image`."""
        if not self._seen or at - self._seen[-1][0] >= SPACING_S:
            self._seen.append((at, points, self._shift.of(image, points)))

    def cues(self) -> Cues:
        """The cues over what was kept."""
        if len(self._seen) < 3:
            return Cues(len(self._seen), 0.0, np.inf, np.inf, np.inf, np.inf)
        points = np.stack([p for _, p, _ in self._seen]).astype(float)
        shifts = np.stack([s for _, _, s in self._seen])
        eyes = float(np.median(np.linalg.norm(points[:, 0] - points[:, 1], axis=1)))
        poses = np.array([head_pose(p) for p in points])
        middle = points.mean(axis=1)
        return Cues(
            len(points),
            self._seen[-1][0] - self._seen[0][0],
            float(np.hypot(*poses[:, :2].std(axis=0))),
            float(_residuals(points).std()) / eyes,
            float(np.linalg.norm(middle.std(axis=0))) / eyes,
            float(np.linalg.norm(shifts.std(axis=0))) if np.isfinite(shifts).all() else np.inf,
        )


def _residuals(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square distance of each frame's points (n,5,2) from the best affine image of their mean shape."""
    mean = np.hstack([np.median(points - points.mean(axis=1, keepdims=True), axis=0), np.ones((5, 1))])
    fitted = mean @ (np.linalg.pinv(mean) @ points)
    return np.asarray(np.sqrt(((points - fitted) ** 2).sum(axis=2).mean(axis=1)))
