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
