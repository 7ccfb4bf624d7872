"""A photograph as if its head had been turned: what somebody with a computer can print of a resident, or show of themselves."""

import numpy as np
from numpy.typing import NDArray

from kiosk.faces.engine import Image
from kiosk.faces.quality import HEAD

HALF_HEAD = 1.25  # its half-width, in inter-eyes
STEPS = 12  # towards where each pixel comes from


def turned(picture: Image, points: NDArray[np.float32], degrees: float) -> Image:
    """`picture` with the head of the five `points` turned by `degrees` (> 0: to the picture's right) about its upright axis."""
    middle, eyes = (points[0] + points[1]) / 2, float(np.linalg.norm(points[1] - points[0]))
    height, width = picture.shape[:2]
    x = (np.arange(width)[None, :] - middle[0]) / eyes * np.ones((height, 1))
    y = (np.arange(height)[:, None] - middle[1]) / eyes * np.ones((1, width))
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    source = x
    for _ in range(STEPS):
        source = 0.5 * source + 0.5 * (x - s * _depth(np.clip(source, -HALF_HEAD, HALF_HEAD), y)) / c
    return sampled(picture, source * eyes + middle[0], y * eyes + middle[1])


def _depth(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a generic face at x, y from between the eyes, towards the camera; all in inter-eyes."""
    nose, tip = HEAD[2, 2], HEAD[2, 1]
    across = 1.1 * np.sqrt(np.clip(1 - (x / HALF_HEAD) ** 2, 0, 1)) - 0.85
    bridge = np.exp(-((x / 0.22) ** 2) - ((y - tip) / np.where(y < tip, 0.38, 0.14)) ** 2)
    return np.asarray(across - 0.25 * ((y - 0.4) / 1.3) ** 2 + (nose - 0.05) * bridge)


def sampled(
    picture: Image, x: NDArray[np.float64], y: NDArray[np.float64], beyond: tuple[int, int, int] | None = None
) -> Image:
    """`picture` at real-valued places (height, width), between its four nearest pixels; `beyond` its edge, else as at the edge."""
    height, width = picture.shape[:2]
    outside = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    dx, dy = (x - left)[..., None], (y - top)[..., None]
    upper = picture[top, left] * (1 - dx) + picture[top, left + 1] * dx
    lower = picture[top + 1, left] * (1 - dx) + picture[top + 1, left + 1] * dx
    seen = np.asarray(upper * (1 - dy) + lower * dy)
    if beyond is not None:
        seen[outside] = beyond
    return seen.round().astype(np.uint8)
