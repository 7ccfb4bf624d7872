"""An operator's model pack: a stronger, licensed embedding beside the shipped one, refused on any mismatch.

A folder with `manifest.toml`, the ONNX file and the score tail that `./run evaluate tail` measured for it:

    name = "acme-r50"                 # what templates say they were made by, with the version
    version = "1"
    model = "model.onnx"
    sha256 = "…"                      # of the model file
    licence = "…"                     # of the weights
    template = "arcface-112"          # five points to the 112x112 template; nothing else is spoken here
    colours = "rgb"                   # or "bgr"
    mean = [127.5, 127.5, 127.5]      # subtracted, in the order of `colours`
    std = [127.5, 127.5, 127.5]       # divided by
    dimension = 512
    tail = "tail.json"
"""

import hashlib
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import Mendable
from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.tail import ScoreTail, read_tail
from kiosk.faces.yunet import YuNet

# The five-point template of ArcFace at 112x112 (Deng et al. 2019), which SFace's alignment uses too
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)

Three = tuple[float, float, float]


class Manifest(BaseModel):
    """What `manifest.toml` says of any model; nothing may be missing and nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,40}$")
    version: str = Field(min_length=1)
    model: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str = Field(min_length=2)
    colours: Literal["rgb", "bgr"]
    mean: Three
    std: Three

    def blob(self, image: Image) -> np.ndarray:
        """(1, 3, height, width), float32: the BGR `image` with its colours as the network was taught them, less mean, over std."""
        pixels = image.astype(np.float32)
        if self.colours == "rgb":
            pixels = pixels[:, :, ::-1]
        scaled = (pixels - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


class EmbeddingManifest(Manifest):
    """And of one that embeds."""

    template: Literal["arcface-112"]
    dimension: int = Field(ge=32, le=4096)
    tail: str


class PackEngine:
    """A pack's embedding on YuNet's faces; both embeddings, as found and refined, are added, as in SFace.

    Not thread-safe. Raises Mendable model_pack (with `why`), model_missing or model_digest at construction.
    """

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder, EmbeddingManifest)
        self.name, self.version, self.dim = manifest.name, f"{manifest.version}+refine1", manifest.dimension
        self.licence = manifest.licence
        self._manifest = manifest
        self._detector = YuNet()
        self._folder = folder
        self._net = read_net(folder, manifest.model, manifest.sha256)
        probe = self._feature(np.zeros((112, 112, 3), np.uint8), TEMPLATE)
        if probe.shape != (self.dim,):
            raise Mendable("model_pack", path=str(folder), why=f"dimension {probe.size}, not {self.dim}")

    @cached_property
    def tail(self) -> ScoreTail:
        """The pack's table; raises Mendable model_pack without one that fits. Only measuring it can do without it."""
        return _tail(self._folder, self._manifest, self.version)

    def detect(self, image: Image) -> list[Face]:
        """Faces, largest first."""
        return self._detector.detect(image)

    def embed(self, image: Image, face: Face) -> Vector:
        """Unit vector (dim,)."""
        refined = self._detector.refine(image, face)
        return unit(self._feature(image, face.points) + self._feature(image, refined.points))

    def _feature(self, image: Image, points: np.ndarray) -> Vector:
        similarity, _ = cv2.estimateAffinePartial2D(points, TEMPLATE, method=cv2.LMEDS)
        self._net.setInput(self._manifest.blob(cv2.warpAffine(image, similarity, (112, 112))))
        return unit(self._net.forward().ravel())


M = TypeVar("M", bound=Manifest)


def read_manifest(folder: Path, form: type[M]) -> M:
    """The `manifest.toml` of a pack. Raises Mendable model_pack, naming the fields that are wrong."""
    try:
        return form(**tomllib.loads((folder / "manifest.toml").read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as e:
        raise Mendable("model_pack", path=str(folder), why="manifest.toml") from e
    except tomllib.TOMLDecodeError as e:
        raise Mendable("model_pack", path=str(folder), why=f"manifest.toml: {e}") from e
    except ValidationError as e:
        fields = ", ".join(".".join(map(str, x["loc"])) for x in e.errors())
        raise Mendable("model_pack", path=str(folder), why=f"manifest.toml: {fields}") from e


def _tail(folder: Path, manifest: EmbeddingManifest, version: str) -> ScoreTail:
    try:
        tail = read_tail(folder / manifest.tail)
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise Mendable("model_pack", path=str(folder), why=f"{manifest.tail}: {e}") from e
    if (tail.engine, tail.version) != (manifest.name, version):
        why = f"{manifest.tail}: {tail.engine} {tail.version} / {manifest.name} {version}"
        raise Mendable("model_pack", path=str(folder), why=why)
    return tail


def read_net(folder: Path, model: str, sha256: str) -> "cv2.dnn.Net":
    """The ONNX network of a pack. Raises Mendable model_pack where it is missing, another than the manifest says, or no network."""
    try:
        body = (folder / model).read_bytes()
    except OSError as e:
        raise Mendable("model_pack", path=str(folder), why=model) from e
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Mendable("model_pack", path=str(folder), why="sha256")
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(body, np.uint8))
    except cv2.error as e:
        raise Mendable("model_pack", path=str(folder), why=f"{model}: ONNX") from e
