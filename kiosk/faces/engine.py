"""The FaceEngine port, the face it speaks of, and the engines by name."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.faces.tail import ScoreTail

# OpenCV's stubs know no element types
Image = NDArray[Any]  # HxWx3 uint8, blue-green-red
Vector = NDArray[Any]  # (dim,) float32, unit length
LEAST_SCORE = 0.7  # YuNet's own confidence below which nothing is a face to us


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face, in pixels of its image.

    `box` is x, y, width, height (may reach over the edge); `points` 5x2: the eye, then the eye, nose tip, mouth corner and
    mouth corner, each pair from the image's left to its right; `score` 0..1.
    """

    box: tuple[float, float, float, float]
    points: NDArray[np.float32]
    score: float

    @property
    def inter_eye(self) -> float:
        """Distance between the eye centres, pixels."""
        return float(np.hypot(*(self.points[0] - self.points[1])))

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box, pixels."""
        x, y, w, h = self.box
        return x + w / 2, y + h / 2

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        return self.box[2] * self.box[3]


class FaceEngine(Protocol):
    """Detection and embedding. Vectors of one `name` and `version` are never compared with another's."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def tail(self) -> ScoreTail:
        """How alike different people look to this engine."""

    def detect(self, image: Image) -> list[Face]:
        """Faces with a score of at least 0.7, largest first."""

    def embed(self, image: Image, face: Face) -> Vector:
        """The face's vector of unit length; the dot product of two is their similarity."""


Look = tuple[Image, Face, float]  # a frame that counts, the face in it, its quality


def title(engine: FaceEngine) -> str:
    """Name and version, as facts and screens carry them."""
    return f"{engine.name} {engine.version}"


def unit(vector: NDArray[Any]) -> Vector:
    """`vector` (…, dim) at unit length along its last axis; a zero vector stays zero."""
    norm = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(vector / np.maximum(norm, 1e-12), np.float32)
