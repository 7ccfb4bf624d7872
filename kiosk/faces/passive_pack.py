"""An operator's anti-spoof network as an extra passive vote: it may refuse a face, it never vouches for one.

A folder with the ONNX file and `manifest.toml`:

    name = "acme-pad"
    version = "1"
    model = "model.onnx"
    sha256 = "…"                      # of the model file
    licence = "…"                     # of the weights
    size = [80, 80]                   # width and height of its input
    crop = 2.7                        # sides of the square it sees, in the longer sides of the face's box
    colours = "bgr"                   # or "rgb"
    mean = [0.0, 0.0, 0.0]            # subtracted, in the order of `colours`
    std = [1.0, 1.0, 1.0]             # divided by
    attack = [0, 2]                   # which of its outputs speak for an attack; they are added
    softmax = true                    # its outputs are not yet probabilities
    threshold = 0.9                   # mean over a visit's frames from which the visit is refused

`./run evaluate liveness DIR --passive-pack FOLDER` measures what it does before a gate relies on it.
"""

from pathlib import Path

import cv2
import numpy as np
from pydantic import Field

from domain.errors import Mendable
from kiosk.faces.engine import Face, Image
from kiosk.faces.pack import Manifest, read_manifest, read_net
from kiosk.faces.yunet import square_crop


class PassiveManifest(Manifest):
    """What it says of a model that looks for attacks."""

    size: tuple[int, int]
    crop: float = Field(ge=1, le=6)
    attack: tuple[int, ...] = Field(min_length=1)
    softmax: bool
    threshold: float = Field(gt=0, lt=1)


class PassivePack:
    """Not thread-safe. Raises Mendable model_pack (with `why`) at construction."""

    def __init__(self, folder: Path) -> None:
        self.manifest = manifest = read_manifest(folder, PassiveManifest)
        self.threshold = manifest.threshold
        self._net = read_net(folder, manifest.model, manifest.sha256)
        try:
            outputs = self._forward(np.zeros((16, 16, 3), np.uint8))
        except cv2.error as e:
            raise Mendable("model_pack", path=str(folder), why=f"size {manifest.size}") from e
        if max(manifest.attack) >= outputs.size or min(manifest.attack) < 0:
            raise Mendable("model_pack", path=str(folder), why=f"attack {manifest.attack}, of {outputs.size} outputs")

    def attack(self, image: Image, face: Face) -> float:
        """How much this face looks like an attack, 0..1."""
        crop, _, _ = square_crop(image, face, self.manifest.crop)
        outputs = self._forward(crop)
        if self.manifest.softmax:
            raised = np.exp(outputs - outputs.max())
            outputs = raised / raised.sum()
        return float(outputs[list(self.manifest.attack)].sum())

    def _forward(self, crop: Image) -> np.ndarray:
        small = cv2.resize(crop, self.manifest.size, interpolation=cv2.INTER_AREA)
        self._net.setInput(self.manifest.blob(small))
        return np.asarray(self._net.forward(), np.float64).ravel()
