"""The infrared eye beside the colour one: a face seen in colour must stand at the same place in infrared.

Screens are dark in infrared and most inks vanish, so an attack has no face there. Tested with made pairs only: no such
module was at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.camera.port import Frame
from kiosk.faces.engine import Face, FaceEngine, Image

TOGETHER_S = 0.2  # two pictures further apart in time are not of one moment
PLACE, SIZE = 0.6, 1.4  # allowed distance in face widths, allowed ratio of sizes
LEAST_CONTRAST = 8.0  # grey levels: a dark screen shows less


@dataclass(frozen=True, slots=True)
class Offset:
    """Where the infrared picture has what the colour picture has: x, y in fractions of the frame, and the ratio of sizes."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0


def of_that_moment(frame: Frame, infrared: Frame | None) -> Image | None:
    """The infrared picture that belongs to `frame`; None where the camera gave none: it hangs, is slow, or has just begun."""
    if infrared is None or abs(frame.monotonic - infrared.monotonic) > TOGETHER_S:
        return None
    return infrared.image


def paired(engine: FaceEngine, face: Face, colour: Image, infrared: Image, offset: Offset) -> bool:
    """Whether the infrared picture shows a lit face where `face` is in the colour picture."""
    height, width = colour.shape[:2]
    high, wide = infrared.shape[:2]
    x, y = face.centre[0] / width + offset.dx, face.centre[1] / height + offset.dy
    size = face.box[2] / width * offset.scale
    for other in engine.detect(infrared):
        apart = np.hypot((other.centre[0] / wide - x), (other.centre[1] / high - y) * high / wide)
        ratio = other.box[2] / wide / size
        if apart <= PLACE * size and 1 / SIZE <= ratio <= SIZE and _lit(infrared, other):
            return True
    return False


def _lit(infrared: Image, face: Face) -> bool:
    x, y, w, h = (round(v) for v in face.box)
    patch = infrared[max(0, y) : y + h, max(0, x) : x + w]
    return bool(patch.size) and float(patch.mean(axis=2).std()) >= LEAST_CONTRAST


def calibrate_offset(pairs: Sequence[tuple[Face, tuple[int, int], Face, tuple[int, int]]]) -> Offset:
    """The offset from faces of one person seen by both cameras: (colour face, its (height, width), infrared face, its size).

    Medians over at least five pairs; raises ValueError for fewer.
    """
    if len(pairs) < 5:
        raise ValueError("at least five pairs are needed")
    rows = [
        (
            b.centre[0] / sb[1] - a.centre[0] / sa[1],
            b.centre[1] / sb[0] - a.centre[1] / sa[0],
            (b.box[2] / sb[1]) / (a.box[2] / sa[1]),
        )
        for a, sa, b, sb in pairs
    ]
    dx, dy, scale = np.median(rows, axis=0)
    return Offset(float(dx), float(dy), float(scale))
