"""How still a face is by the picture itself, where a detector's points jump about."""

import cv2
import numpy as np
import pytest

from evaluate._recordings import watched
from kiosk.faces.engines import load_engine
from kiosk.faces.passive import LEAST_FRAMES, LEAST_S, STILL_SHIFT, Passive
from kiosk.faces.shift import Shift
from tests.fakes.faces_data import CLIPS, london, needs_data, scene

pytestmark = needs_data
PX, EVERY_S = 50, 0.5


def noisy(image: np.ndarray, rng: np.random.Generator, levels: float, light: float = 1.0) -> np.ndarray:
    return np.clip(light * image + rng.normal(0, levels, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return scene((london("001", px=PX), 20, -30), size=(240, 320))


@pytest.fixture(scope="module")
def points(photograph: np.ndarray) -> np.ndarray:
    return load_engine("sface").detect(photograph)[0].points


@pytest.mark.parametrize("pixels", [0.0, 0.3, 1.0, 4.0])
def test_a_shift_is_measured_to_a_tenth_of_a_pixel_in_noise_and_flickering_light(
    photograph: np.ndarray, points: np.ndarray, pixels: float
) -> None:
    rng, shift = np.random.default_rng(4), Shift()
    assert shift.of(noisy(photograph, rng, 6), points).tolist() == [0, 0]
    moved = cv2.warpAffine(photograph, np.array([[1, 0, pixels], [0, 1, -pixels / 2]], np.float32), (320, 240))
    measured = shift.of(noisy(moved, rng, 6, light=0.9), points) * PX
    assert measured == pytest.approx([pixels, -pixels / 2], abs=0.1)


def test_what_moved_far_or_is_another_thing_never_seems_still(photograph: np.ndarray, points: np.ndarray) -> None:
    shift = Shift()
    shift.of(photograph, points)
    wall, away = np.full_like(photograph, 90), np.roll(photograph, 30, axis=1)
    for image in (wall, photograph, away, photograph[:200]):
        assert np.isinf(shift.of(image, points)).all()
    assert shift.of(photograph[:200], points).tolist() == [0, 0]  # what was lost begins anew


@pytest.mark.parametrize("levels", [5, 14])
def test_a_photograph_on_a_stand_is_refused_in_the_noise_of_a_dark_hall(photograph: np.ndarray, levels: float) -> None:
    engine, rng, passive = load_engine("sface"), np.random.default_rng(7), Passive()
    for i in range(20):
        image = noisy(photograph, rng, levels)
        passive.add(i * EVERY_S, image, engine.detect(image)[0].points)
    assert passive.cues().refuses


@pytest.mark.parametrize("clip", ["book.mkv", "head-pose-face-detection-male.gif"])
def test_a_person_who_sits_still_moves_five_times_more_than_what_is_refused(clip: str) -> None:
    """Both in one place throughout; as recorded and kept to a few pictures."""
    faces = [(frame.image, face.points) for _, frame, face in watched(load_engine("sface"), CLIPS / clip)]
    for kept in (faces, faces[:: len(faces) // 20]):
        passive = Passive()
        for i, (image, points) in enumerate(kept):
            passive.add(i * max(0.1, LEAST_S / (LEAST_FRAMES - 1)), image, points)
            cues = passive.cues()
            assert not cues.refuses
        assert cues.frames >= LEAST_FRAMES
        assert cues.shift > 5 * STILL_SHIFT
