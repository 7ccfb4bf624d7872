"""Photographs are taken or refused, each with a reason that can be mended."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from assets.words import LANGUAGES, say
from domain.errors import Mendable
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import embed_photo, enrol, read_photo
from kiosk.faces.quality import OFF, assess, head_pose
from tests.fakes.faces_data import LONDON, london, needs_data, scene

pytestmark = needs_data


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


def refusal(engine: FaceEngine, image: np.ndarray) -> str:
    with pytest.raises(Mendable) as e:
        embed_photo(engine, "photo.jpg", image)
    for language in LANGUAGES:
        assert say(language, f"error.{e.value.code}", **e.value.details)
    return e.value.code


def test_a_good_photograph_is_taken(engine: FaceEngine) -> None:
    taken = embed_photo(engine, "001.jpg", london("001"))
    assert taken.quality.inter_eye_px > 60
    assert np.linalg.norm(taken.embedding) == pytest.approx(1, abs=1e-5)


def test_each_fault_has_its_name(engine: FaceEngine) -> None:
    one, two = london("001", px=75), london("004", px=75)
    assert refusal(engine, scene()) == "photo_no_face"
    assert refusal(engine, scene((one, -90, 0), (two, 230, 0))) == "photo_two_faces"
    assert refusal(engine, scene((london("001", px=30), 200, 100))) == "photo_too_small"
    assert refusal(engine, cv2.GaussianBlur(london("001"), (0, 0), 7)) == "photo_blurred"
    assert refusal(engine, (london("001") * 0.06).astype(np.uint8)) in ("photo_dark", "photo_no_face")


def test_where_the_limits_are_off_a_picture_is_of_its_most_prominent_face(engine: FaceEngine) -> None:
    one, two = london("001", px=75), london("004", px=75)
    taken = embed_photo(engine, "two.jpg", scene((one, -40, 0), (two, 280, 0)), OFF)
    assert taken.embedding @ embed_photo(engine, "001.jpg", london("001")).embedding > 0.6


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_on_its_side_is_stood_up(engine: FaceEngine, quarters: int) -> None:
    lying = np.ascontiguousarray(np.rot90(london("001"), quarters))
    upright = embed_photo(engine, "001.jpg", london("001")).embedding
    assert embed_photo(engine, "lying.jpg", lying).embedding @ upright > 0.99


def test_somebody_elses_picture_in_the_folder_is_refused(engine: FaceEngine) -> None:
    mine = [("a.jpg", london("001")), ("b.jpg", london("001", "smiling"))]
    result = enrol(engine, [mine[0], ("c.jpg", london("004")), mine[1]])
    assert [a.file for a in result.accepted] == ["a.jpg", "b.jpg"]
    assert result.refused["c.jpg"].code == "photo_other_person"
    assert not enrol(engine, [mine[0], ("c.jpg", london("004"))]).refused  # of two nobody can say whose they are


def test_a_batch_is_sorted_into_taken_and_refused(engine: FaceEngine) -> None:
    result = enrol(engine, [("a.jpg", london("001")), ("b.jpg", scene()), ("c.jpg", london("001", "smiling"))])
    assert [a.file for a in result.accepted] == ["a.jpg", "c.jpg"]
    assert result.embeddings.shape == (2, engine.dim)
    assert {f: e.code for f, e in result.refused.items()} == {"b.jpg": "photo_no_face"}


def test_small_pictures_are_taken_where_limits_are_off(engine: FaceEngine) -> None:
    assert embed_photo(engine, "s.jpg", london("001", px=25), OFF).quality.inter_eye_px < 60


def test_a_face_that_fills_the_picture_is_found(engine: FaceEngine) -> None:
    image = london("001")
    face = engine.detect(image)[0]
    x, y, w, h = (round(v) for v in face.box)
    close = cv2.resize(image[y : y + h, x : x + w], (900, 1200))
    assert embed_photo(engine, "close.jpg", close, OFF).embedding @ engine.embed(image, face) > 0.6


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_text("not a picture")
    for path in (tmp_path / "x.jpg", tmp_path / "none.jpg"):
        with pytest.raises(Mendable) as e:
            read_photo(path)
        assert e.value.code == "photo_unreadable"


def test_dark_skin_before_a_bright_wall_is_taken(engine: FaceEngine) -> None:
    with (LONDON / "people.csv").open() as f:
        dark = [row["person"] for row in csv.DictReader(f) if row["ethnicity"] == "black"][:6]
    for person in dark:
        assert embed_photo(engine, person, london(person))
        assert embed_photo(engine, person, (london(person) * 0.5).astype(np.uint8))


def test_quality_falls_with_blur_and_darkness(engine: FaceEngine) -> None:
    image = read_photo(LONDON / "001_neutral.jpg")
    face = engine.detect(image)[0]
    good = assess(image, face)
    blurred = assess(cv2.GaussianBlur(image, (0, 0), 6), face)
    dark = assess((image * 0.1).astype(np.uint8), face)
    assert blurred.sharpness < good.sharpness / 3
    assert dark.exposure < good.exposure / 2
    assert max(blurred.unified, dark.unified) < good.unified


@pytest.mark.parametrize("yaw", [-30, -15, 0, 15, 30])
@pytest.mark.parametrize("roll", [-20, 0, 20])
def test_pose_is_read_from_five_points(yaw: float, roll: float) -> None:
    from kiosk.faces.quality import HEAD

    a, c = np.radians(yaw), np.radians(roll)
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    tilt = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    points = (HEAD @ turn.T @ tilt.T)[:, :2] * 80 + 300
    assert head_pose(points) == pytest.approx((yaw, 0, roll), abs=0.5)


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (16, 16), (40, 3), (700, 8)])
def test_the_oddest_shapes_are_refused_in_words(engine: FaceEngine, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    assert refusal(engine, noise) in ("photo_no_face", "photo_turned", "photo_too_small")
