"""Recordings as strangers write them: read right, or named in a sentence; never scored wrong, never the end of the others."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from evaluate import falls
from evaluate.__main__ import main as evaluation
from evaluate._recording import read
from motion.checks import fault
from tests.evaluate_falls.answers import answer
from tests.evaluate_falls.movements import fallen, quiet, write

HEAD = "file,subject,group,hz,fall,fall_at_s\n"


def as_it_is(t: float, *a: float) -> str:
    return ",".join(f"{v:.4f}" for v in (t, *a))


def dated(t: float, *a: float) -> str:
    return f"{datetime.fromtimestamp(1.79e9 + t, UTC).isoformat()},{a[0]},{a[1]},{a[2]}"


def of_day(t: float, *a: float) -> str:
    at = datetime.fromtimestamp(86370 + t, UTC)  # midnight comes within
    return f"{at:%H:%M:%S.%f},{a[0]},{a[1]},{a[2]}"


Row = Callable[..., str]


@pytest.mark.parametrize(
    ("head", "row", "hz", "note"),
    [
        ("t,ax,ay,az", as_it_is, "50", []),
        ("t,ax,ay,az", dated, "50", []),
        ("time,acc_x,acc_y,acc_z", of_day, "", []),
        ("timestamp,ax,ay,az", lambda t, *a: f"{1.79e12 + t * 1e3:.0f},{a[0]},{a[1]},{a[2]}", "", ["unit"]),
        ("t (µs),ax,ay,az", lambda t, *a: f"{t * 1e6:.0f},{a[0]},{a[1]},{a[2]}", "", ["unit"]),
        ("t,ax,ay,az", lambda t, *a: f"{round(t * 50)},{a[0]},{a[1]},{a[2]}", "50 Hz", ["counted"]),
        ("ax,ay,az", lambda t, *a: f"{a[0]},{a[1]},{a[2]}", "50", ["counted"]),
        ("t,ax,ay,az", as_it_is, "200", ["rate"]),
        ("t,ax,ay,az", lambda t, *a: as_it_is(t // 0.2 * 0.2, *a), "50", ["batched"]),
        ("gx,t,gy,Az,gz,Ay,Ax", lambda t, *a: f"9,{t},9,{a[2]},9,{a[1]},{a[0]}", "50", []),
        ("epoch;elapsed (s);x-axis (g);y-axis (g);z-axis (g)", lambda t, *a: "9;" + as_it_is(t, *a).replace(",", ";"), "", []),
        ("t ax ay az", lambda t, *a: as_it_is(t, *a).replace(",", " ").replace(".", ","), "50", []),
        ("t (s) ax (g) ay (g) az (g)", lambda t, *a: as_it_is(t, *a).replace(",", "   "), "50", []),
        ("t,ax,ay,az", lambda t, *a: ",".join(f'"{v:.3f}"'.replace(".", ",") for v in (t, *a)), "50", []),
        ("Logger 5\nStart;2026-11-01\nt,ax,ay,az\ns,g,g,g", as_it_is, "50", []),
        ("时间,加速度X(g),加速度Y(g),加速度Z(g)", as_it_is, "50", []),
    ],
)  # fmt: skip
def test_a_fall_is_found_however_its_recording_is_written(
    head: str, row: Row, hz: str, note: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = fallen(60, [30])
    lines = [head, *(row(float(s), *v) for s, v in zip(t, a.round(4).tolist(), strict=True))]
    (tmp_path / "f.csv").write_text("\n".join(lines), encoding="gb18030")
    (tmp_path / "recordings.csv").write_text(f"{HEAD}f.csv,s,elder,{hz},yes,30\n")
    seen = answer(capsys, falls, tmp_path)
    assert seen["unscored"] == []
    assert [n["note"] for n in seen["notes"]] == note
    assert (seen["falls"], seen["sensitivity"], seen["false_alarms"]) == (1, 1.0, 0)
    assert seen["delay_s_p50"] == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize("name", ["f.csv", "sub/f.csv", "sub\\f.csv", "{folder}/sub/f.csv", "link.csv"])
def test_a_recording_is_found_where_the_index_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", "f.csv", *quiet())
    (tmp_path / "link.csv").symlink_to(tmp_path / "sub" / "f.csv")
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress((tmp_path / "sub" / "f.csv").read_bytes()))
    (tmp_path / "recordings.csv").write_text(f"{HEAD}{name.format(folder=tmp_path)},s,elder,50,0,\n")
    assert answer(capsys, falls, tmp_path)["recordings"] == 1


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (b"\x93NUMPY\x01\x00v\x00{'descr'", "no_columns"),
        (b"\x1f\x8b\x08broken", "unreadable"),
        (gzip.compress(b"t,ax,ay,az\n" + b"0.02,0,0,1\n" * 9999, mtime=0)[:60], "unreadable"),
        (b"t,ax,ay\n0,0,0\n", "no_columns"),
        (b"t,ax,ay,az\n" + b"\n".join(b"%d,0.1,0.2,1.0" % n for n in range(500)), "no_rate"),
        (b"ax,ay,az\n" + b"0.1,0.2,1.0\n" * 500, "no_rate"),
        (b"t,ax,ay,az\n" + b"\n".join(b"0,%02d,0,1,0,2,1,0" % n for n in range(50)), "cells"),
        (b"t,ax,ay,az\n0,0,0,1e308\n" + b"\n".join(b"%.2f,-inf,0,1" % (n / 50) for n in range(500)), "not_numbers"),
        (b"t,ax,ay,az\n" + b"01/02/2026 10:00,0.1,0.2,1.0\n" * 50, "not_numbers"),
        (b"t,ax,ay,az\n" + b"\n".join(b"%.2f,%d,20,%d" % (n / 50, n % 9, 1000 + n % 7) for n in range(500)), "milli_g"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_named_and_the_others_are_scored(
    content: bytes, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.csv").write_bytes(content)
    write(tmp_path, "good.csv", *quiet())
    (tmp_path / "recordings.csv").write_text(f"{HEAD}odd.csv,s,elder,,0,\ngood.csv,s,elder,50,0,\n")
    seen = answer(capsys, falls, tmp_path)
    assert seen["recordings"] == 1
    assert [(u["file"], u["fault"]) for u in seen["unscored"]] == [("odd.csv", named)]
    assert seen["unscored"][0]["said"].endswith(".")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("50,1,300", "moment_outside"),
        ("50,1,soon", "fall_at_s"),
        ("50,maybe,", "fall"),
        ("50,,", "fall_untold"),
        ("50,0,12.5", "fall_or_not"),
        ("fast,0,", "hz"),
        ("-50,0,", "hz"),
    ],
)
def test_what_the_index_says_and_cannot_be_is_named(
    line: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "f.csv", *fallen(60, [30]))
    (tmp_path / "recordings.csv").write_text(f"{HEAD}f.csv,s,elder,{line}\n")
    seen = answer(capsys, falls, tmp_path)
    assert (seen["recordings"], [u["fault"] for u in seen["unscored"]]) == (0, [named])


@pytest.mark.parametrize(("other", "scored"), [("1", ["f.csv", "q.csv"]), ("0", ["f.csv"])])
def test_nothing_said_is_no_fall_where_falls_alone_are_marked_and_unknown_where_the_others_are_too(
    other: str, scored: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recorded fall whose cell was left empty counted as a false alarm of the detector."""
    write(tmp_path, "f.csv", *fallen(60, [30]))
    write(tmp_path, "q.csv", *quiet(60))
    (tmp_path / "recordings.csv").write_text(f"{HEAD}f.csv,s,elder,50,{other},\nq.csv,s,elder,50,,\n")
    seen = answer(capsys, falls, tmp_path)
    assert seen["recordings"] == len(scored)
    assert [n["note"] for n in seen["notes"]] == ["fall_empty"] * (other == "1")
    assert [(u["file"], u["fault"]) for u in seen["unscored"]] == [("q.csv", "fall_untold")] * (other == "0")


@pytest.mark.parametrize("moment", ["", "-1", "nan", "30", "1790000030", "2026-09-21T14:13:50", "1790000030000"])
def test_the_moment_of_a_fall_may_be_told_on_any_clock_of_the_file(
    moment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = fallen(60, [30])
    write(tmp_path, "f.csv", (t + 1.79e9) * 1000, a)
    (tmp_path / "recordings.csv").write_text(f"{HEAD}f.csv,s,elder,50,1,{moment}\n")
    seen = answer(capsys, falls, tmp_path)
    assert (seen["sensitivity"], seen["unscored"]) == (1.0, [])


def test_a_line_that_stands_there_twice_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "f.csv", *fallen(60, [30]))
    (tmp_path / "recordings.csv").write_text(HEAD + "f.csv,s,elder,50,1,\n" * 2)
    seen = answer(capsys, falls, tmp_path)
    assert (seen["recordings"], seen["falls"], seen["sensitivity"]) == (1, 1, 1.0)


def test_figures_are_told_by_worn_position_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "f.csv", *fallen(60, [30]))
    lines = "f.csv,s,elder,50,1,30,\nf.csv,s,elder,50,1,30,wrist\n"
    (tmp_path / "recordings.csv").write_text(f"{HEAD.strip()},position\n{lines}")
    assert {k: v["falls"] for k, v in answer(capsys, falls, tmp_path)["by_position"].items()} == {
        "waist": 1,
        "wrist": 1,
    }


@pytest.mark.parametrize("index", ["", "file,subject\na.csv,s\n", "\x00" * 200_000])
def test_an_index_that_does_not_tell_the_falls_is_said(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recordings.csv").write_text(index)
    assert evaluation(["falls", str(tmp_path)]) == 1
    assert "no column named" in capsys.readouterr().err


def test_samples_that_overtook_each_other_are_put_in_order_and_a_clock_that_was_set_back_is_not(tmp_path: Path) -> None:
    t, a = quiet()
    swapped = np.arange(len(t))
    swapped[100:102] = [101, 100]
    write(tmp_path, "f.csv", t[swapped], a[swapped])
    read_back = read(tmp_path / "f.csv")
    assert [code for code, _ in read_back.notes] == ["shuffled"]
    np.testing.assert_allclose(read_back.a, a, atol=1e-4)
    write(tmp_path, "f.csv", np.where(t > 10, t - 3, t), a)
    assert fault(read(tmp_path / "f.csv").t, a) == "time_reversed"


def test_a_clock_that_was_set_within_a_recording_makes_no_years_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    t, a = fallen(60, [30])
    write(tmp_path, "f.csv", np.where(t < 5, t, t + 1.79e9), a)
    (tmp_path / "recordings.csv").write_text(f"{HEAD}f.csv,s,elder,50,1,\n")
    seen = answer(capsys, falls, tmp_path)
    assert (seen["sensitivity"], seen["unscored"]) == (1.0, [])


def test_repeated_times_of_the_same_sample_are_forgiven() -> None:
    t, a = quiet()
    assert fault(np.repeat(t, 3), np.repeat(a, 3, axis=0)) is None


@pytest.mark.parametrize(
    ("head", "between", "end"),
    [
        ("t,ax,ay,az", ",", "\n"),
        ("", ",", "\n"),
        ("T, Ax, Ay, Az", ", ", "\r\n"),
        ("\ufefftime;x;y;z", ";", "\n"),
        ("t\tacc_x\tacc_y\tacc_z", "\t", "\n"),
        ("t ax ay az", " ", "\n"),
        ("n,az,ay,ax,t", ",", "\n"),
        ("t\tax\tay\taz", "\t", "\r\n"),
    ],
)
def test_a_recording_is_read_however_it_is_written(head: str, between: str, end: str, tmp_path: Path) -> None:
    rows = [(0.0, 0.25, -0.5, 1.0), (0.02, 0.5, 0.0, 1.25)]
    lines = [between.join(str(v) for v in ((1, *row[::-1]) if head.startswith("n") else row)) for row in rows]
    if between == ";" or (end == "\r\n" and between == "\t"):
        lines = [line.replace(".", ",") for line in lines]
    (tmp_path / "r.csv").write_bytes(end.join([head, *lines] if head else lines).encode())
    seen = read(tmp_path / "r.csv")
    assert seen.t.tolist() == [0.0, 0.02]
    assert seen.a.tolist() == [[0.25, -0.5, 1.0], [0.5, 0.0, 1.25]]


def test_a_recording_that_was_cut_off_in_writing_is_read_to_its_last_whole_line(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("# a logger's own words\nt (s),ax (g),ay (g),az (g)\n0,0,0,1\n0.02,,0,1\n0.04,0.1")
    seen = read(tmp_path / "r.csv")
    assert seen.t.tolist() == [0.0, 0.02]
    assert np.isnan(seen.a).tolist() == [[False] * 3, [True, False, False]]
