"""Presses of a call button: which belong to one incident."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_kinds import State
from tests.watch.benches import ELDER, Bench
from watch.cases import Cases
from watch.evaluation import Watch
from watch.ledger import Seen
from watch.rows import WatchRows


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


@pytest.mark.parametrize(
    ("meanwhile", "found"),
    [
        ((k.ACKNOWLEDGED,), [(State.ACCEPTED, 1)]),
        ((k.REJECTED,), [(State.REJECTED, 0), (State.DETECTED, 0)]),
        ((k.ACKNOWLEDGED, k.FEEDBACK), [(State.FEEDBACK, 0), (State.DETECTED, 0)]),
    ],
    ids=["taken", "rejected", "reported"],
)
def test_a_press_is_heard_though_somebody_acts_between_the_look_at_its_incident_and_the_fact(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, meanwhile: tuple[str, ...], found: list[tuple[State, int]]
) -> None:
    bench.tell("sign.sos", device="button-1")
    bench.tick(timedelta(seconds=1))
    first, add, waiting = bench.incidents()[0], bench.ledger.add, list(meanwhile)

    def crossed(kind: str, *more: Any) -> Seen:
        while kind == k.EVIDENCE and waiting:  # the district's desks and telephones write from other threads
            bench.tell(waiting.pop(0), incident=first.id, by="ann")
        return add(kind, *more)

    monkeypatch.setattr(bench.ledger, "add", crossed)
    bench.tell("sign.sos", device="button-1")
    bench.tick(timedelta(minutes=2))
    assert [(i.state, i.rings) for i in bench.incidents()] == found
    (*_, signal) = bench.ledger.about(ELDER, ("sign.sos",))
    bench.watch.follow(signal, bench.now)
    assert [(i.state, i.rings) for i in bench.incidents()] == found, "read twice it changes nothing"


@pytest.mark.parametrize("over", [(k.REJECTED,), (k.ON_SCENE, k.FEEDBACK), (k.ON_SCENE, k.FEEDBACK, k.CLOSED)])
@pytest.mark.parametrize("kind", ["sign.sos", "sign.fall"])
def test_a_press_by_a_clock_that_stands_still_rings_when_the_first_is_over(
    bench: Bench, over: tuple[str, ...], kind: str
) -> None:
    """Or one that tells whole minutes: two presses of one time within the hour."""
    pressed = to_ms(bench.now)
    for n in range(3):
        bench.journal.append(kind, {"device": "button-1"}, subject=ELDER, at=pressed)
        bench.tick(timedelta(seconds=20))
        assert len(bench.incidents()) == n + 1
        last = bench.incidents()[-1]
        assert last.state is State.DETECTED
        for step in over:
            bench.tell(step, incident=last.id, by="com" if step == k.CLOSED else "ann", outcome="helped")
            bench.tick(timedelta(minutes=2))
    bench.watch.rows.advance("")
    bench.tick(timedelta(minutes=1))
    assert len(bench.incidents()) == 3, "read again, nothing rings twice"


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((k.REJECTED,), State.REJECTED),
        ((k.ON_SCENE, k.FEEDBACK), State.FEEDBACK),
        ((k.ON_SCENE, k.FEEDBACK, k.CLOSED), State.CLOSED),
    ],
)
def test_a_press_that_was_dealt_with_while_the_line_was_cut_does_not_ring_anew_when_it_returns(
    bench: Bench, steps: tuple[str, ...], state: State
) -> None:
    bench.tell("sign.sos", device="button-1")
    (press,) = bench.ledger.about(ELDER, ("sign.sos",))
    below = Cases(bench.ledger, bench.plans, confirmed=False)
    Watch(bench.ledger, WatchRows(bench.sql), bench.plans, below).follow(press, bench.now)
    (raised,) = bench.incidents()
    for step in steps:
        bench.now += timedelta(minutes=1)
        bench.tell(step, incident=raised.id, by="com" if step == k.CLOSED else "ann", outcome="helped")
    bench.tick(timedelta(minutes=40))
    assert [(i.id, i.state, i.rings) for i in bench.incidents()] == [(raised.id, state, 0)]
    assert bench.cases.answered(press), "the district has heard it too"
