"""From photographs to embeddings, each photograph accepted or refused with a reason the user can mend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from domain.errors import Mendable
from domain.identification import Quality, Reason
from kiosk.faces.engine import Face, FaceEngine, Image, Vector
from kiosk.faces.quality import GATE, Limits, assess, shortcoming

RIVAL = 0.5  # a second face this prominent beside the first makes a picture ambiguous
BEST_OF = 5  # photographs: 1 misses 17 %, 3 3.7 %, 5 3.2 % (FNIR at FPIR 1 %, East Asian faces, docs/decisions)
AGAIN_SIDES = (320, 160)  # a face that fills the picture is found only when it is looked at smaller


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A usable photograph."""

    file: str
    embedding: Vector
    quality: Quality


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """All photographs of one person: those accepted and, by file, why the others were refused."""

    accepted: tuple[Accepted, ...]
    refused: dict[str, Mendable]

    @property
    def embeddings(self) -> np.ndarray:
        """(accepted, dim) float32."""
        return np.stack([a.embedding for a in self.accepted]) if self.accepted else np.empty((0, 0), np.float32)


def enrol(engine: FaceEngine, photos: Iterable[tuple[str, Image]], limits: Limits = GATE) -> Enrolment:
    """Embed each (file name, picture); nothing is raised for a bad one, it is refused with its Mendable."""
    accepted, refused = [], {}
    for file, image in photos:
        try:
            accepted.append(embed_photo(engine, file, image, limits))
        except Mendable as e:
            refused[file] = e
    return Enrolment(tuple(accepted), refused)


def enrol_frames(engine: FaceEngine, file: str, images: Sequence[Image], limits: Limits = GATE) -> np.ndarray:
    """Embeddings (n, dim) of the best of evenly spaced frames of one recording, at most five.

    Raises the last refusal where no frame will do.
    """
    enrolment = enrol(
        engine,
        ((f"{file} {i}", image) for i, image in enumerate(images[:: max(1, len(images) // (2 * BEST_OF))])),
        limits,
    )
    if not enrolment.accepted:
        raise next(iter(enrolment.refused.values()), Mendable("photo_no_face", file=file))
    best = sorted(enrolment.accepted, key=lambda a: -a.quality.unified)[:BEST_OF]
    return np.stack([a.embedding for a in best])


def embed_photo(engine: FaceEngine, file: str, image: Image, limits: Limits = GATE) -> Accepted:
    """Embed one photograph.

    Raises Mendable photo_no_face, photo_two_faces, photo_too_small, photo_blurred or photo_turned.
    """
    face = only_face(engine, file, image)
    quality = assess(image, face)
    if error := refusal(file, quality, limits):
        raise error
    return Accepted(file, engine.embed(image, face), quality)


def refusal(file: str, quality: Quality, limits: Limits) -> Mendable | None:
    """Why a photograph of this quality is not good enough to enrol; None if it is."""
    match shortcoming(quality, limits):
        case None:
            return None
        case Reason.TOO_FAR:
            px, least = round(quality.inter_eye_px), round(limits.inter_eye_px)
            return Mendable("photo_too_small", file=file, px=px, least=least)
        case Reason.TURNED_AWAY:
            return Mendable("photo_turned", file=file)
        case Reason.BLURRED:
            return Mendable("photo_blurred", file=file)
        case _:
            return Mendable("photo_dark", file=file)


def only_face(engine: FaceEngine, file: str, image: Image) -> Face:
    """The one person a photograph is of: the most prominent face by size and nearness to the middle.

    Raises Mendable photo_no_face or photo_two_faces.
    """
    faces = find(engine, image)
    if not faces:
        raise Mendable("photo_no_face", file=file)
    height, width = image.shape[:2]

    def prominence(face: Face) -> float:
        x, y = face.centre
        off = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.25**2
        return face.area * float(np.exp(-off / 2))

    first, *others = sorted(faces, key=prominence, reverse=True)
    if others and prominence(others[0]) > RIVAL * prominence(first):
        raise Mendable("photo_two_faces", file=file)
    return first


def find(engine: FaceEngine, image: Image) -> list[Face]:
    """Faces of a still picture, also those that fill it or are cut by its edge."""
    if faces := engine.detect(image):
        return faces
    height, width = image.shape[:2]
    for side in AGAIN_SIDES:
        scale = side / max(height, width)
        small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        border = side // 4
        small = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_CONSTANT)
        if faces := engine.detect(small):
            return [_placed(face, border, scale) for face in faces]
    return []


def _placed(face: Face, border: int, scale: float) -> Face:
    x, y, w, h = face.box
    points = ((face.points - border) / scale).astype(np.float32)
    return Face(((x - border) / scale, (y - border) / scale, w / scale, h / scale), points, face.score)


def read_photo(path: Path) -> Image:
    """Read a picture as blue-green-red, upright by its EXIF. Raises Mendable photo_unreadable."""
    try:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as e:
        raise Mendable("photo_unreadable", file=path.name) from e
    if image is None:
        raise Mendable("photo_unreadable", file=path.name)
    return image
