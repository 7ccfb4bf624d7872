"""Signs of life as strangers export them: on which clock their times are, and what is said of files that hold none."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from evaluate import checkins
from evaluate.__main__ import main as evaluation
from evaluate._signals import read
from tests.evaluate_falls.answers import answer

SHANGHAI, MADRID = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Madrid")
LIVED = [datetime(2027, 3, day, hour, 30) for day in range(1, 8) for hour in range(7, 23)]  # noqa: DTZ001  the home's wall


def lines(written: Callable[[datetime], object]) -> list[str]:
    return [json.dumps({"elder": "e", "kind": "motion", "at": written(at)}) for at in LIVED]


@pytest.mark.parametrize(
    ("written", "asked", "clock"),
    [
        (lambda at: at.isoformat(), None, "as written"),
        (lambda at: at.isoformat(), "Europe/Madrid", "Europe/Madrid"),
        (lambda at: at.strftime("%Y/%m/%d %H:%M:%S.%f000"), None, "as written"),
        (lambda at: at.replace(tzinfo=MADRID).isoformat(), None, "as written"),
        (lambda at: at.replace(tzinfo=SHANGHAI).astimezone(UTC).isoformat(), None, "Asia/Shanghai"),
        (lambda at: at.replace(tzinfo=SHANGHAI).timestamp(), None, "Asia/Shanghai"),
        (lambda at: str(int(at.replace(tzinfo=SHANGHAI).timestamp() * 1e3)), None, "Asia/Shanghai"),
        (lambda at: int(at.replace(tzinfo=SHANGHAI).timestamp() * 1e6), None, "Asia/Shanghai"),
        (lambda at: f"{at.isoformat()}Z", None, "UTC"),  # a wall clock that somebody called UTC
        (lambda at: at.replace(tzinfo=MADRID).astimezone(UTC).isoformat(), "Europe/Madrid", "Europe/Madrid"),
    ],
)
def test_signs_are_on_the_homes_clock_however_their_times_are_written(
    written: Callable[[datetime], object], asked: str | None, clock: str
) -> None:
    found = read(lines(written), asked)
    assert [s.at.replace(tzinfo=None) for s in found.signs["e"]] == LIVED
    assert (found.timezone, found.awake_at_night, found.ignored) == (clock, False, {})


def test_one_home_of_several_that_was_exported_in_utc_is_on_its_own_clock_too() -> None:
    def export(at: datetime) -> str:
        return at.replace(tzinfo=SHANGHAI).astimezone(UTC).isoformat()

    other = [line.replace('"e"', '"f"') for line in lines(export)]
    found = read([*lines(datetime.isoformat), *other])
    assert {elder: [s.at.replace(tzinfo=None) for s in signs] for elder, signs in found.signs.items()} == {
        "e": LIVED,
        "f": LIVED,
    }
    assert (found.timezone, found.mixed) == ("as written; Asia/Shanghai for f", False)


def test_a_clock_on_which_the_nights_are_busy_is_remarked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.jsonl").write_text("\n".join(lines(lambda at: (at - timedelta(hours=8)).isoformat())))
    assert "--timezone" in answer(capsys, checkins, tmp_path / "s.jsonl")["notes"][0]


def test_times_of_two_kinds_on_the_same_days_are_remarked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    utc = iter(range(10**6))

    def either(at: datetime) -> str:
        return at.isoformat() if next(utc) % 2 else at.replace(tzinfo=SHANGHAI).astimezone(UTC).isoformat()

    (tmp_path / "s.jsonl").write_text("\n".join(lines(either)))
    assert any("offset" in note for note in answer(capsys, checkins, tmp_path / "s.jsonl")["notes"])
    assert not read(lines(lambda at: at.replace(tzinfo=MADRID).isoformat())).mixed


def test_a_sign_of_a_clock_that_leapt_makes_no_years_of_silence() -> None:
    stray = [json.dumps({"elder": "e", "kind": "motion", "at": f"{year}-01-01T00:00:00"}) for year in (2009, 2099)]
    found = read(
        [*lines(datetime.isoformat), stray[0], *lines(lambda at: (at + timedelta(days=7)).isoformat()), stray[1]]
    )
    assert (len(found.signs["e"]), found.ignored) == (2 * len(LIVED), {"the clock was not set": 2})


def test_a_year_away_from_home_is_a_year_away() -> None:
    found = read([*lines(datetime.isoformat), *lines(lambda at: (at + timedelta(days=365)).isoformat())])
    assert (len(found.signs["e"]), found.ignored) == (2 * len(LIVED), {})


def test_a_packed_file_is_read_and_a_damaged_one_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = gzip.compress("\n".join(lines(datetime.isoformat)).encode())
    (tmp_path / "s.jsonl.gz").write_bytes(packed)
    assert answer(capsys, checkins, tmp_path / "s.jsonl.gz")["elders"] == 1
    (tmp_path / "s.jsonl.gz").write_bytes(packed[:-30])
    assert evaluation(["checkins", str(tmp_path / "s.jsonl.gz"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"] == "signals_damaged"


@pytest.mark.parametrize(
    "content", ["elder,kind,at\ne,motion,2027-03-01T08:00:00\n", "[]", *lines(lambda at: f"{at:%F}")[:1]]
)
def test_a_file_that_holds_no_sign_is_said(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.csv").write_text(content)
    assert evaluation(["checkins", str(tmp_path / "s.csv"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"] == "signals_none"


def test_a_zone_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        checkins.main(["s.jsonl", "--timezone", "Europe/Nowhere"])
    assert "Europe/Nowhere" in capsys.readouterr().err
