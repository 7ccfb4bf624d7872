"""When the pictures of a folder were taken, where their names tell it, and that nothing is made up where they do not."""

from pathlib import Path

import pytest

from kiosk.camera.folder_times import named_times, told_times
from kiosk.camera.playback import Playback


@pytest.mark.parametrize(
    ("stems", "times"),
    [
        (["frame_0.00", "frame_0.50", "frame_1.25"], [0, 0.5, 1.25]),
        (["t2.5s", "t3s", "t3.5s"], [0, 0.5, 1.0]),
        (["0ms", "480ms", "1000ms"], [0, 0.48, 1.0]),
        (["clip7 at 3 sec", "clip7 at 4 sec"], [0, 1]),
        (["frame_0000", "frame_0015", "frame_0030"], [0, 0.5, 1.0]),  # every fifteenth of a film
        (["s01_0012", "s01_0027", "s01_0045"], [0, 0.5, 1.1]),
        (["1700000000000", "1700000000500", "1700000001100"], [0, 0.5, 1.1]),
        (["1700000000000000", "1700000000500000", "1700000001000000"], [0, 0.5, 1.0]),
        (["1700000000.25", "1700000000.75"], [0, 0.5]),
    ],
)
def test_names_that_tell_a_time(stems: list[str], times: list[float]) -> None:
    assert named_times(stems) == pytest.approx(times)


@pytest.mark.parametrize(
    "stems",
    [
        [],
        ["one"],
        ["frame_01", "frame_02", "frame_03"],  # counted
        ["frame_01", "frame_01b"],
        ["a", "b", "c"],
        ["1_10", "2_20", "3_30"],  # which of the two
        ["0.5", "0.5", "0.5"],
        ["2s", "1s"],  # runs back
        ["0s", "3600s", "7200s"],  # no clip's
    ],
)
def test_names_that_tell_none(stems: list[str]) -> None:
    assert named_times(stems) is None


def test_what_the_folder_says_goes_before_what_its_names_do(tmp_path: Path) -> None:
    (tmp_path / "fps.txt").write_text("2")
    assert told_times(tmp_path, ["0.jpg", "15.jpg", "30.jpg"]) == [0, 0.5, 1.0]
    (tmp_path / "fps.txt").write_text("not known")
    assert told_times(tmp_path, ["0.jpg", "30.jpg"]) == [0, 1.0]


def test_a_folder_is_played_by_its_names(tmp_path: Path) -> None:
    from PIL import Image

    for stem in ("0.5", "2.0", "10.0"):
        Image.new("RGB", (8, 8)).save(tmp_path / f"frame {stem}.png")
    seen = list(Playback(tmp_path, realtime=False))
    assert [round(f.monotonic - seen[0].monotonic, 3) for f in seen] == [0, 1.5, 9.5]
