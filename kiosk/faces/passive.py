"""Passive liveness from five points over time: it may refuse what is fixed on a stand, it never vouches.

A living head is never still: over seconds its yaw and pitch wander and its five points do not stay an affine image of one
another. A photograph on a stand shows the detector's jitter alone. Held in a hand or replayed it shows more than a head
does, which says nothing (measured on real attacks: AUC below .5), so motion is never taken as life.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.faces.quality import head_pose

LEAST_FRAMES, LEAST_S = 12, 3.0
# Set between pictures fixed before a noisy sensor (at most 1.4 degrees, .005 and .011) and living heads in the shared clips (at
# least 2.7 degrees and .04; the residual overlaps, .003 to .04, and only keeps out what bends). All three must agree.
STILL_POSE_DEG, STILL_RESIDUAL, STILL_PLACE = 1.6, 0.010, 0.014
KEEP, SPACING_S = 64, 0.07


@dataclass(frozen=True, slots=True)
class Cues:
    """Over the frames seen: standard deviations of pose (degrees), of place and of the affine residual (inter-eyes)."""

    frames: int
    seconds: float
    pose_deg: float
    residual: float
    place: float

    @property
    def refuses(self) -> bool:
        """True only where all cues are clearly below what any living head shows."""
        return (
            self.frames >= LEAST_FRAMES
            and self.seconds >= LEAST_S
            and self.pose_deg < STILL_POSE_DEG
            and self.residual < STILL_RESIDUAL
            and self.place < STILL_PLACE
        )


class Passive:
    """Collects the five points of one track."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, NDArray[np.float32]]] = deque(maxlen=KEEP)

    def add(self, at: float, points: NDArray[np.float32]) -> None:
        """One frame: `at` seconds, `points` 5x2 pixels."""
        if not self._seen or at - self._seen[-1][0] >= SPACING_S:
            self._seen.append((at, points))

    def cues(self) -> Cues:
        """The cues over what was kept."""
        if len(self._seen) < 3:
            return Cues(len(self._seen), 0.0, np.inf, np.inf, np.inf)
        points = np.stack([p for _, p in self._seen]).astype(float)
        eyes = float(np.median(np.linalg.norm(points[:, 0] - points[:, 1], axis=1)))
        poses = np.array([head_pose(p) for p in points])
        middle = points.mean(axis=1)
        return Cues(
            len(points),
            self._seen[-1][0] - self._seen[0][0],
            float(np.hypot(*poses[:, :2].std(axis=0))),
            float(_residuals(points).std()) / eyes,
            float(np.linalg.norm(middle.std(axis=0))) / eyes,
        )


def _residuals(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root mean square distance of each frame's points (n,5,2) from the best affine image of their mean shape."""
    mean = np.hstack([np.median(points - points.mean(axis=1, keepdims=True), axis=0), np.ones((5, 1))])
    fitted = mean @ (np.linalg.pinv(mean) @ points)
    return np.asarray(np.sqrt(((points - fitted) ** 2).sum(axis=2).mean(axis=1)))
