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
from kiosk.faces.tail import ScoreTail

BEST_OF = 5  # photographs: 1 misses 17 %, 3 3.7 %, 5 3.2 % (FNIR at FPIR 1 %, East Asian faces, docs/decisions)
OTHER, SAME = 1.0, 2.5  # spreads above the impostors' mean: below the one another person, above the other the same
# YuNet gives upright faces .91-.96 and the same lying or standing on their heads at most .91, with points that mean nothing
SURE, UPRIGHT = 0.91, 0.03
LEAST_SIDE, MOST_SIDE = 24, 4096  # pixels: in less nobody is seen, and more says nothing that is looked at
AGAIN_SIDES = (320, 160)  # a face that fills the picture is found only when it is looked at smaller


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A usable photograph."""

    file: str
    embedding: Vector
    quality: Quality


Looked = Accepted | Mendable  # what came of one photograph


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
    return together(engine, [(file, look(engine, file, image, limits)) for file, image in photos])


def look(engine: FaceEngine, file: str, image: Image, limits: Limits = GATE) -> Looked:
    """One photograph by itself, as soon as it is there; about a quarter of a second."""
    try:
        return embed_photo(engine, file, image, limits)
    except Mendable as e:
        return e


def together(engine: FaceEngine, looked: Sequence[tuple[str, Looked]]) -> Enrolment:
    """One person's photographs, looked at one by one, held against each other."""
    accepted = [each for _, each in looked if isinstance(each, Accepted)]
    refused = {file: each for file, each in looked if isinstance(each, Mendable)}
    odd = odd_ones([a.embedding for a in accepted], engine.tail)
    refused |= {accepted[i].file: Mendable("photo_other_person", file=accepted[i].file) for i in odd}
    return Enrolment(tuple(a for i, a in enumerate(accepted) if i not in odd), refused)


def odd_ones(embeddings: Sequence[Vector], tail: ScoreTail) -> set[int]:
    """Which of one person's photographs show somebody else: unlike all the others, while those are alike.

    Of fewer than three nobody can say.
    """
    odd: set[int] = set()
    while len(left := [i for i in range(len(embeddings)) if i not in odd]) > 2:
        rows = np.stack([embeddings[i] for i in left])
        alike = rows @ rows.T
        np.fill_diagonal(alike, -np.inf)
        worst = int(alike.max(axis=1).argmin())
        rest = np.delete(np.delete(alike, worst, 0), worst, 1)
        if (
            alike[worst].max() >= tail.mean + OTHER * tail.spread
            or rest.max(axis=1).min() < tail.mean + SAME * tail.spread
        ):
            break
        odd.add(left[worst])
    return odd


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

    Raises Mendable photo_no_face, photo_two_faces, photo_too_small, photo_dark, photo_blurred or photo_turned.
    """
    image, face = only_face(engine, file, image, limits)
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


def only_face(engine: FaceEngine, file: str, image: Image, limits: Limits = GATE) -> tuple[Image, Face]:
    """The one person a photograph is of, the most prominent face by size and nearness to the middle, and the picture upright.

    Raises Mendable photo_no_face or photo_two_faces.
    """
    if min(image.shape[:2]) < LEAST_SIDE:
        raise Mendable("photo_no_face", file=file)
    faces = find(engine, image)
    if (sure := _surest(faces)) < SURE:  # a camera without EXIF may have laid a portrait on its side
        turned = [np.ascontiguousarray(np.rot90(image, quarters)) for quarters in (1, 2, 3)]
        found = [find(engine, t) for t in turned]
        best = max(range(3), key=lambda i: _surest(found[i]))
        if _surest(found[best]) > sure + UPRIGHT:
            image, faces = turned[best], found[best]
    if not faces:
        raise Mendable("photo_no_face", file=file)
    return image, _prominent(faces, file, image, limits)


def _surest(faces: Sequence[Face]) -> float:
    return max((face.score for face in faces), default=0.0)


def _prominent(faces: Sequence[Face], file: str, image: Image, limits: Limits) -> Face:
    height, width = image.shape[:2]

    def prominence(face: Face) -> float:
        x, y = face.centre
        off = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.25**2
        return face.area * float(np.exp(-off / 2))

    first, *others = sorted(faces, key=prominence, reverse=True)
    if others and prominence(others[0]) > limits.rival * prominence(first):
        raise Mendable("photo_two_faces", file=file)
    return first


def find(engine: FaceEngine, image: Image) -> list[Face]:
    """Faces of a still picture, also those that fill it or are cut by its edge."""
    if faces := engine.detect(image):
        return faces
    height, width = image.shape[:2]
    for side in AGAIN_SIDES:
        scale = side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
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
        return decode_photo(path.read_bytes(), path.name)
    except OSError as e:
        raise Mendable("photo_unreadable", file=path.name) from e


def decode_photo(raw: bytes, file: str) -> Image:
    """The picture in the bytes of `file`, its longer side at most MOST_SIDE. Raises Mendable photo_unreadable."""
    try:
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as e:
        raise Mendable("photo_unreadable", file=file) from e
    if image is None:
        raise Mendable("photo_unreadable", file=file)
    scale = MOST_SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def is_photo(path: Path) -> bool:
    """Whether a file begins as a picture does, whatever it is called."""
    return bool(cv2.haveImageReader(str(path)))
