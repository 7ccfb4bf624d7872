"""The watch over a real journal: what it raises, what it leaves alone, and that a crash changes nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.events import to_ms
from domain.incident_kinds import Kind, State
from domain.silences import Learned
from tests.watch.benches import T0, Bench, with_morning_window


def test_a_wearables_fall_opens_an_incident_with_its_ladder_at_once(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, caregiver="ann", contacts=[{"person_id": "son"}], windows=[])
    bench.tell("sign.fall", device="watch-1", place="bedroom")
    bench.tick()
    (incident,) = bench.incidents()
    assert (incident.kind, incident.state, incident.confirmed) == (Kind.FALL, State.DETECTED, True)
    assert ["ann", "son"] in [step["who"] for step in incident.ladder["steps"]]


def test_an_incident_keeps_the_ladder_it_started_with(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, caregiver="ann")
    bench.tell("sign.sos", device="button-1")
    bench.tick()
    before = bench.incidents()[0].ladder
    bench.tell("careplan.set", revision=2, caregiver="bo")
    bench.tick()
    assert bench.incidents()[0].ladder == before


def test_a_downgrade_is_told_to_those_on_their_way_and_does_not_end_the_fall(bench: Bench) -> None:
    bench.tell("sign.fall", device="radar")
    bench.tick()
    bench.tell("fall.downgraded", device="radar")
    bench.tick(timedelta(seconds=30))
    (incident,) = bench.incidents()
    assert (incident.open, incident.evidence) == (True, 1)


def test_a_cut_off_desktop_says_that_its_alarm_is_unconfirmed_and_derives_the_districts_id(tmp_path: Path) -> None:
    ids = []
    for name, confirmed in (("desk", False), ("district", True)):
        bench = Bench(tmp_path / name, confirmed)
        with_morning_window(bench)
        bench.tick()
        bench.tick(timedelta(hours=4))
        (incident,) = bench.incidents()
        assert incident.confirmed is confirmed
        ids.append(incident.id)
        bench.close()
    assert ids[0] == ids[1]


def test_a_crash_between_a_fact_and_the_cursor_raises_nothing_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_morning_window(bench)
    bench.tell("sign.sos", device="button-1")

    def crash(_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(bench.watch.rows, "advance", crash)
        with pytest.raises(KeyboardInterrupt):
            bench.tick()
    before = bench.incidents()
    again = Bench(bench.folder)
    again.now = bench.now + timedelta(seconds=30)
    again.tick()
    assert again.incidents() == before
    again.close()


def test_one_elders_broken_data_does_not_silence_the_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with_morning_window(bench)
    real = bench.plans.plan

    def plan(elder: str) -> Any:
        if elder == "broken":
            raise RuntimeError("broken on purpose")
        return real(elder)

    monkeypatch.setattr(bench.plans, "plan", plan)
    bench.tell("sign.door", "broken", device="x")
    bench.tick()
    bench.tick(timedelta(hours=4))
    assert [i.kind for i in bench.incidents()] == [Kind.MISSED_CHECKIN]


def test_a_drill_swallows_no_real_alarm(bench: Bench) -> None:
    bench.tell("sign.sos", device="drill", exercise=True)
    bench.tick()
    bench.now += timedelta(seconds=3)
    bench.tell("sign.sos", device="button")
    bench.tick()
    assert sorted((i.kind, i.exercise) for i in bench.incidents()) == [(Kind.SOS, False), (Kind.SOS, True)]


def test_a_drill_is_no_sign_of_life(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick()
    bench.now += timedelta(hours=2)
    bench.tell("sign.sos", device="drill", exercise=True)
    bench.tick()
    bench.tick(timedelta(hours=2))
    assert Kind.MISSED_CHECKIN in {i.kind for i in bench.incidents()}


def test_a_rule_that_is_learned_today_opens_nothing_for_a_silence_of_yesterday_that_has_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It filled the screen of a desk with an alarm that nobody had been called for, about somebody who had been heard since."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, since=to_ms(T0), windows=[], backstops=[])
    rule: list[Learned] = []
    monkeypatch.setattr(bench.plans, "learned", lambda *_: rule[0] if rule else None)
    for wait in (0, 10, 1, 1):
        bench.now += timedelta(hours=wait)
        bench.tell("sign.motion", device="hall")
        bench.tick()
    rule.append(lambda sign: sign.at + timedelta(hours=5))
    bench.tell("sign.motion", device="hall")
    bench.tick(timedelta(minutes=10))
    assert bench.incidents() == []
    bench.tick(timedelta(hours=6))
    assert [i.rule for i in bench.incidents()] == ["silence"], "what lasts still rings"
