"""What was learned of a home's days outlasts the program that learned it, and goes with the person."""

import json
from concurrent.futures import Executor
from datetime import timedelta

import pytest

from domain.events import to_ms
from domain.routine import Routine
from tests.watch.benches import ELDER, Apart, Bench, lived
from watch.evaluation import Watch
from watch.learning import Learner
from watch.plans import FactPlans
from watch.routines import Known, Routines
from watch.rows import WatchRows
from watch.standby import Standby


@pytest.fixture(scope="module")
def routine(tmp_path_factory: pytest.TempPathFactory) -> Routine:
    """Of three weeks of a home."""
    bench = Bench(tmp_path_factory.mktemp("home"))
    lived(bench)
    plans = started(bench)
    assert plans.learned(ELDER, bench.now) is not None
    found = plans.routine(ELDER)
    bench.close()
    assert found is not None
    return found


def started(bench: Bench, apart: Executor | None = None) -> FactPlans:
    """The plans as a program has them that starts over what is there."""
    plans = FactPlans(Learner(bench.ledger, apart=apart, kept=Routines(bench.sql)))
    plans.recall(bench.ledger)
    return plans


def test_after_a_restart_the_watch_goes_on_at_once_with_what_it_knew(bench: Bench) -> None:
    """Learning everybody's days anew takes minutes in a large district, in which a silence that only they tell rang nobody."""
    lived(bench)
    assert started(bench).learned(ELDER, bench.now) is not None
    again = Apart()  # which never comes to it
    plans = started(bench, again)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    bench.now += timedelta(hours=20)
    watch.tick(bench.now)
    (incident,) = bench.incidents()
    assert (incident.rule, again.given) == ("silence", [])


def test_however_old_it_stands_until_it_is_learned_anew(bench: Bench) -> None:
    lived(bench)
    assert started(bench).learned(ELDER, bench.now) is not None
    bench.now += timedelta(days=9)
    again = Apart()
    assert started(bench, again).learned(ELDER, bench.now) is not None
    assert len(again.given) == 1


def test_what_is_kept_is_read_as_it_was(bench: Bench, routine: Routine) -> None:
    kept, now = Routines(bench.sql), bench.now
    known = {"p1": Known(now, now + timedelta(days=1), 3, routine), "p2": Known(now, now, 1, None)}
    for elder, each in known.items():
        kept.keep(elder, each)
    assert Routines(bench.sql).all() == known
    kept.forget(["p1", "p3"])
    assert Routines(bench.sql).all().keys() == {"p2"}


@pytest.mark.parametrize(
    "spoiled",
    [
        "", "{", "[]", '{"form": 99}', "limits", "short", "negative", "zone", "time",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_learned_anew(spoiled: str, bench: Bench) -> None:
    lived(bench)
    started(bench).learned(ELDER, bench.now)
    ((told,),) = bench.sql.read("SELECT known FROM watch_routines")
    data = json.loads(told)
    match spoiled:
        case "limits":
            data["routine"]["limits"].pop()
        case "short":
            data["routine"]["limits"][0].pop()
        case "negative":
            data["routine"]["limits"][0][0] = -1
        case "zone":
            data["routine"]["zone"] = "Asia/Nowhere"
        case "time":
            data["begin"] = 1e30
        case _:
            data = None
    body = spoiled if data is None else json.dumps(data)
    bench.sql.write(lambda execute: execute("UPDATE watch_routines SET known = ?", (body,)))
    again = Apart()
    assert started(bench, again).learned(ELDER, bench.now) is None
    assert len(again.given) == 1


def test_a_disk_that_takes_nothing_costs_no_knowledge(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(bench)
    plans = started(bench)
    monkeypatch.setattr(Routines, "keep", lambda *_: 1 / 0)
    assert plans.learned(ELDER, bench.now) is not None
    tried: list[str] = []
    monkeypatch.setattr("watch.learning.learn", lambda *_: tried.append(ELDER))
    bench.now += timedelta(minutes=10)
    assert plans.learned(ELDER, bench.now) is not None
    assert tried == [], "and is not learned again and again"


def erase(bench: Bench) -> None:
    bench.journal.append("person.erased", {"by": "chief"}, subject=ELDER)


def test_nothing_of_somebodys_days_outlasts_them(bench: Bench) -> None:
    lived(bench)
    plans = started(bench)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    watch.tick(bench.now)
    assert plans.routine(ELDER) is not None
    erase(bench)
    watch.tick(bench.now)
    assert (plans.plan(ELDER), plans.routine(ELDER), Routines(bench.sql).all()) == (None, None, {})
    bench.now += timedelta(days=2)
    watch.tick(bench.now)
    assert bench.incidents() == [], "nobody waits for a sign of theirs"
    assert started(bench).elders() == []


def test_who_is_erased_while_their_days_are_learned_is_forgotten_too(bench: Bench) -> None:
    lived(bench)
    apart = Apart()
    plans = started(bench, apart)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    watch.tick(bench.now)
    erase(bench)
    watch.tick(bench.now)
    apart.work()
    watch.tick(bench.now)
    assert (plans.routine(ELDER), Routines(bench.sql).all()) == (None, {})


def test_a_desk_learns_ahead_while_the_line_stands(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is cut off there is no time for it: everybody's days at once are minutes."""
    lived(bench)
    monkeypatch.setattr("watch.standby._FILLING", 100)
    standby = Standby(bench.ledger, bench.sql)
    standby.tick(bench.now, connected=True)
    assert standby.routine(ELDER) is None, "the past was still coming"
    standby.tick(bench.now, connected=True)
    assert standby.routine(ELDER) is not None
    assert Standby(bench.ledger, bench.sql).routine(ELDER) == standby.routine(ELDER)


def test_a_desk_learns_of_one_home_a_tick_and_of_nobody_who_did_not_agree(bench: Bench) -> None:
    for n in range(4):
        bench.tell("careplan.set", f"e{n}", revision=1, since=to_ms(bench.now), windows=[])
        if n:
            bench.tell("consent.given", f"e{n}", purpose="home_monitoring", version="1")
    standby = Standby(bench.ledger, bench.sql)
    for n in range(6):
        standby.tick(bench.now, connected=True)
        assert set(Routines(bench.sql).all()) == {"e3", "e2", "e1"} - {f"e{k}" for k in range(3 - n)}


def test_days_learned_for_the_first_time_open_nothing_for_a_silence_that_had_ended_though_it_was_begun_anew(
    bench: Bench,
) -> None:
    """The watch of before had looked, and found nothing; the one that was started since does not know that."""
    lived(bench)
    bench.now += timedelta(hours=20)
    bench.tell("sign.motion", device="hall")
    bench.now += timedelta(hours=1)
    plans = started(bench)
    Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases).tick(bench.now)
    assert (plans.routine(ELDER) is not None, bench.incidents()) == (True, [])
    bench.now += timedelta(hours=20)
    bench.tell("sign.motion", device="hall")
    Watch(bench.ledger, WatchRows(bench.sql), started(bench), bench.cases).tick(bench.now)
    (late,) = bench.incidents()
    assert late.resolved_by_late_evidence, "a server that was stopped loses none"


def test_a_silence_that_rings_is_answered_by_a_sign_of_life_though_the_days_were_learned_anew_meanwhile(
    bench: Bench,
) -> None:
    lived(bench)
    plans = started(bench)
    watch = Watch(bench.ledger, WatchRows(bench.sql), plans, bench.cases)
    bench.now += timedelta(minutes=1)
    watch.tick(bench.now)
    bench.now += timedelta(hours=23, minutes=50)
    watch.tick(bench.now)
    (ringing,) = bench.incidents()
    bench.now += timedelta(minutes=20)
    watch.follow(bench.ledger.about(ELDER, ("careplan.set",))[0], bench.now)
    watch.tick(bench.now)
    assert (plans.learned_at(ELDER), ringing.resolved_by_late_evidence) == (bench.now, False), "a day is over"
    bench.now += timedelta(minutes=1)
    bench.tell("sign.motion", device="hall")
    watch.tick(bench.now)
    (answered,) = bench.incidents()
    assert answered.resolved_by_late_evidence
