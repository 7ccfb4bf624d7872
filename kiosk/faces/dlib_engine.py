"""The second engine: dlib's ResNet through face_recognition, on its five-point model.

Safe for 1:1 only (docs/decisions say with which figures): its different people are too alike for a gallery.
"""

import contextlib
import io
import warnings
from functools import cached_property

import cv2
import numpy as np

from domain.errors import Mendable
from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.tail import ScoreTail, shipped_tail
from kiosk.faces.yunet import YuNet


class DlibEngine:
    """128 dimensions; cosines of different people crowd near 0.9, as its score tail says.

    Not thread-safe. Raises Mendable model_missing at construction.
    """

    name = "face_recognition"
    version = "1.3.0-small"
    dim = 128

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._detector = YuNet()
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as said:
            warnings.simplefilter("ignore")  # pkg_resources announces its end
            try:
                import face_recognition
            except (ImportError, SystemExit) as e:  # it exits the process where its models are missing
                raise Mendable("model_missing", path=said.getvalue().strip() or "face_recognition_models") from e
        self._library = face_recognition

    @cached_property
    def tail(self) -> ScoreTail:
        """The shipped table."""
        return shipped_tail(self.name)

    def detect(self, image: Image) -> list[Face]:
        """Faces, largest first."""
        return self._detector.detect(image)

    def embed(self, image: Image, face: Face) -> Vector:
        """Unit vector (128,)."""
        refined = self._detector.refine(image, face)
        rgb = np.ascontiguousarray(image[:, :, ::-1])
        box = _dlib_box(refined)
        return unit(self._library.face_encodings(rgb, [box], num_jitters=1, model="small")[0])


def _dlib_box(face: Face) -> tuple[int, int, int, int]:
    """The square dlib's own detector would have given (top, right, bottom, left); sizes fitted on its boxes."""
    (x, y), half = face.points.mean(axis=0), 1.12 * face.inter_eye
    return round(y - half), round(x + half), round(y + half), round(x - half)
