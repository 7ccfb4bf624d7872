"""How long nothing was heard of the district: over restarts, wrong clocks and a full disk."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.last_word import LastWord
from offline.line.link import Link, SyncStatus

HOUR_MS = 3_600_000


@dataclass
class Clocks:
    """`wall` ms and `passed` s, moved by the test."""

    wall: int = 1_800_000_000_000
    passed: float = 50.0
    starts: int = 1
    on: int = 1_800_000_000_000  # what time it is at least: it goes on while the machine is on, over its restarts

    def wait(self, hours: float) -> None:
        self.wall += round(hours * HOUR_MS)
        self.passed += hours * 3600
        self.on += round(hours * HOUR_MS)

    def restart(self) -> None:
        self.passed = 7.0
        self.starts += 1


def begun(folder: Path, clocks: Clocks) -> LastWord:
    return LastWord(
        folder / "last_word", lambda: clocks.wall, lambda: clocks.passed, lambda: f"start-{clocks.starts}",
        lambda: clocks.on,
    )  # fmt: skip


def test_it_is_counted_from_the_last_answer_and_over_a_restart(tmp_path: Path) -> None:
    clocks = Clocks()
    word = begun(tmp_path, clocks)
    clocks.wait(2)
    word.heard(SyncStatus(Link.CONNECTED))
    assert word.silence() == timedelta(0)
    clocks.wait(3)
    word.heard(SyncStatus(Link.UNREACHABLE, last_ok=clocks.wall))
    assert word.silence() == timedelta(hours=3)
    clocks.restart()
    clocks.wait(1)
    assert begun(tmp_path, clocks).silence() == timedelta(hours=4)


def test_where_it_was_never_heard_it_is_counted_from_the_start(tmp_path: Path) -> None:
    clocks = Clocks()
    (tmp_path / "last_word").write_text("torn")
    word = begun(tmp_path, clocks)
    assert word.silence() == timedelta(0)
    clocks.wait(5)
    assert word.silence() == timedelta(hours=5)


def test_a_clock_that_was_put_back_shortens_nothing(tmp_path: Path) -> None:
    clocks = Clocks()
    word = begun(tmp_path, clocks)
    word.heard(SyncStatus(Link.CONNECTED))
    clocks.wall = 0
    clocks.wait(80)
    assert word.silence() == timedelta(hours=80)


def test_a_clock_that_loses_the_time_with_the_power_gives_no_way_its_hours_anew(tmp_path: Path) -> None:
    """Whoever cut the power of a gate with an empty battery had the ways go on for as long again."""
    clocks = Clocks()
    begun(tmp_path, clocks).heard(SyncStatus(Link.CONNECTED))
    for _ in range(3):
        clocks.wait(20)
        clocks.restart()
        clocks.wall = 0
    clocks.wait(1)
    assert begun(tmp_path, clocks).silence() == timedelta(hours=61)


def test_a_clock_that_is_ahead_lengthens_nothing(tmp_path: Path) -> None:
    """Eight hours, where local time is kept as UTC; and one that is set wrong while the program runs."""
    clocks = Clocks()
    clocks.wall += 8 * HOUR_MS
    word = begun(tmp_path, clocks)
    word.heard(SyncStatus(Link.CONNECTED))
    clocks.wait(1)
    clocks.restart()
    clocks.wait(1)
    word = begun(tmp_path, clocks)
    assert word.silence() == timedelta(hours=2)
    word.heard(SyncStatus(Link.CONNECTED))
    clocks.wall += 400 * HOUR_MS
    clocks.wait(1)
    assert word.silence() == timedelta(hours=1)


@pytest.mark.parametrize("set_by", [400 * HOUR_MS, -400 * HOUR_MS])
def test_while_only_the_program_was_off_the_clock_may_be_set_to_anything(tmp_path: Path, set_by: int) -> None:
    clocks = Clocks()
    begun(tmp_path, clocks).heard(SyncStatus(Link.CONNECTED))
    clocks.wait(3)
    clocks.wall += set_by
    again = begun(tmp_path, clocks)
    assert again.silence() == timedelta(hours=3)
    clocks.wait(1)
    assert again.silence() == timedelta(hours=4)


def test_a_disk_without_room_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kiosk.last_word.keep", full)
    clocks = Clocks()
    word = begun(tmp_path, clocks)
    clocks.wait(2)
    word.heard(SyncStatus(Link.CONNECTED))
    assert word.silence() == timedelta(0)
