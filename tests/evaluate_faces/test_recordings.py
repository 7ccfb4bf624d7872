"""Which clips lie in a folder of recordings, in whatever order somebody keeps them."""

import json
from pathlib import Path

import numpy as np
import pytest

from evaluate import liveness
from evaluate._recordings import clips as recordings
from tests.fakes.faces_data import london, needs_data
from tests.fakes.made_attacks import lay


def test_clips_lie_at_whatever_depth(tmp_path: Path) -> None:
    for place in ("a.MP4", "session 1/王/b.mov", "session 1/王/c.mov", ".hidden/d.mp4"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"")
    (tmp_path / "frames" / "deep").mkdir(parents=True)
    (tmp_path / "frames" / "deep" / "1.JPG").write_bytes(b"")
    (tmp_path / "readme.txt").write_text("no clip")
    assert [name for name, _ in recordings(tmp_path)] == [
        "a.MP4",
        "frames/deep",
        "session 1/王/b.mov",
        "session 1/王/c.mov",
    ]


def test_a_folder_of_frames_is_a_clip_wherever_it_lies_and_an_empty_one_too(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    assert recordings(tmp_path) == [(".", tmp_path)]  # a species of one clip, in no folder of its own
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes" / "deep").mkdir(parents=True)
    assert [name for name, _ in recordings(tmp_path)] == ["empty", "notes/deep"]


@needs_data
def test_no_attack_is_left_out_unsaid(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A species that is one folder of frames, species with folders in them, a clip of no species, one without a picture."""
    rng = np.random.default_rng(5)
    still = [
        np.clip(london("001", px=40) + rng.normal(0, 3, (256, 256, 3)), 0, 255).astype(np.uint8) for _ in range(20)
    ]
    attack = tmp_path / "attack"
    lay(attack / "Print 照片", still, 2)
    lay(attack / "screen" / "fixed" / "person 1" / "a", still, 2)
    lay(attack / "screen" / "hand" / "b", still[:3], 2)
    (attack / "mask" / "never filmed").mkdir(parents=True)
    (attack / "loose.mp4").write_bytes(b"no film")
    assert liveness.main([str(tmp_path), "--json"]) == 0
    said = capfd.readouterr()
    found = json.loads(said.out.splitlines()[-1])
    assert (found["clips"], found["unreadable"], found["bpcer"]) == (3, 2, None)
    assert found["apcer"] == {"Print 照片": 0, "screen": 0.5}
    assert found["undecided"] == {"live": 0, "Print 照片": 0, "screen": 1}
    assert "never filmed" in said.err
    assert "loose.mp4" in said.err
