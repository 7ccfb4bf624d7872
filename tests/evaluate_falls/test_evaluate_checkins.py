"""`evaluate checkins`: signs of a home in, alarms and how late they come out."""

import json
import random
from pathlib import Path
from statistics import stdev

import pytest

from evaluate import checkins, homes
from evaluate._signals import read
from tests.evaluate_falls.answers import answer


def signals(tmp_path: Path, capsys: pytest.CaptureFixture[str], home: str, days: int) -> Path:
    assert homes.main([home, "--days", str(days)]) == 0
    path = tmp_path / "signals.jsonl"
    path.write_text(capsys.readouterr().out)
    return path


def test_checkins_answers_with_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = signals(tmp_path, capsys, "entrance", 40)
    with path.open("a") as f:
        f.write('{"elder": "entrance", "kind": "smoke", "at": "2027-02-01T10:00:00"}\nnot json\n')
    seen = answer(capsys, checkins, path, "--learn-days", 28, "--inject", "hourly")
    assert seen["days"] == pytest.approx(12, abs=1)
    assert seen["injected"] == pytest.approx(12 * 24, abs=24)
    assert seen["missed"] == 0
    assert seen["delay_h_median_day"] < 6
    assert seen["delay_h_median_day"] <= seen["delay_h_p90"]
    assert seen["ignored"] == {"no sign of life: smoke": 1, "unreadable": 1}


def test_lines_that_say_nothing_are_counted_and_never_stop_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = '{"elder": "王", "kind": "Motion", "at": "2027-01-04T08:00:00Z", "direction": "OUT"}'
    bad = [
        '"text"',
        "[1, 2]",
        "17",
        '{"elder": "a", "kind": "motion", "at": [5]}',
        '{"elder": null, "kind": "motion", "at": "2027-01-04"}',
        '{"kind": "motion", "at": "2027-01-04"}',
    ]
    bad += ['{"elder": "a", "kind": "water", "at": "2027-01-04T08:00:00", "amount": "much"}', "{", "\x00"]
    (tmp_path / "s.jsonl").write_bytes(("\ufeff" + "\n".join([good, *bad])).encode() + b"\n\xff\xfe\n")
    seen = answer(capsys, checkins, tmp_path / "s.jsonl")
    assert (seen["elders"], seen["alarms"], seen["ignored"]) == (1, [], {"unreadable": len(bad) + 1})


def test_kinds_are_read_as_intake_and_its_facts_name_them() -> None:
    kinds = ["sign.motion", "contact", "Door", "checkin", "occupancy", "heartbeat"]
    found = read(
        json.dumps({"elder": "e", "kind": k, "at": f"2027-01-04T10:0{i}:00+08:00"}) for i, k in enumerate(kinds)
    )
    assert [s.kind for s in found.signs["e"]] == ["motion", "door", "door", "button", "motion"]
    assert found.ignored == {"no sign of life: heartbeat": 1}


def test_a_simulated_home_repeats_and_lives_as_its_name_says() -> None:
    lived = homes.simulate("entrance", 3, 30)
    assert lived == homes.simulate("entrance", 3, 30) != homes.simulate("entrance", 4, 30)
    assert {what for _, what in lived} == {"motion", "door"}
    assert {what for _, what in homes.simulate("doorless", 3, 30)} == {"motion"}
    doors = [sum(what == "door" for _, what in homes.simulate(kind, 3, 30)) for kind in ("entrance", "cupboards")]
    assert doors[1] > 2 * doors[0]
    assert [t for t, _ in lived] == sorted(t for t, _ in lived)


def test_an_irregular_home_is_one_of_heavier_tails() -> None:
    """The first sign of a day comes at more various hours, and signs come in bursts."""
    usual, odd = (homes.simulate(kind, 3, 60) for kind in ("entrance", "irregular"))
    assert len(odd) > 1.5 * len(usual)
    assert [t for t, _ in odd] == sorted(t for t, _ in odd)
    assert [e for e in odd if e[1] == "motion"] == homes.simulate("irregular-doorless", 3, 60)
    rises = [
        [min(t % 24 for t, _ in home if t // 24 == day and t % 24 > 4.5) for day in range(60)] for home in (usual, odd)
    ]
    assert stdev(rises[1]) > stdev(rises[0])


def test_a_real_silence_is_an_alarm_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = signals(tmp_path, capsys, "entrance", 40)
    kept = [
        line
        for line in path.read_text().splitlines()
        if not "2027-02-10T11" <= json.loads(line)["at"] < "2027-02-11T06"
    ]
    path.write_text("\n".join(kept))
    seen = answer(capsys, checkins, path)
    assert any(a["at"].startswith("2027-02-10") and "2027-02-10T10" in a["reason"] for a in seen["alarms"])
    assert seen["injected"] == 0


def test_lines_may_come_twice_and_in_any_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = signals(tmp_path, capsys, "entrance", 36)
    seen = answer(capsys, checkins, path, "--inject", "hourly")
    lines = path.read_text().splitlines() * 2
    random.Random(1).shuffle(lines)
    path.write_text("\n".join(lines))
    twice = answer(capsys, checkins, path, "--inject", "hourly")
    assert twice == seen | {"repeated": seen["repeated"] + len(lines) // 2}


def test_each_elder_is_learned_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And one with 14 days only adds nothing that could be judged."""
    path = signals(tmp_path, capsys, "entrance", 36)
    alone = answer(capsys, checkins, path, "--inject", "hourly")
    short = [line.replace('"entrance"', '"short"') for line in path.read_text().splitlines() if "2027-01-1" in line]
    path.write_text("\n".join([*short, *path.read_text().splitlines()]))
    both = answer(capsys, checkins, path, "--inject", "hourly")
    assert (both["elders"], both["too_short"]) == (2, ["short"])
    assert both == alone | {"elders": 2, "too_short": ["short"], "repeated": both["repeated"]}
    path.write_text("\n".join(short))
    seen = answer(capsys, checkins, path, "--inject", "hourly")
    assert (seen["days"], seen["injected"], seen["delay_h_median"]) == (0.0, 0, None)


def test_a_week_without_a_sign_is_one_alarm_and_says_how_long_it_rang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = signals(tmp_path, capsys, "entrance", 44)
    week = ("2027-02-08T12", "2027-02-15T12")
    path.write_text("\n".join(x for x in path.read_text().splitlines() if not week[0] <= json.loads(x)["at"] < week[1]))
    seen = answer(capsys, checkins, path, "--inject", "hourly")
    assert len([a for a in seen["alarms"] if week[0] <= a["at"] < week[1]]) == 1
    assert 7 * 24 - 17 <= seen["already_ringing"] <= 7 * 24 + 24 * (len(seen["alarms"]) - 1)
    for delay in ("delay_h_median", "delay_h_median_day"):
        assert seen["fresh"][delay] > seen[delay], "what rang already flatters the delays of all"
    assert seen["missed"] == 0


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_no_signals_are_no_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_text(content)
    assert answer(capsys, checkins, path)["alarms_per_week"] is None


def test_clocks_that_were_never_set_and_nonsense_add_no_days(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lived = [
        f'{{"elder":"e","kind":"motion","at":"2026-03-{d:02d}T{h:02d}:00:00"}}'
        for d in range(1, 29)
        for h in range(7, 22)
    ]
    odd = ["0001-01-01T00:00:00", "1970-01-01T00:00:00", "2000-01-01T08:00:00", "9999-12-31T23:59:59"]
    lines = [*lived, *(f'{{"elder":"e","kind":"motion","at":"{at}"}}' for at in odd), "[" * 100_000]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), encoding="utf-16")
    seen = answer(capsys, checkins, tmp_path / "s.jsonl", "--learn-days", 14, "--inject", "hourly")
    assert 13 < seen["days"] < 14
    assert seen["ignored"] == {"the clock was not set": 4, "unreadable": 1}


@pytest.mark.parametrize("wrong", [("--learn-days", 0), ("--learn-days", -5), ("--budget", 0)])
def test_a_setting_that_makes_no_sense_is_said(
    wrong: tuple[str, float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        checkins.main(["s.jsonl", wrong[0], str(wrong[1])])
    assert wrong[0] in capsys.readouterr().err.splitlines()[-1]
