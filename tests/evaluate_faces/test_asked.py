"""How an asking is written down beside a recorded answer: whatever people write around the turns, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest

from domain.challenge import Step, Turn
from evaluate import challenge
from evaluate._asked import read_asked
from tests.fakes.faces_data import LONDON, needs_data

RIGHT_LEFT = [Turn.RIGHT, Turn.LEFT]


def asked(folder: Path, text: str, encoding: str = "utf-8") -> list[Step] | list[Turn]:
    (folder / "asked.txt").write_bytes(text.encode(encoding))
    return read_asked(folder, folder / "clip.mp4")


@pytest.mark.parametrize(
    "text",
    [
        *("right, left", "RIGHT\n\n\nleft\n\n", "['right', 'left']", "r -> l", "\ufeffright;left", "right\tleft\r\n"),
        *(
            "right-left",
            "right_left",
            "turn_right, turn_left",
            "right → left",
            "→ ←",
            "- right\n- left",
            "* right\n* left",
        ),
        *("# what was asked\nright\nleft", "Turn your head right, then left", "RIGHT/left", "yaw right | yaw left"),
        *("1. right\n2. left", "1) right 2) left", "step 1: right\nstep 2: left", "1: RIGHT\n2: LEFT"),
        *("右 左", "右，左", "向右转，再向左转。", "请先往右扭头，然后往左扭一点", "第1步：右转头\n第2步：左转头"),
    ],
)
def test_turns_are_read_however_they_are_written(text: str, tmp_path: Path) -> None:
    assert asked(tmp_path, text) == RIGHT_LEFT


@pytest.mark.parametrize(
    "text", ["right left centre", "R L C", "right, left, straight ahead", "右转 左转 回正", "右 左 正前方"]
)
def test_straight_ahead_has_many_names(text: str, tmp_path: Path) -> None:
    assert asked(tmp_path, text) == [*RIGHT_LEFT, Turn.CENTRE]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_whatever_program_wrote_it(encoding: str, tmp_path: Path) -> None:
    assert asked(tmp_path, "右转\r\n左转\r\n", encoding) == RIGHT_LEFT


@pytest.mark.parametrize(
    "text",
    [
        *("right 0.5 2\nleft 2.5 4", "right: 0.5s-2s; left: 2.5s - 4s", "turn,start,end\nright,.5,2\nleft,2.5,4"),
        *("1. right 0.5 2\n2. left 2.5 4", "RIGHT 0.5–2.0\n\nLEFT 2.5–4.0", "右 0.5秒到2秒，左 2.5秒到4秒"),
        '[{"turn": "right", "start": 0.5, "end": 2.0}, {"turn": "left", "start": 2.5, "end": 4}]',
    ],
)
def test_times_are_read_too(text: str, tmp_path: Path) -> None:
    assert asked(tmp_path, text) == [Step(Turn.RIGHT, 0.5, 2), Step(Turn.LEFT, 2.5, 4)]


@pytest.mark.parametrize("text", ["0.5 right\n2.5 left", "right @0.5, left @2.5"])
def test_a_turn_lasts_until_the_next_where_only_its_start_is_told(text: str, tmp_path: Path) -> None:
    assert asked(tmp_path, text) == [Step(Turn.RIGHT, 0.5, 2.5), Step(Turn.LEFT, 2.5, 4)]


@pytest.mark.parametrize(
    ("text", "word"),
    [("left up", "up"), ("nod, left", "nod"), ("not left", "not"), ("左转 抬头", "抬头"), ("向上看，左转", "向上")],
)
def test_what_is_no_turn_is_not_graded_as_one(text: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"“{word}”"):
        asked(tmp_path, text)


@pytest.mark.parametrize("text", ["", "rechts", "left 1 2 3", "left 2 right 2", "left 4 5\nright 1 2"])
def test_what_cannot_be_understood_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is to name turns"):
        asked(tmp_path, text)


def test_the_nearest_asking_counts(tmp_path: Path) -> None:
    (clip := tmp_path / "one" / "frames").mkdir(parents=True)
    (tmp_path / "asked.txt").write_text("left")
    assert read_asked(tmp_path, clip) == [Turn.LEFT]
    (tmp_path / "one" / "asked.txt").write_text("right")
    assert read_asked(tmp_path, clip) == [Turn.RIGHT]


@needs_data
def test_an_asking_that_is_missing_or_not_understood_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, asked in (("a", "sideways"), ("b", ""), ("c", "left 1 2 3")):
        (tmp_path / "r" / name).mkdir(parents=True)
        shutil.copy(LONDON / "001_neutral.jpg", tmp_path / "r" / name / "0.jpg")
        (tmp_path / "r" / name / "asked.txt").write_text(asked)
    (tmp_path / "r" / "d").mkdir()
    shutil.copy(LONDON / "001_neutral.jpg", tmp_path / "r" / "d" / "0.jpg")
    assert challenge.main([str(tmp_path)]) == 1
    said = capfd.readouterr()
    assert json.loads(said.out.splitlines()[-1]) == {"clips": 0, "responses": {}, "unreadable": 4, "answers": []}
    assert "“sideways”" in said.err
    assert said.err.count("is to name turns") == 2
    assert f"it belongs into {tmp_path / 'r' / 'd'}" in said.err
