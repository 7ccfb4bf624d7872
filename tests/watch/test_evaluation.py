"""The watch over a real journal: what it raises, what it leaves alone, and that a crash changes nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain import incident_kinds as k
from domain.events import derived_id, to_ms
from domain.incident_kinds import ACKNOWLEDGED, FEEDBACK, Kind, State
from domain.silences import Learned
from tests.watch.benches import ELDER, T0, Bench, with_morning_window


def test_a_wearables_fall_opens_an_incident_with_its_ladder_at_once(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, caregiver="ann", contacts=[{"person_id": "son"}], windows=[])
    bench.tell("sign.fall", device="watch-1", place="bedroom")
    bench.tick()
    (incident,) = bench.incidents()
    assert (incident.kind, incident.state, incident.confirmed) == (Kind.FALL, State.DETECTED, True)
    assert ["ann", "son"] in [step["who"] for step in incident.ladder["steps"]]


def test_presses_within_ten_seconds_are_one_incident_and_everything_is_kept(bench: Bench) -> None:
    for _ in range(3):
        bench.tell("sign.sos", device="button-1")
        bench.tick(timedelta(seconds=3))
    (incident,) = bench.incidents()
    assert incident.rings == 0
    bench.tick(timedelta(seconds=5))
    assert bench.incidents() == [replace(incident, evidence=2)], "counted once the ten seconds are over"


def test_a_button_that_is_stuck_costs_a_fact_or_two_every_ten_seconds(bench: Bench) -> None:
    """Weighing each press against all those before it would keep everybody else's alarm waiting after an hour."""
    for _ in range(60):
        bench.tell("sign.sos", device="button-1")
        bench.tick(timedelta(seconds=1))
    bench.tick(timedelta(seconds=11))
    (incident,) = bench.incidents()
    assert incident.evidence == 59, "every press is counted"
    assert len(bench.ledger.about(ELDER, (k.EVIDENCE,))) <= 12
    assert len(bench.ledger.about(ELDER, ("sign.sos",))) == 60, "and is a fact"


@pytest.mark.parametrize(
    ("steps", "state", "rings"),
    [((k.REJECTED,), State.DETECTED, 0), ((k.ON_SCENE,), State.HANDLING, 0)],
)
def test_a_press_after_a_step_of_somebodys_is_weighed_by_itself(
    bench: Bench, steps: tuple[str, ...], state: State, rings: int
) -> None:
    """A false alarm four seconds ago says nothing of this press."""
    for _ in range(2):
        bench.tell("sign.sos", device="button-1")
        bench.tick(timedelta(seconds=2))
    first = bench.incidents()[-1]
    for step in steps:
        bench.tell(step, incident=first.id, by="ann")
    bench.tell("sign.sos", device="button-1")
    bench.tick(timedelta(seconds=2))
    last = bench.incidents()[-1]
    assert (last.state, last.rings) == (state, rings)
    assert (last.id != first.id) is (k.REJECTED in steps)
    bench.tick(timedelta(seconds=11))
    assert sum(i.evidence for i in bench.incidents()) + len(bench.incidents()) == 3


def test_an_incident_keeps_the_ladder_it_started_with(bench: Bench) -> None:
    bench.tell("careplan.set", revision=1, caregiver="ann")
    bench.tell("sign.sos", device="button-1")
    bench.tick()
    before = bench.incidents()[0].ladder
    bench.tell("careplan.set", revision=2, caregiver="bo")
    bench.tick()
    assert bench.incidents()[0].ladder == before


def test_a_window_without_a_sign_is_missed_and_one_with_a_sign_is_not(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick()
    assert not bench.incidents()
    bench.tick(timedelta(hours=3, minutes=31))  # 11:31
    (incident,) = bench.incidents()
    assert (incident.kind, incident.rule) == (Kind.MISSED_CHECKIN, "morning")
    assert incident.id == derived_id(ELDER, "morning", "2026-11-23")
    bench.tick(timedelta(hours=22))  # the next day, 09:31
    bench.tell("sign.door", device="door-1", value=True)
    bench.tick()
    bench.tick(timedelta(hours=3))
    assert len(bench.incidents()) == 1


def test_a_sign_that_comes_while_a_tick_runs_is_weighed_by_the_next(bench: Bench) -> None:
    """It is newer than the moment the tick goes by; a silence that it ends would else climb on until the next thing is due."""
    with_morning_window(bench)
    bench.tell("home.device_registered", device="door-1", kind="door")
    bench.tick(timedelta(hours=3, minutes=31))
    began = bench.now
    bench.now += timedelta(milliseconds=40)
    bench.tell("sign.door", device="door-1", value=True)
    bench.watch.tick(began)
    assert not bench.incidents()[0].resolved_by_late_evidence
    bench.tick(timedelta(seconds=1))
    assert bench.incidents()[0].resolved_by_late_evidence


def test_the_deadline_is_kept_though_nothing_ran_when_it_passed(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick()
    bench.tick(timedelta(hours=9))
    (incident,) = bench.incidents()
    assert incident.happened_at == T0 + timedelta(hours=3, minutes=30)


def test_a_late_sign_of_life_speaks_to_the_open_silence_and_closes_nothing(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick()
    bench.tick(timedelta(hours=4))
    bench.tell("sign.door", device="door-1", value=True)
    bench.tick(timedelta(minutes=1))
    (incident,) = bench.incidents()
    assert incident.resolved_by_late_evidence
    assert incident.open


@pytest.mark.parametrize("step", [None, FEEDBACK])
def test_the_next_days_silence_rings_though_nobody_closed_yesterdays(bench: Bench, step: str | None) -> None:
    with_morning_window(bench)
    bench.tick(timedelta(hours=4))
    (first,) = bench.incidents()
    bench.tell("sign.door", device="door-1", value=True)
    if step is not None:
        bench.tell(ACKNOWLEDGED, incident=first.id, by="ann")
        bench.tell(step, incident=first.id, by="ann")
    bench.tick(timedelta(minutes=1))
    bench.tick(timedelta(hours=24))
    before, after = bench.incidents()
    assert (before.id, before.open) == (first.id, True)
    assert after.state is State.DETECTED
    assert not after.resolved_by_late_evidence
    for _ in range(3):  # and looking again changes neither
        bench.tick(timedelta(minutes=5))
    assert [i.evidence for i in bench.incidents()] == [before.evidence, 0]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("passage.recorded", {"method": "card", "outcome": None}),
        ("sign.door", {"device": "door-1", "trusted": False}),
        ("fall.downgraded", {"device": "radar"}),
    ],
)
def test_what_is_only_evidence_clears_nothing(bench: Bench, kind: str, payload: dict[str, Any]) -> None:
    with_morning_window(bench)
    bench.tick(timedelta(hours=2))
    bench.tell(kind, **payload)
    bench.tick()
    bench.tick(timedelta(hours=2))
    (incident,) = bench.incidents()
    assert not incident.resolved_by_late_evidence


def test_a_downgrade_is_told_to_those_on_their_way_and_does_not_end_the_fall(bench: Bench) -> None:
    bench.tell("sign.fall", device="radar")
    bench.tick()
    bench.tell("fall.downgraded", device="radar")
    bench.tick(timedelta(seconds=30))
    (incident,) = bench.incidents()
    assert (incident.open, incident.evidence) == (True, 1)


def test_a_silent_device_is_its_own_kind_of_incident_and_never_a_missed_check_in(bench: Bench) -> None:
    with_morning_window(bench, counted=["door"])
    bench.tell("home.device_registered", device="door-1", kind="door", place="hall")
    bench.tell("device.blind", device="door-1", kind="door", blind=True, since=to_ms(T0))
    bench.tick()
    bench.tick(timedelta(hours=5))
    assert [i.kind for i in bench.incidents()] == [Kind.DEVICE_BLIND]


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


def test_a_reminder_comes_once_before_the_deadline(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick()
    for _ in range(20):
        bench.tick(timedelta(minutes=10))
    reminders = bench.journal.facts("reminder.due")
    assert [r.payload for r in reminders] == [
        {"window": "morning", "due": to_ms(T0 + timedelta(hours=3)), "by": "system"}
    ]
    assert reminders[0].envelope.at == to_ms(T0 + timedelta(hours=2, minutes=30))  # half an hour before 11:00


def test_a_ring_that_quiet_hours_defer_comes_when_they_end(bench: Bench) -> None:
    with_morning_window(bench, quiet=["11:15", "14:00"])
    for _ in range(35):
        bench.tick(timedelta(minutes=10))
    assert bench.incidents() == []  # 13:50 in Shanghai
    bench.tick(timedelta(minutes=10))
    (incident,) = bench.incidents()
    assert (incident.kind, incident.happened_at) == (Kind.MISSED_CHECKIN, T0 + timedelta(hours=3, minutes=30))


def test_a_device_of_no_kind_watches_once_it_has_shown_what_it_is(bench: Bench) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, since=to_ms(T0), windows=[])
    bench.tell("home.device_registered", device="x")
    bench.tell("sign.motion", device="x")
    bench.tick()
    for _ in range(49):
        bench.tick(timedelta(minutes=30))
    assert [(i.kind, i.rule) for i in bench.incidents()] == [(Kind.INACTIVITY, "no_motion")]


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


@pytest.mark.parametrize(("reason", "hours"), [("charging", 12), ("not_worn", 12), ("silent", 1), ("offline", 1)])
def test_a_watch_on_its_charger_calls_nobody_for_a_night_and_a_dead_device_does(
    bench: Bench, reason: str, hours: int
) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    bench.tell("home.device_registered", device="watch", kind="wearable")
    bench.tell("device.blind", device="watch", blind=True, since=to_ms(bench.now), reason=reason)
    bench.tick()
    bench.tick(timedelta(hours=hours, minutes=-1))
    assert bench.incidents() == []
    bench.tick(timedelta(minutes=2))
    assert [i.kind for i in bench.incidents()] == [Kind.DEVICE_BLIND]


def test_each_silent_device_is_an_incident_of_its_own_and_outlasts_the_mending_of_another(bench: Bench) -> None:
    """Two fell silent; once the first was mended and its incident closed nobody ever heard of the second."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("careplan.set", revision=1, windows=[], backstops=[])
    for device in ("hall", "door"):
        bench.tell("home.device_registered", device=device, kind="motion", place="hall")
        bench.tell("device.blind", device=device, blind=True, since=to_ms(bench.now), reason="silent")
        bench.tick(timedelta(hours=2))
    first, second = bench.incidents()
    assert (first.rule, second.rule) == ("hall", "door")
    for step in (ACKNOWLEDGED, FEEDBACK, k.CLOSED):
        bench.tell(step, incident=first.id, by="ann")
    bench.tick()
    assert [i.rule for i in bench.incidents() if i.open] == ["door"]


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
