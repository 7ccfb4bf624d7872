"""The two evaluations, through their commands."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evaluate import falls
from evaluate.__main__ import main as evaluation
from motion.forest import load
from tests.evaluate_falls.answers import answer
from tests.evaluate_falls.movements import fallen, quiet, write

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SHOUWANG_DATA", ROOT.parent / "shared" / "data"))
NEEDS_FALLS = pytest.mark.skipif(not (DATA / "falls").is_dir(), reason="the recorded falls are not on this machine")


def test_recordings_that_cannot_be_scored_are_reported_and_not_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = quiet()
    write(tmp_path, "good.csv", t, a)
    write(tmp_path, "metres.csv", t, a * 9.81)
    write(tmp_path, "back.csv", t[::-1], a)
    write(tmp_path, "nan.csv", t, np.where(np.arange(len(a))[:, None] == 3, np.nan, a))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "headless.csv").write_text("t,ax,ay,az\n")
    (tmp_path / "words.csv").write_text("t,ax,ay,az\n1,x,y,z\n2,x,y,z\n")
    names = ["good", "metres", "back", "nan", "empty", "headless", "words", "missing"]
    with (tmp_path / "recordings.csv").open("w", newline="") as f:
        rows = csv.writer(f)
        rows.writerow(["file", "subject", "group", "hz", "fall", "fall_at_s"])
        rows.writerows([f"{n}.csv", "SE01", "elder", 50, 0, ""] for n in names)
    seen = answer(capsys, falls, tmp_path)
    assert (seen["recordings"], seen["falls"], seen["sensitivity"], seen["false_alarms"]) == (1, 0, None, 0)
    assert all(u["said"].endswith(".") for u in seen["unscored"])
    assert {u["file"]: u["fault"] for u in seen["unscored"]} == {
        "metres.csv": "metres_per_second_squared",
        "back.csv": "time_reversed",
        "nan.csv": "not_numbers",
        "empty.csv": "empty",
        "headless.csv": "empty",
        "words.csv": "not_numbers",
        "missing.csv": "missing",
    }


def test_hours_are_those_that_were_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    t, a = quiet(60)
    write(tmp_path, "hole.csv", np.where(t < 30, t, t + 3600), a)
    (tmp_path / "recordings.csv").write_text("file,subject,group,hz,fall,fall_at_s\nhole.csv,s,elder,50,0,\n")
    assert answer(capsys, falls, tmp_path)["hours"] == pytest.approx(60 / 3600, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "point"),
    [
        ("Right Trouser Pocket", "pocket"),
        ("腰部", "waist"),
        ("裤兜", "pocket"),
        ("Chest strap", "chest"),
        ("左手腕", "wrist"),
    ],
)
def test_a_position_is_known_by_its_own_words(words: str, point: str) -> None:
    model = load()
    assert model.threshold(words) == model.card["thresholds"][point]


def test_an_index_is_read_however_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other spellings, gaps and a moment that is no number: what can be scored is, the rest is named."""
    write(tmp_path, "名 字,1.csv", *quiet())
    index = "File;Subject;Group;Hz;Fall;Fall_at_s\n"
    index += "名 字,1.csv;S;elder;50;False;\n名 字,1.csv;S;elder;;ADL;nan\n;;;;;\n名 字,1.csv;S;elder;50;TRUE;12,5\n"
    index += "名 字,1.csv;S;elder;50;1;soon\n名 字,1.csv;S;elder;50;perhaps;\n名 字,1.csv;S\n"
    (tmp_path / "recordings.csv").write_text(index, "utf-16")
    seen = answer(capsys, falls, tmp_path)
    assert (seen["recordings"], seen["falls"], len(seen["unscored"])) == (3, 1, 3)
    assert seen["unscored"][-1]["fault"] == "fall_untold", "of a line that breaks off nobody knows what it was"
    assert seen["by_group"].keys() == {"elder"}


def test_an_index_that_names_no_files_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recordings.csv").write_text("name,fall\na.csv,1\n")
    assert evaluation(["falls", str(tmp_path)]) == 1
    assert "no column named file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (["falls", "nowhere", "--json"], "recordings_missing"),
        (["checkins", "nowhere.jsonl", "--json"], "signals_missing"),
        (["homes", "nowhere"], "signals_home_unknown"),
    ],
)
def test_an_error_that_can_be_mended_is_one_json_object_on_the_last_line_too(
    argv: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluation(argv) == 1
    said = capsys.readouterr()
    answered = json.loads(said.out.splitlines()[-1])
    assert answered["error"] == error
    assert answered["said"] in said.err
    assert "nowhere" in answered["said"]


def test_so_is_one_in_the_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluation(["checkins", "s.jsonl", "--learn-days", "0"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"error": "arguments"}


@pytest.mark.parametrize(
    "lines",
    [
        ["f.csv,s,elder,50,1,60", "f.csv,s,elder,50,1,260"],
        ["f.csv,s,elder,50,1,60|260"],
    ],
)
@pytest.mark.parametrize("begins", [0.0, 1.7e9])  # a clock, or the file's own seconds
def test_several_falls_in_one_file_are_found_each_and_none_is_a_false_alarm(
    lines: list[str], begins: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = fallen(400, [60, 260])
    write(tmp_path, "f.csv", t + begins, a)
    (tmp_path / "recordings.csv").write_text("\n".join(["file,subject,group,hz,fall,fall_at_s", *lines]) + "\n")
    seen = answer(capsys, falls, tmp_path)
    assert (seen["recordings"], seen["falls"], seen["sensitivity"], seen["false_alarms"]) == (len(lines), 2, 1.0, 0)
    assert seen["hours"] == pytest.approx((400 - 2 * 95) / 3600, abs=0.001)  # less 5 s before and 90 s after each
    assert seen["delay_s_p50"] < 10


@pytest.mark.parametrize("after", [4.9, 3.0, 1.7, 1.0, 0.5])
def test_a_fall_just_before_a_files_end_is_found(
    after: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = fallen(10 + after, [10])
    write(tmp_path, "f.csv", t, a)
    (tmp_path / "recordings.csv").write_text("file,subject,group,hz,fall,fall_at_s\nf.csv,s,elder,50,1,10\n")
    assert answer(capsys, falls, tmp_path)["sensitivity"] == 1.0


def test_a_folder_without_an_index_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluation(["falls", str(tmp_path)]) == 1
    assert "recordings.csv" in capsys.readouterr().err


@NEEDS_FALLS
@pytest.mark.data
def test_recorded_falls_are_found_and_daily_life_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = np.load(DATA / "falls" / "sisfall_train_adxl345.npz")["counts"]
    index = []
    for r in csv.DictReader((DATA / "falls" / "sisfall_train_index.csv").read_text().splitlines()):
        if (
            r["subject"] in ("SE08", "SA15")
            and r["trial"] == "R01"
            and r["activity"] not in ("D01", "D02", "D03", "D04")
        ):
            first, n = int(r["first_row"]), int(r["rows"])
            name = f"{r['subject']}_{r['activity']}.csv"
            write(tmp_path, name, np.arange(n) / 200, counts[first : first + n] / 256)
            index.append(
                [
                    name,
                    r["subject"],
                    "elder" if r["subject"][1] == "E" else "adult",
                    200,
                    int(r["activity"][0] == "F"),
                    "",
                ]
            )
    with (tmp_path / "recordings.csv").open("w", newline="") as f:
        csv.writer(f).writerows([["file", "subject", "group", "hz", "fall", "fall_at_s"], *index])
    seen = answer(capsys, falls, tmp_path)
    assert seen["falls"] == 15
    assert seen["sensitivity"] >= 0.9
    assert seen["false_alarms"] == 0
    assert set(seen["by_group"]) == {"adult", "elder"}
    assert seen["ms_per_second_of_signal"] < 100


@NEEDS_FALLS
@pytest.mark.data
@pytest.mark.slow
def test_training_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        command: list[str | Path] = [
            ROOT / "packaging" / "train_falls.py",
            DATA / "falls",
            "--people",
            "SE07,SA15",
            "--out",
            tmp_path / name,
            "--quick",
        ]
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        made.append((tmp_path / name / "forest.npz").read_bytes())
    assert made[0] == made[1]
