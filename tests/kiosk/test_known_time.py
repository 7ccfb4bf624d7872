"""What time it is at least and at most: over restarts, a clock put ahead or back while the machine was off, and a full disk."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from domain.events import Clock
from kiosk.credentials.pins import Attempts
from kiosk.credentials.tallies import Tallies
from kiosk.known_time import KnownTime

HOUR = 3_600_000
TRUE = 1_800_000_000_000


@dataclass
class Machine:
    """`true` ms is the time, `ahead` ms by how much the machine's clock shows more, `passed` s since some moment."""

    folder: Path
    true: int = TRUE
    ahead: int = 0
    passed: float = 50.0
    synced: bool = False
    starts: int = 1

    def __post_init__(self) -> None:
        self.time = self.begin()

    def begin(self) -> KnownTime:
        return KnownTime(self.folder / "known_time", self, lambda: self.passed, lambda: f"start-{self.starts}")

    def wait(self, hours: float) -> None:
        self.true += round(hours * HOUR)
        self.passed += hours * 3600

    def restart(self, off: float, ahead: int | None = None) -> None:
        """Off for so many hours, without a line afterwards; `ahead`: its clock was set meanwhile."""
        self.true += round(off * HOUR)
        self.ahead, self.passed, self.synced = self.ahead if ahead is None else ahead, 7.0, False
        self.starts += 1
        self.time = self.begin()

    def restart_program(self, off: float, ahead: int) -> None:
        """Only the kiosk's program was off, and meanwhile the clock was set."""
        self.wait(off)
        self.ahead, self.synced = ahead, False
        self.time = self.begin()

    def now_ms(self) -> int:
        return self.true if self.synced else self.wall_ms()

    def wall_ms(self) -> int:
        return self.true + self.ahead

    @property
    def state(self) -> Clock:
        return Clock.SYNCED if self.synced else Clock.UNSYNCED

    def between(self) -> tuple[float, float]:
        """Least and most, in hours off the true time."""
        return (self.time.least_ms() - self.true) / HOUR, (self.time.most_ms() - self.true) / HOUR


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path, synced=True)
    made.time.note()
    return made


@pytest.mark.parametrize("ahead", [0, 8 * HOUR, -400 * HOUR])
def test_over_a_restart_without_a_line_nobody_knows_how_long_it_was_off(machine: Machine, ahead: int) -> None:
    machine.ahead = ahead  # all along, as of a board that keeps local time for UTC
    machine.time.note()
    machine.restart(off=3)
    machine.wait(2)
    assert machine.between() == (-3, 0)
    machine.time.note()
    machine.restart(off=1)
    assert machine.between() == (-4, 0), "what is known is handed on from run to run"
    machine.synced = True
    assert machine.between() == (0, 0)


def test_a_clock_put_ahead_while_it_was_off_lets_nothing_rest_for_less(machine: Machine) -> None:
    machine.restart(off=0, ahead=24 * HOUR)
    assert machine.between() == (0, 24)
    machine.wait(1)
    assert machine.between() == (0, 24)


@pytest.mark.parametrize("ahead", [24 * HOUR, -50_000 * HOUR])
def test_while_only_the_program_was_off_nothing_is_in_doubt_whatever_the_clock_was_set_to(
    machine: Machine, ahead: int
) -> None:
    for _ in range(2):
        machine.restart_program(off=3, ahead=ahead)
        machine.wait(1)
        assert machine.between() == (0, 0)
        machine.time.note()
    machine.restart(off=2)
    machine.wait(1)
    machine.time.note()
    machine.restart_program(off=1, ahead=ahead + 5 * HOUR)
    assert machine.between() == (-2, 5), "how long the machine was off is in doubt as before"


def test_a_clock_that_is_put_right_after_a_start_without_battery_keeps_no_lease_for_longer(machine: Machine) -> None:
    machine.restart(off=70, ahead=-500_000 * HOUR)
    machine.time.note()
    machine.restart_program(off=0, ahead=-500_000 * HOUR)
    assert machine.between()[0] == -70
    assert machine.between()[1] > 72, "it may be any time: no lease outlasts its own by as long as the machine was off"
    machine.restart(off=0)
    assert machine.between()[1] > 72
    machine.synced = True
    assert machine.between() == (0, 0)


def test_one_put_back_holds_nothing_for_longer_than_the_machine_was_off(machine: Machine) -> None:
    machine.restart(off=2, ahead=-50_000 * HOUR)
    machine.wait(3)
    assert machine.between()[0] == -2


def test_it_never_goes_behind_what_the_district_said_and_takes_its_word_over_a_clock_alone(machine: Machine) -> None:
    machine.true -= 30 * HOUR  # the district's own clock was put back
    assert machine.between() == (30, 30)
    fresh = Machine(machine.folder / "another", ahead=200_000 * HOUR)
    fresh.time.note()
    fresh.synced = True
    assert fresh.between() == (0, 0)


@pytest.mark.parametrize("synced", [True, False])
def test_a_machine_that_sleeps_while_the_time_is_written_down_loses_none_of_it(machine: Machine, synced: bool) -> None:
    machine.restart(off=0)
    machine.synced, wakes = synced, machine.wall_ms

    def sleeps() -> int:
        machine.wait(1)
        return wakes()

    machine.wall_ms = sleeps  # type: ignore[method-assign]
    machine.time.note()
    machine.wall_ms = wakes  # type: ignore[method-assign]
    assert machine.between() == (0, 0)


def test_what_cannot_be_kept_is_counted_on_and_what_is_torn_begins_anew(machine: Machine) -> None:
    (machine.folder / "known_time").unlink()
    (machine.folder / "known_time").mkdir()
    machine.time.note()
    machine.wait(1)
    assert machine.between() == (0, 0)
    (machine.folder / "known_time").rmdir()
    for torn in ("17 x", "1 2 3 4 five six"):
        (machine.folder / "known_time").write_text(torn)
        assert machine.begin().least_ms() == machine.wall_ms()
    (machine.folder / "known_time").write_text("17 x")
    machine.restart(off=1)
    assert machine.between() == (0, 0)


def test_pulling_the_plug_and_setting_the_clock_ahead_gives_nobody_more_tries(machine: Machine) -> None:
    def attempts() -> Attempts:
        return Attempts(Tallies(machine.folder / "tallies.sqlite"))

    tries = attempts()
    machine.wait(1 / 60)  # since it was kept last
    for _ in range(4):
        tries.failed("32501", machine.time.least())
    waits = tries.wait("32501", machine.time.least())
    machine.restart(off=0, ahead=24 * HOUR)
    again = attempts()
    assert again.wait("32501", machine.time.least()) == waits == timedelta(seconds=60)
    machine.wait(2 / 60)
    assert again.wait("32501", machine.time.least()) == timedelta(0)


def test_what_an_older_program_kept_is_read(machine: Machine) -> None:
    (machine.folder / "known_time").write_text(f"{TRUE} {TRUE} {TRUE} 1")
    machine.restart(off=3)
    assert machine.between() == (-3, 0)
