"""A mouth that is covered by something smooth is told from a bare one, also on cameras that the measure was not made on."""

from collections.abc import Callable, Iterator

import av
import cv2
import numpy as np
import pytest

from domain.identification import COVERED
from kiosk.camera.port import Image
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.faces.quality import assess, uncovered
from tests.fakes.faces_data import CLIPS, LONDON, needs_data

pytestmark = needs_data
EYES = 80  # pixels between them
MASK = [
    (-1.05, 0.35), (-0.5, 0.25), (0, 0.3), (0.5, 0.25), (1.05, 0.35),
    (0.95, 1.3), (0.5, 1.75), (0, 1.9), (-0.5, 1.75), (-0.95, 1.3),
]  # fmt: skip
HAND = [(-0.9, 0.75), (0.2, 0.65), (0.9, 0.85), (0.9, 1.35), (0.2, 1.6), (-0.9, 1.4)]


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


@pytest.fixture(scope="module")
def people(engine: FaceEngine) -> list[tuple[Image, np.ndarray]]:
    """Twenty-six pictures with their points."""
    found = []
    for path in sorted(LONDON.glob("*.jpg"))[::8]:
        image = read_photo(path)
        (face,) = engine.detect(image)
        scale = EYES / face.inter_eye
        small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        found.append((small, face.points * scale))
    return found


def grain(image: Image | np.ndarray, spread: float = 3.0) -> Image:
    noise = np.random.default_rng(4).normal(0, spread, image.shape)
    return np.clip(image.astype(np.float32) + noise, 0, 255).astype(np.uint8)


def covered(image: Image, points: np.ndarray, shape: list[tuple[float, float]], colour: tuple[int, int, int]) -> Image:
    """Something smooth, a little rounded by its shading, before the mouth."""
    middle, across = points[:2].mean(axis=0), points[1] - points[0]
    down = np.array([-across[1], across[0]])
    outline = np.array([middle + across * x + down * y for x, y in shape], np.int32)
    drawn = np.zeros(image.shape[:2], np.float32)
    cv2.fillPoly(drawn, [outline], 1.0)
    cut = np.asarray(cv2.GaussianBlur(drawn, (0, 0), 1))[..., None]
    columns = (np.arange(image.shape[1]) - middle[0]) / np.linalg.norm(across)
    shade = 12 - 20 * columns[None, :, None] ** 2
    return grain(image * (1 - cut) + (np.array(colour) + shade) * cut)


@pytest.mark.parametrize(
    ("shape", "colour"),
    [(MASK, (30, 30, 30)), (MASK, (225, 225, 222)), (MASK, (190, 150, 95)), (HAND, (130, 150, 190))],
    ids=["black", "white", "blue", "hand"],
)
def test_a_smooth_covering_is_found_on_nearly_everybody(
    engine: FaceEngine,
    people: list[tuple[Image, np.ndarray]],
    shape: list[tuple[float, float]],
    colour: tuple[int, int, int],
) -> None:
    """Where it moves the detector's points, it is missed, and nothing is said."""
    found = 0
    for image, points in people:
        shown = covered(image, points, shape, colour)
        found += assess(shown, max(engine.detect(shown), key=lambda f: f.inter_eye)).covered
    assert found >= len(people) - 2


LIGHTS: dict[str, Callable[[Image], Image]] = {
    "as it is": grain,
    "dark": lambda image: grain(image * 0.35),
    "from the side": lambda image: grain(image * np.linspace(0.45, 1.25, image.shape[1])[None, :, None]),
    "from above": lambda image: grain(image * np.linspace(1.2, 0.5, image.shape[0])[:, None, None]),
    "soft": lambda image: grain(cv2.GaussianBlur(image, (0, 0), 2)),
    "noisy": lambda image: grain(image, 8.0),
}


@pytest.mark.parametrize("light", LIGHTS)
def test_no_bare_face_is_called_covered_in_whatever_light(people: list[tuple[Image, np.ndarray]], light: str) -> None:
    for image, points in people:
        assert uncovered(LIGHTS[light](image), points) >= COVERED


def faces(engine: FaceEngine, name: str) -> Iterator[float]:
    with av.open(str(CLIPS / name)) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number % 6 == 0:
                image = frame.to_ndarray(format="bgr24")
                for face in engine.detect(image):
                    yield uncovered(image, face.points)


@pytest.mark.parametrize("name", ["again.mkv", "eat.mkv", "head-pose-face-detection-female-and-male.gif"])
def test_nor_is_anybody_on_cameras_it_was_not_made_on(engine: FaceEngine, name: str) -> None:
    seen = list(faces(engine, name))
    assert len(seen) > 3
    assert min(seen) >= COVERED
