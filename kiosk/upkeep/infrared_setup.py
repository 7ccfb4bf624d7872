"""Setting up the second eye: somebody stands before both cameras, and the offset of the one against the other is learnt."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from domain.errors import Mendable
from kiosk.camera import CameraFeed, Frame
from kiosk.faces.engine import Face, FaceEngine
from kiosk.faces.infrared import Offset, calibrate_offset

WANTED, LEAST = 20, 5
APART_S = 0.15  # two pictures further apart in time are not of one moment
SPACING_S = 0.3  # between pairs, so that the face has moved a little
SPREAD = 0.15  # face widths: a face moves more than that only where it is another or a reflection

Pair = tuple[Face, tuple[int, int], Face, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Measured:
    """`spread` is by how much the pairs disagree about the place, in face widths."""

    offset: Offset
    pairs: int
    spread: float


def measure(
    engine: FaceEngine,
    colour: CameraFeed,
    infrared: CameraFeed,
    patience_s: float = 60.0,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    clock: Callable[[], float] = time.monotonic,
) -> Measured:
    """Collect pairs of one face from both running feeds; ends with WANTED pairs, or after `patience_s` with LEAST.

    Raises Mendable camera_… as the feeds do, `infrared_no_pairs` where too few came together and `infrared_unsteady` where they
    disagree.
    """
    pairs: list[Pair] = []
    until, seen = clock() + patience_s, 0
    while len(pairs) < WANTED and clock() < until:
        for feed in (colour, infrared):
            if feed.state.error:
                raise feed.state.error
        seen, frame = colour.wait(seen, 0.5)
        other = infrared.latest()
        if frame is None or other is None or abs(frame.monotonic - other.monotonic) > APART_S:
            continue
        if (pair := _pair(engine, frame, other)) is not None:
            pairs.append(pair)
            progress(len(pairs), WANTED)
            until_next = clock() + SPACING_S
            while clock() < until_next:
                seen, _ = colour.wait(seen, SPACING_S)
    if len(pairs) < LEAST:
        raise Mendable("infrared_no_pairs", pairs=len(pairs), least=LEAST)
    offset = calibrate_offset(pairs)
    spread = float(np.quantile([_off(pair, offset) for pair in pairs], 0.9))
    if spread > SPREAD:
        raise Mendable("infrared_unsteady", spread=round(100 * spread))
    return Measured(offset, len(pairs), spread)


def _pair(engine: FaceEngine, colour: Frame, infrared: Frame) -> Pair | None:
    """Only one face in each picture: of several nobody knows which belongs to which."""
    ours, theirs = engine.detect(colour.image), engine.detect(infrared.image)
    if len(ours) != 1 or len(theirs) != 1:
        return None
    return ours[0], colour.image.shape[:2], theirs[0], infrared.image.shape[:2]


def _off(pair: Pair, offset: Offset) -> float:
    face, (height, width), other, (high, wide) = pair
    x = other.centre[0] / wide - face.centre[0] / width - offset.dx
    y = (other.centre[1] / high - face.centre[1] / height - offset.dy) * high / wide
    return float(np.hypot(x, y)) / (other.box[2] / wide)
