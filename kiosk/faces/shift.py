"""How far the middle of a face has moved in the picture, far finer than a detector's points say it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.faces.engine import Image

SIDE = 64  # pixels at which it is compared: more says nothing more
ALIKE = 0.7  # correlation below which two pictures are not of the same thing; in noise of 25 levels it is .98
ENOUGH = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
SMOOTH = 5  # pixels of the blur that takes the sensor's noise
LOST = np.full(2, np.inf)


class Shift:
    """Compares each picture with the first one, where the face's middle was in that; both eyes, nose and mouth, no background.

    Intensities are compared (ECC: Evangelidis and Psarakis 2008), which does not mind light that flickers or fades.
    """

    def __init__(self) -> None:
        self._first: NDArray[np.uint8] | None = None
        self._rows = self._columns = slice(0)
        self._eyes = 1.0  # between them in the patch, pixels
        self._size: tuple[int, ...] = ()

    def of(self, image: Image, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """(x, y) in inter-eyes since the first picture. Infinite where it cannot be said: then this picture is the first."""
        first = self._first
        if first is not None and image.shape == self._size:
            moved = self._moved(first, self._patch(image))
            if np.isfinite(moved).all():
                return moved
        self._begin(image, points)
        return np.zeros(2) if first is None else LOST

    def _begin(self, image: Image, points: NDArray[np.float32]) -> None:
        eyes = max(float(np.hypot(*(points[0] - points[1]))), 1.0)
        height, width = image.shape[:2]
        (left, top), (right, bottom) = points.min(axis=0) - 0.25 * eyes, points.max(axis=0) + 0.15 * eyes
        x, y = int(np.clip(left, 0, width - 2)), int(np.clip(top, 0, height - 2))
        self._rows = slice(y, int(np.clip(bottom, y + 2, height)))
        self._columns = slice(x, int(np.clip(right, x + 2, width)))
        self._size = image.shape
        self._first = self._patch(image)
        self._eyes = eyes * SIDE / (self._columns.stop - x)

    def _moved(self, first: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float64]:
        still, everywhere = np.eye(2, 3, dtype=np.float32), np.full_like(first, 255)
        try:
            alike, warp = cv2.findTransformECC(first, now, still, cv2.MOTION_TRANSLATION, ENOUGH, everywhere, SMOOTH)
        except cv2.error:  # they have nothing in common
            return LOST
        return np.asarray(warp)[:, 2].astype(float) / self._eyes if alike >= ALIKE else LOST

    def _patch(self, image: Image) -> NDArray[np.uint8]:
        grey = cv2.cvtColor(image[self._rows, self._columns], cv2.COLOR_BGR2GRAY)
        size = (SIDE, max(2, round(SIDE * grey.shape[0] / grey.shape[1])))
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
