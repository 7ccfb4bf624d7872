"""Copies of a gate whose clock is wrong when it starts: before the district's first word, after it, and where it never comes."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from domain.events import to_ms
from kiosk.bootstrap import by_the_clock
from kiosk.bootstrap.ground import Ground
from kiosk.known_time import KnownTime
from kiosk.residents.templates import TemplateStore
from kiosk.upkeep.backup import Backups
from offline.node import District, Node
from offline.node_clock import NodeClock

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
KNOWN = District("https://district.example", "d1", "", "", device="v1", epoch=3, community="jinxiu")
YEAR = timedelta(days=400)


class Machine:
    """`true` is the time; its own clock shows `ahead` more."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stick = folder / "kiosk", folder / "stick"
        self.stick.mkdir()
        self.true, self.began, self.starts, self.ahead = NOW, NOW, 0, timedelta(0)
        self.node = Node(self.folder)
        self.node._keep(KNOWN)
        self.store = TemplateStore(self.folder / "templates.sqlite", self.node.keys)
        self.start(off=timedelta(0))

    def close(self) -> None:
        self.store.close()
        self.node.close()

    def start(self, off: timedelta, ahead: timedelta = timedelta(0)) -> None:
        """The machine was off for so long; what the timetable does at the start is done."""
        self.true += off
        self.ahead, self.began, self.starts = ahead, self.true, self.starts + 1
        self.node.clock = NodeClock(lambda: (self.true + self.ahead).timestamp(), self.passed)
        self.time = KnownTime(self.folder / "known_time", self.node.clock, self.passed, lambda: f"start-{self.starts}")

    def passed(self) -> float:
        """Seconds since the start."""
        return (self.true - self.began).total_seconds()

    def wait(self, time: timedelta) -> None:
        self.true += time
        self.time.note()

    def greeted(self) -> None:
        self.node.clock.learn(to_ms(self.true), 0.0)
        self.time.note()

    def ground(self) -> Ground:
        settings = cast(Any, SimpleNamespace(backup_folder=self.stick, keep_passages_days=30, face=MagicMock()))
        unused = cast(Any, MagicMock())
        return Ground(settings, self.node, self.store, unused, unused, unused, self.time)

    @property
    def backups(self) -> Backups:
        made = by_the_clock.backups_of(self.ground())
        assert made is not None
        return made

    def copies(self) -> list[datetime]:
        """When, by their names."""
        dated = [path.name.rpartition("-")[2] for path in self.stick.iterdir()]
        return sorted(datetime.strptime(name, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) for name in dated)

    def five_nights(self) -> list[datetime]:
        for _ in range(5):
            self.wait(timedelta(days=1))
            self.backups.run()
        return self.copies()


class Jobs:
    """What was given to a scheduler."""

    def __init__(self) -> None:
        self._all = list[tuple[Callable[[], object], tuple[object, ...]]]()
        self.tested: datetime | None = None
        self.done = list[str]()

    def add_job(self, job: Callable[[], object], *when: object, **_: object) -> None:
        self._all.append((job, when))

    def run(self, name: str, at_the_start: bool) -> None:
        chosen = [
            job for job, when in self._all if getattr(job, "__name__", "") == name and bool(when) is not at_the_start
        ]
        assert chosen
        for job in chosen:
            job()


def timetable_of(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(by_the_clock, "habits_feed", lambda *_: lambda: None)
    monkeypatch.setattr(by_the_clock, "title", lambda _: "sface")
    monkeypatch.setattr(by_the_clock, "Gallery", lambda *_, **__: None)
    jobs = Jobs()

    def look(*_: object) -> int:
        jobs.done.append("look-alikes")
        return 0

    def test() -> None:
        jobs.done.append("self-test")
        jobs.tested = machine.true + machine.ahead  # as a record is dated

    monkeypatch.setattr(by_the_clock, "sweep", look)
    parts = cast(Any, MagicMock())
    self_test = cast(Any, SimpleNamespace(run=test, last=lambda: jobs.tested))
    by_the_clock.timetable(machine.ground(), cast(Any, jobs), self_test, parts, parts, parts, parts)
    return jobs


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    made.greeted()
    yield made
    made.close()


def test_a_start_with_a_clock_a_year_ahead_takes_no_copy_away(machine: Machine) -> None:
    nights = machine.five_nights()
    machine.start(off=timedelta(hours=1), ahead=YEAR)
    machine.backups.run()
    assert machine.copies()[:5] == nights
    assert machine.copies()[-1] <= machine.true, "nor is there one from a day that has not come"
    machine.true += timedelta(minutes=1)
    machine.greeted()
    machine.true += timedelta(days=2)
    assert machine.backups.missed()
    machine.backups.run()
    assert machine.backups.last() == machine.true
    machine.true += timedelta(days=8)
    machine.backups.run()
    assert machine.copies() == [machine.true], "what is erased leaves every copy in a week"


def test_one_that_is_never_greeted_makes_copies_and_lets_go_by_what_it_was_on(machine: Machine) -> None:
    machine.five_nights()
    for _ in range(12):
        machine.start(off=timedelta(hours=12), ahead=YEAR)
        machine.wait(timedelta(hours=30))
        assert machine.backups.missed()
        machine.backups.run()
    kept = machine.copies()
    known = machine.time.least()
    assert known <= machine.true
    assert kept[-1] >= known - timedelta(seconds=1)
    assert kept[0] >= known - timedelta(days=7, seconds=1)
    assert len(kept) >= 5


def test_a_copy_from_a_clock_that_was_ahead_blocks_no_new_one_and_goes_when_the_time_is_sure(machine: Machine) -> None:
    nights = machine.five_nights()
    ahead = machine.stick / f"kiosk-v1-{machine.true + YEAR:%Y%m%dT%H%M%S}"
    shutil.copytree(next(machine.stick.iterdir()), ahead)
    machine.start(off=timedelta(days=2), ahead=YEAR)
    assert machine.backups.last() == nights[-1]
    machine.backups.run()
    assert ahead.exists(), "whether it is from the future nobody knows yet"
    machine.greeted()
    assert machine.backups.missed()
    machine.backups.run()
    assert not ahead.exists()
    assert machine.copies()[-1] == machine.true


@pytest.mark.parametrize("ahead", [YEAR, -20 * YEAR])
def test_before_anybody_ever_said_what_time_it_is_every_copy_stays_whatever_it_is_dated(
    machine: Machine, ahead: timedelta
) -> None:
    nights = machine.five_nights()
    (machine.folder / "known_time").unlink()  # a disk that failed, or another machine that was made this gate
    machine.start(off=timedelta(hours=1), ahead=ahead)
    (machine.folder / "known_time").unlink(missing_ok=True)
    machine.five_nights()
    assert set(nights) <= set(machine.copies())
    machine.greeted()
    machine.backups.run()
    assert machine.copies()[-1] == machine.true, "put right, none is from a day that has not come"


def test_what_the_power_cut_short_goes_with_its_week_and_counts_as_no_copy(machine: Machine) -> None:
    part = machine.stick / f"kiosk-v1-{machine.true:%Y%m%dT%H%M%S}.part"
    part.mkdir()
    machine.true += timedelta(hours=1)
    assert machine.backups.last() is None
    machine.true += timedelta(days=8)
    machine.backups.run()
    assert machine.copies() == [machine.true]


def test_what_was_missed_at_night_is_done_by_day_once_the_district_tells_that_it_was(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the hours for which the machine was off are not known of. The look-alikes wait for no word: it costs little."""
    machine.backups.run()
    machine.start(off=timedelta(days=3))
    jobs = timetable_of(machine, monkeypatch)
    jobs.tested = machine.true - timedelta(days=3)
    jobs.run("make_good", at_the_start=False)
    assert (machine.copies(), jobs.done) == ([NOW], ["look-alikes"])
    machine.greeted()
    made = machine.true
    for hours in (0, 20):
        machine.wait(timedelta(hours=hours))
        jobs.run("make_good", at_the_start=False)
        jobs.run("make_good", at_the_start=False)
        assert (machine.copies(), jobs.done) == ([NOW, made], ["look-alikes", "look-alikes", "self-test"])


@pytest.mark.parametrize("ahead", [timedelta(0), YEAR, -20 * YEAR], ids=["right", "ahead", "behind"])
def test_a_gate_that_starts_without_its_line_tests_itself_once_and_not_again_all_day(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    """What time it is at least lags by as long as it was off, and its record of the test by nothing."""
    machine.start(off=timedelta(hours=9), ahead=ahead)
    jobs = timetable_of(machine, monkeypatch)
    for _ in range(3 * 13):
        machine.wait(timedelta(minutes=20))
        jobs.run("make_good", at_the_start=False)
    assert jobs.done.count("self-test") == 1
    machine.wait(timedelta(hours=14))
    jobs.run("make_good", at_the_start=False)
    assert jobs.done.count("self-test") == 2, "a night has gone by"


def test_a_self_test_of_a_day_that_has_not_come_is_none_once_the_time_is_sure(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.start(off=timedelta(hours=9))
    jobs = timetable_of(machine, monkeypatch)
    jobs.tested = machine.true + YEAR
    jobs.run("make_good", at_the_start=False)
    assert jobs.done.count("self-test") == 0, "it may be the time that is behind"
    machine.greeted()
    jobs.run("make_good", at_the_start=False)
    jobs.run("make_good", at_the_start=False)
    assert jobs.done.count("self-test") == 1


@pytest.mark.parametrize("ahead", [YEAR, -20 * YEAR])
def test_a_start_lets_go_of_no_passage_by_a_wrong_clock(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    """Known of, or on a machine that has lost what it knew: before its district's next word nothing is too old."""
    machine.node.journal.become("v1", 3, "jinxiu")
    machine.node.journal.append("passage.recorded", {"old": True}, at=to_ms(NOW - timedelta(days=40)))
    machine.node.journal.append("passage.recorded", {"old": False}, at=to_ms(NOW))
    machine.node.journal.acknowledged(2)

    def said() -> list[object]:
        return [fact.payload for fact in machine.node.journal.facts("passage.recorded")]

    kept = said()
    (machine.folder / "known_time").unlink()
    machine.start(off=timedelta(hours=1), ahead=ahead)
    timetable_of(machine, monkeypatch).run("let_go_of_old", at_the_start=True)
    assert said() == kept
    machine.greeted()
    machine.start(off=timedelta(hours=1), ahead=ahead)
    timetable_of(machine, monkeypatch).run("let_go_of_old", at_the_start=True)
    assert said() == [None, {"old": False}]


def test_a_folder_that_is_gone_or_closed_to_the_gates_user_hinders_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = Backups(cast(Node, MagicMock()), tmp_path / "stick", MagicMock())
    assert backups.hindrance() == "gone"
    backups.folder.mkdir()
    assert backups.hindrance() == ""
    monkeypatch.setattr("os.access", lambda *_: False)  # to root no folder is closed
    assert backups.hindrance() == "closed"
