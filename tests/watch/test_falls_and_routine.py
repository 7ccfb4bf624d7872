"""Suspicions that end, and a silence that only somebody who knows the home's days would notice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.events import to_ms
from domain.incident_kinds import Kind
from tests.watch.benches import ELDER, T0, Apart, Bench, lived
from watch.evaluation import Watch
from watch.learning import Learner
from watch.plans import FactPlans
from watch.rows import WatchRows

S = timedelta(seconds=1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.close()


def suspect(bench: Bench) -> None:
    bench.tell("fall.suspected", device="watch-1", origin="detector", impact=to_ms(bench.now), score=0.97)
    bench.tick(1 * S)


def test_a_suspicion_that_nobody_cancels_is_confirmed_within_90_s_and_dated_at_the_impact(bench: Bench) -> None:
    impact = bench.now
    suspect(bench)
    assert not bench.incidents()
    bench.tick(88 * S)
    assert not bench.incidents()
    bench.tick(2 * S)
    bench.tick(0 * S)
    (incident,) = bench.incidents()
    assert (incident.kind, incident.happened_at) == (Kind.FALL, impact)
    assert incident.started_at > impact + 89 * S


def test_stillness_confirms_sooner(bench: Bench) -> None:
    impact = bench.now
    suspect(bench)
    bench.now += 34 * S
    bench.tell("fall.aftermath", device="watch-1", kind="still", since=to_ms(impact + 3 * S))
    bench.tick(2 * S)
    bench.tick(1 * S)
    assert [i.kind for i in bench.incidents()] == [Kind.FALL]


def test_what_speaks_against_a_confirmed_fall_is_told_once_each_and_ends_nothing(bench: Bench) -> None:
    """Until somebody is there, whose own steps say nothing of the elder's."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    suspect(bench)
    bench.tick(95 * S)
    bench.tick(1 * S)
    for kind in ("sign.motion", "sign.motion", "sign.door", "sign.water"):
        bench.tell(kind, device=kind)
        bench.tick(5 * S)
    bench.tell("fall.aftermath", device="watch-1", kind="movement")
    bench.tell("sign.presence", device="radar", trusted=False)
    bench.tick(5 * S)
    (fall,) = bench.incidents()
    notes = [f.payload["sign"] for f in bench.ledger.about(ELDER, ["incident.evidence"])]
    assert (fall.open, sorted(notes)) == (True, ["door", "motion", "movement"])
    bench.tell("incident.on_scene", incident=fall.id, by="ann")
    bench.tell("sign.gate", device="gate")
    bench.tell("visit.recorded", how="visit", by="ann")
    bench.tick(5 * S)
    assert len(bench.ledger.about(ELDER, ["incident.evidence"])) == 3


def test_i_am_well_by_message_ends_no_suspicion_and_is_told_once_the_fall_is_confirmed(bench: Bench) -> None:
    """The telephone may lie in another's hand; whoever is on the floor with it may say so, too. Somebody goes and looks."""
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    suspect(bench)
    bench.tick(40 * S)
    bench.tell("sign.link", by=ELDER)
    bench.tick(55 * S)
    bench.tick(1 * S)
    (fall,) = bench.incidents()
    (told,) = bench.ledger.about(ELDER, ["incident.evidence"])
    assert (fall.open, told.payload["reason"], told.payload["sign"]) == (True, "says_well", "link")
    assert fall.news == (told.id,)
    bench.tell("sign.link", by=ELDER)
    bench.tick(5 * S)
    assert len(bench.ledger.about(ELDER, ["incident.evidence"])) == 1


@pytest.mark.parametrize(("alarm", "told"), [("sign.sos", ["link"]), ("sign.smoke", ["link"]), ("sign.tamper", [])])
def test_i_am_well_is_told_of_an_alarm_about_their_life_and_what_merely_moves_is_not(
    bench: Bench, alarm: str, told: list[str]
) -> None:
    bench.tell(alarm, device="b")
    bench.tick(5 * S)
    for kind in ("sign.link", "sign.motion", "sign.press", "sign.door"):
        bench.tell(kind, device=kind)
        bench.tick(20 * S)
    assert [f.payload["sign"] for f in bench.ledger.about(ELDER, ["incident.evidence"])] == told
    assert [(i.open, i.resolved_by_late_evidence) for i in bench.incidents()] == [(True, False)]


@pytest.mark.parametrize(("fact", "device"), [("fall.downgraded", "watch-1"), ("sign.door", "hall")])
def test_a_cancel_or_a_door_downgrades_and_the_record_stays(bench: Bench, fact: str, device: str) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    suspect(bench)
    bench.now += 30 * S
    bench.tell(fact, device=device)
    bench.tick(2 * S)
    bench.tick(100 * S)
    assert not bench.incidents()
    assert [f.payload["fall"] for f in bench.journal.facts("fall.downgraded") if f.payload and "fall" in f.payload]


def test_who_gets_up_and_falls_for_good_within_the_minute_is_rung_for(bench: Bench) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    suspect(bench)
    bench.now += 24 * S
    bench.tell("fall.aftermath", device="watch-1", kind="movement")
    bench.tick(1 * S)
    bench.now += 34 * S
    second = bench.now
    suspect(bench)
    for _ in range(10):
        bench.tick(10 * S)
    ends = [(f.kind, f.payload["impact"]) for f in bench.ledger.about(ELDER, ("fall.confirmed", "fall.downgraded"))]
    assert ends == [("fall.downgraded", to_ms(second - 60 * S)), ("fall.confirmed", to_ms(second))]
    assert [i.kind for i in bench.incidents()] == [Kind.FALL]


def test_who_sets_off_a_sensor_in_the_attempt_to_get_up_and_lies_still_is_rung_for(bench: Bench) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    suspect(bench)
    bench.now += 14 * S
    bench.tell("sign.motion", device="hall")
    bench.tick(1 * S)
    bench.now += 44 * S
    bench.tell("fall.aftermath", device="watch-1", kind="still", since=to_ms(bench.now - 40 * S))
    bench.tick(2 * S)
    bench.tick(2 * S)
    assert [i.kind for i in bench.incidents()] == [Kind.FALL]


@pytest.mark.parametrize("hours", [1, 24])
def test_a_suspicion_is_settled_though_the_program_was_down_when_its_time_came(bench: Bench, hours: int) -> None:
    suspect(bench)
    again = Bench(bench.folder)
    again.now = bench.now + timedelta(hours=hours)
    again.tick()
    again.tick(1 * S)
    assert [i.kind for i in again.incidents()] == [Kind.FALL]
    again.close()


@pytest.mark.parametrize("hours", [7, 48])
def test_a_suspicion_that_came_hours_late_is_settled_once(bench: Bench, hours: int) -> None:
    """What a line that was cut off held back."""
    fell = bench.now
    bench.now += timedelta(hours=hours)
    told = {"device": "watch-1", "origin": "detector", "impact": to_ms(fell), "score": 0.97}
    bench.journal.append("fall.suspected", told, subject=ELDER, at=to_ms(fell))
    for _ in range(3):
        bench.tick(1 * S)
    (incident,) = bench.incidents()
    assert (incident.kind, incident.happened_at) == (Kind.FALL, fell)
    assert len(bench.journal.facts("fall.confirmed")) == 1


def test_by_a_clock_that_stands_a_fall_was_when_we_heard_of_it_and_nothing_before_speaks_against_it(
    bench: Bench,
) -> None:
    bench.tell("consent.given", purpose="home_monitoring", version="1")
    bench.tell("sign.door", device="x")
    bench.now += timedelta(hours=2)
    stands = to_ms(T0 - timedelta(days=9000))
    told = {"device": "watch-1", "origin": "detector", "impact": stands, "score": 0.97, "trusted": False}
    bench.journal.append("fall.suspected", told, subject=ELDER, at=stands)
    heard = bench.now
    bench.tick(1 * S)
    assert not bench.incidents()  # the wearer has time to cancel
    bench.tick(90 * S)
    bench.tick(0 * S)
    (incident,) = bench.incidents()
    assert (incident.kind, incident.happened_at) == (Kind.FALL, heard)


def test_a_silence_longer_than_this_homes_days_know_is_noticed(bench: Bench) -> None:
    lived(bench)
    plans = FactPlans(Learner(bench.ledger))
    plans.recall(bench.ledger)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    watch.tick(bench.now)
    morning = T0 + timedelta(days=21, hours=-1)
    bench.now = morning
    bench.tell("sign.motion", device="hall")
    for quarter in range(40):
        bench.now = morning + timedelta(minutes=15 * quarter)
        watch.tick(bench.now)
        if bench.incidents():
            break
    (incident,) = bench.incidents()
    assert (incident.kind, incident.rule, incident.elder) == (Kind.INACTIVITY, "silence", ELDER)
    assert timedelta(hours=1) < incident.happened_at - morning < timedelta(hours=6)


def test_the_days_are_learned_beside_the_watch_which_looks_again_once_they_are(bench: Bench) -> None:
    """After a restart every home is learned anew: a second each, behind which no alarm may wait."""
    lived(bench)
    apart = Apart()
    plans = FactPlans(Learner(bench.ledger, apart=apart))
    plans.recall(bench.ledger)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    bench.now += timedelta(hours=20)
    for _ in range(3):
        watch.tick(bench.now)
    assert (len(apart.given), bench.incidents()) == (1, [])
    apart.work()
    watch.tick(bench.now)
    (incident,) = bench.incidents()
    assert incident.rule == "silence"
    bench.now += timedelta(days=1, minutes=1)
    assert plans.learned(ELDER, bench.now) is not None, "what was known stands until it is learned anew"
    assert len(apart.given) == 1


def test_a_home_whose_days_cannot_be_learned_is_tried_again_and_keeps_what_was_known(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(bench)
    plans = FactPlans(Learner(bench.ledger))
    plans.recall(bench.ledger)
    assert plans.learned(ELDER, bench.now) is not None
    with monkeypatch.context() as broken:
        broken.setattr("watch.learning.learn", lambda *_: 1 / 0)
        bench.now += timedelta(days=1, minutes=1)
        assert plans.learned(ELDER, bench.now) is not None
    tried: list[str] = []
    monkeypatch.setattr("watch.learning.learn", lambda *_: tried.append(ELDER))
    for minutes in (1, 5):
        bench.now += timedelta(minutes=minutes)
        plans.learned(ELDER, bench.now)
    assert tried == [ELDER]
