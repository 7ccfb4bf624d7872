"""An operator's anti-spoof network: whole or refused, and a vote that can only refuse."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Mendable
from domain.identification import Outcome, Reason
from domain.liveness import Policy, PolicyPlan
from kiosk.faces.engine import Face
from kiosk.faces.messages import ChallengeAsked
from kiosk.faces.passive_pack import PassivePack
from tests.fakes.made_onnx import colour_network
from tests.kiosk_faces.before_the_camera import WANG, Gate, Person, decisions


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Takes whatever is bluer than it is red for an attack."""
    body = colour_network(np.array([[0.2, -0.2], [0, 0], [-0.2, 0.2]]), np.zeros(2), (80, 80))
    (tmp_path / "model.onnx").write_bytes(body)
    (tmp_path / "manifest.toml").write_text(
        f'name = "acme-pad"\nversion = "1"\nmodel = "model.onnx"\nsha256 = "{hashlib.sha256(body).hexdigest()}"\n'
        'licence = "made for this test"\nsize = [80, 80]\ncrop = 2.0\ncolours = "bgr"\nmean = [0.0, 0.0, 0.0]\n'
        "std = [1.0, 1.0, 1.0]\nattack = [0]\nsoftmax = true\nthreshold = 0.9\n"
    )
    return tmp_path


def coloured(blue: int, red: int) -> np.ndarray:
    return np.full((200, 200, 3), (blue, 120, red), np.uint8)


FACE = Face((60, 60, 80, 80), np.array([[80, 90], [120, 90], [100, 110], [85, 130], [115, 130]], np.float32), 0.9)


def test_its_outputs_are_read_as_the_manifest_says(pack: Path) -> None:
    vote = PassivePack(pack)
    assert vote.attack(coloured(200, 100), FACE) > 0.99
    assert vote.attack(coloured(100, 200), FACE) < 0.01
    assert vote.attack(coloured(150, 150), FACE) == pytest.approx(0.5)


def edit(old: str, new: str) -> Callable[[Path], None]:
    def change(pack: Path) -> None:
        text = (pack / "manifest.toml").read_text()
        assert old in text
        (pack / "manifest.toml").write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: (p / "manifest.toml").unlink(),
        lambda p: (p / "model.onnx").unlink(),
        lambda p: (p / "model.onnx").write_bytes(b"x"),
        edit("attack = [0]", "attack = [2]"),
        edit("attack = [0]", "attack = []"),
        edit("threshold = 0.9", "threshold = 9"),
        edit('licence = "made for this test"\n', ""),
        edit("softmax = true", "softmax = true\nextra = 1"),
    ],
)
def test_anything_missing_or_changed_is_refused(pack: Path, spoil: Callable[[Path], None]) -> None:
    spoil(pack)
    with pytest.raises(Mendable) as e:
        PassivePack(pack)
    assert e.value.code == "model_pack"


def test_its_vote_refuses_and_never_vouches(pack: Path) -> None:
    for blue, refused in ((200, True), (60, False)):
        gate = Gate(passive_pack=str(pack), policy=PolicyPlan(Policy.STANDARD))
        gate.texture = (gate.texture * 0 + (blue, 120, 120)).astype(np.uint8)
        said = gate.show(Person(WANG), frames=12)
        if refused:
            (decision,) = decisions(said)
            assert (decision.outcome, decision.reason) == (Outcome.UNSURE, Reason.NOT_LIVE)
        else:
            assert not decisions(said)  # the challenge is asked all the same
            assert any(isinstance(m, ChallengeAsked) for m in said)
