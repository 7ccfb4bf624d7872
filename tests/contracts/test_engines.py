"""Every face engine keeps the FaceEngine port's promises."""

from pathlib import Path

import numpy as np
import pytest

from domain.errors import Mendable
from kiosk.faces import yunet
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from tests.fakes.faces_data import london, needs_data, scene


@pytest.fixture(scope="module", params=["sface", "face_recognition"])
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    return load_engine(request.param)


def test_it_says_whose_vectors_they_are(engine: FaceEngine) -> None:
    assert engine.name
    assert engine.version
    assert engine.tail.engine == engine.name
    assert engine.tail.version == engine.version


def test_an_empty_scene_has_no_face(engine: FaceEngine) -> None:
    assert engine.detect(scene()) == []


@needs_data
def test_faces_come_largest_first_with_their_points_inside(engine: FaceEngine) -> None:
    image = scene((london("001", px=40), 0, 100), (london("004", px=60), 260, 60))
    faces = engine.detect(image)
    assert len(faces) == 2
    assert faces[0].area > faces[1].area
    assert faces[0].centre[0] > faces[1].centre[0]
    for face in faces:
        left, right, nose, mouth_left, mouth_right = face.points
        assert left[0] < nose[0] < right[0]
        assert mouth_left[0] < mouth_right[0]
        assert left[1] < nose[1] < mouth_left[1]
        assert face.score >= 0.7


@needs_data
def test_vectors_are_of_unit_length_and_repeatable(engine: FaceEngine) -> None:
    image = london("001")
    face = engine.detect(image)[0]
    first, again = engine.embed(image, face), engine.embed(image.copy(), face)
    assert first.shape == (engine.dim,)
    assert first.dtype == np.float32
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(first, again)


@needs_data
def test_the_same_person_is_more_alike_than_others(engine: FaceEngine) -> None:
    def vector(person: str, expression: str) -> np.ndarray:
        image = london(person, expression)
        return engine.embed(image, engine.detect(image)[0])

    people = ("001", "004", "005")
    neutral = np.stack([vector(p, "neutral") for p in people])
    smiling = np.stack([vector(p, "smiling") for p in people])
    scores = neutral @ smiling.T
    assert (scores.argmax(axis=1) == np.arange(3)).all()
    assert scores.diagonal().min() > scores[~np.eye(3, dtype=bool)].max()


@needs_data
def test_a_face_at_the_edge_can_be_embedded(engine: FaceEngine) -> None:
    image = scene((london("001", px=60), -40, 60))
    faces = engine.detect(image)
    assert faces
    assert np.isfinite(engine.embed(image, faces[0])).all()


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(Mendable) as e:
        load_engine("wizard")
    assert e.value.code == "engine_unknown"


def test_a_changed_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yunet, "DIGEST", "0" * 64)
    with pytest.raises(Mendable) as e:
        load_engine("sface")
    assert e.value.code == "model_digest"


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(yunet, "files", lambda package: tmp_path)
    with pytest.raises(Mendable) as e:
        load_engine("sface")
    assert e.value.code == "model_missing"
