"""`evaluate clips`: each film is scored against whom it shows."""

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluate import clips
from evaluate.__main__ import main as evaluation
from evaluate._recordings import spread
from tests.evaluate_faces.conftest import answer
from tests.fakes.faces_data import CLIPS, needs_data

pytestmark = needs_data


def test_each_clip_is_scored_against_whom_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    expect = "help.mkv=a,please.mkv=unknown,one-by-one-person-detection.gif=noface"
    argv = [str(CLIPS), "--enrol", "again.mkv=a", "--expect", expect, "--quality", "off", "--json"]
    assert clips.main(argv) == 0
    found = answer(capsys)
    assert (found["right"], found["wrong"]) == (3, 0)
    assert [v["decision"] for v in found["visits"]] == ["a", "unknown", "noface"]
    assert found["admission"] == {"grant": 0, "challenge": 1, "refuse": 0}
    assert found["visits"][0]["liveness"] == "undecided"


def test_clips_that_cannot_be_read_are_said_and_the_others_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("again.mkv", "help.mkv"):
        (tmp_path / name).symlink_to(CLIPS / name)
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    argv = [str(tmp_path), "--enrol", "again.mkv=a,broken.mp4=b", "--quality", "off", "--json"]
    argv += ["--expect", "help.mkv=a,broken.mp4=noface,none.mp4=unknown"]
    assert clips.main(argv) == 0
    found = answer(capsys)
    assert (found["right"], found["wrong"], found["enrolled"]) == (1, 2, 1)
    assert [v["decision"] for v in found["visits"]] == ["a", "unreadable", "unreadable"]


def test_a_long_recording_is_looked_at_evenly(tmp_path: Path) -> None:
    for i in range(200):
        cv2.imwrite(str(tmp_path / f"{i:03}.png"), np.full((4, 4, 3), i, np.uint8))
    seen = [int(image[0, 0, 0]) for image in spread(tmp_path, 24)]
    assert seen[0] == 0
    assert 12 <= len(seen) <= 24
    assert seen[-1] >= 180
    assert len({b - a for a, b in itertools.pairwise(seen)}) == 1


def test_clips_may_be_named_in_any_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commas, equals signs, Chinese and what is no text at all in a name; options given more than once."""
    strange = "王, 奶奶=1 \udcff.mkv"
    (tmp_path / "again.MKV").symlink_to(CLIPS / "again.mkv")
    (tmp_path / strange).symlink_to(CLIPS / "help.mkv")
    argv = ["clips", str(tmp_path), "--quality", "off", "--enrol", "again.MKV=王奶奶", "--expect", f"{strange}=王奶奶"]
    assert evaluation([*argv, "--expect", "again.MKV=Unknown"]) == 0
    found = answer(capsys)
    assert [(v["decision"], v["right"]) for v in found["visits"]] == [("王奶奶", True), ("王奶奶", False)]


def test_nobody_to_enrol_is_said_and_the_answer_has_its_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scene").mkdir()
    cv2.imwrite(str(tmp_path / "scene" / "0.png"), np.full((480, 640, 3), 120, np.uint8))
    assert clips.main([str(tmp_path), "--enrol", "scene=a", "--expect", "scene=noface,none.mp4=a"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out.splitlines()[-1])
    assert (found["right"], found["wrong"], found["enrolled"], found["ms_p95"]) == (1, 1, 0, None)
    assert "Nobody could be enrolled" in said.err


@pytest.mark.parametrize("text", ["again.mkv", "=a", "a.mkv=", "a.mkv=b,c.mkv"])
def test_what_is_no_pair_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        clips.main([str(tmp_path), "--enrol", text, "--expect", "a.mkv=b"])
    assert "is not FILE=NAME" in capsys.readouterr().err
