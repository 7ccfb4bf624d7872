"""Windows in which a sign of life is expected: missed, reminded of, put off, and what of later signs."""

from datetime import timedelta
from typing import Any

import pytest

from domain.events import derived_id, to_ms
from domain.incident_kinds import ACKNOWLEDGED, EVIDENCE, FEEDBACK, Kind, State
from tests.watch.benches import ELDER, T0, Bench, with_morning_window


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


def test_a_kettle_on_a_timer_calls_nobody_back_and_what_did_is_told_with_its_weight(bench: Bench) -> None:
    with_morning_window(bench)
    bench.tick(timedelta(hours=4))
    bench.tell("sign.power", device="kettle", value=900)
    bench.tick(timedelta(minutes=1))
    assert not bench.incidents()[0].resolved_by_late_evidence
    bench.tell("sign.motion", device="hall", value=True)
    bench.tick(timedelta(minutes=1))
    assert bench.incidents()[0].resolved_by_late_evidence
    (told,) = [f.payload for f in bench.ledger.about(ELDER, (EVIDENCE,))]
    assert (told["sign"], told["weight"]) == ("motion", 0.825)


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
