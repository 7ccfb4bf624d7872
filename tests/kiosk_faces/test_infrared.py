"""The infrared pair, with made pictures: no such camera was at hand."""

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from kiosk.camera import Frame
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.infrared import Offset, calibrate_offset, of_that_moment, paired
from tests.fakes.faces_data import london, needs_data, scene

pytestmark = needs_data


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


def grey(image: np.ndarray, gain: float = 0.8) -> np.ndarray:
    """As an infrared camera with its lamp shows a face: no colour, dark surroundings."""
    return cv2.cvtColor((cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) * gain).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def test_the_offset_is_learnt_and_a_face_in_its_place_is_found(engine: FaceEngine) -> None:
    pairs = []
    for x in (0, 60, 120, 180, 240):
        colour, infrared = scene((london("001", px=60), x, 20)), grey(scene((london("001", px=54), x + 40, 44)))
        a, b = engine.detect(colour)[0], engine.detect(infrared)[0]
        pairs.append((a, colour.shape[:2], b, infrared.shape[:2]))
    offset = calibrate_offset(pairs)
    assert offset.scale == pytest.approx(0.9, abs=0.05)
    colour, infrared = scene((london("001", px=60), 90, 20)), grey(scene((london("001", px=54), 130, 44)))
    face = engine.detect(colour)[0]
    assert paired(engine, face, colour, infrared, offset)
    assert not paired(engine, face, colour, grey(scene((london("001", px=54), -60, 44))), offset)


def test_no_face_in_infrared_is_never_a_pair(engine: FaceEngine) -> None:
    """What a screen or a print leaves there: darkness, a glow, a blank sheet, or a trace of ink."""
    colour = scene((london("004", px=60), 120, 20))
    face = engine.detect(colour)[0]
    noise = np.random.default_rng(0).normal(20, 6, colour.shape).clip(0, 255).astype(np.uint8)
    faint = (noise * 0.9 + grey(colour, 0.03)).astype(np.uint8)
    for infrared in (np.zeros_like(colour), np.full_like(colour, 200), noise, faint):
        assert not paired(engine, face, colour, infrared, Offset())
    assert paired(engine, face, colour, grey(colour), Offset())


@pytest.mark.parametrize(("apart", "belongs"), [(-0.19, True), (0.0, True), (0.19, True), (0.25, False), (-4.0, False)])
def test_a_picture_of_another_moment_is_none(apart: float, belongs: bool) -> None:
    colour, infrared = (Frame(np.zeros((4, 4, 3), np.uint8), datetime.now(UTC), at, 0) for at in (100.0, 100.0 + apart))
    assert (of_that_moment(colour, infrared) is infrared.image) is belongs
    assert of_that_moment(colour, None) is None


def test_too_few_pairs_calibrate_nothing() -> None:
    with pytest.raises(ValueError, match="five"):
        calibrate_offset([])
