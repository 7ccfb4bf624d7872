from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.credentials.pins import Attempts
from kiosk.credentials.tallies import Tallies

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


def test_a_restart_gives_nobody_another_three_tries(tmp_path: Path) -> None:
    tallies = Tallies(tmp_path / "tallies.sqlite")
    attempts = Attempts(tallies)
    for _ in range(4):
        attempts.failed("32501", NOW)
    before = attempts.wait("32501", NOW)
    assert before > timedelta(0)
    tallies.close()
    again = Tallies(tmp_path / "tallies.sqlite")
    assert Attempts(again).wait("32501", NOW) == before
    Attempts(again).succeeded("32501")
    assert "32501" not in again
    assert len(again) == 1, "the whole gate's own count only fades"
    again.close()


def test_a_clock_that_was_put_back_keeps_nobody_waiting_for_a_year(tmp_path: Path) -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts.failed("32501", NOW + timedelta(days=365))
    assert attempts.wait("32501", NOW) == timedelta(0)
    attempts.failed("32501", NOW)
    assert attempts.wait("32501", NOW) > timedelta(0), "and what was tried counts"


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "tallies.sqlite"
    path.write_bytes(b"no database, though long enough to be looked at" * 40)
    tallies = Tallies(path)
    Attempts(tallies).failed("32501", NOW)
    tallies.close()
    again = Tallies(path)
    assert again["32501"].failures == 1
    again.close()


def test_on_a_full_disk_tries_are_counted_and_a_right_one_is_forgiven(tmp_path: Path) -> None:
    tallies = Tallies(tmp_path / "tallies.sqlite")
    assert len(tallies) == 0
    assert tallies._db is not None
    tallies._db.execute("PRAGMA max_page_count = 1")
    attempts = Attempts(tallies)
    for n in range(500):
        attempts.failed(f"flat {n:0900}", NOW)
    assert attempts.wait("another flat", NOW) > timedelta(0)
    attempts.succeeded(f"flat {499:0900}")
    assert len(tallies) == 500
    tallies.close()
    kept = Tallies(tmp_path / "tallies.sqlite")
    assert len(kept) < 500, "the disk was full indeed"
    kept.close()
