"""Whoever stays when it is over, waits beside somebody else, or stands beside the marked zone."""

from dataclasses import replace

import pytest

from domain.identification import Outcome, Reason
from kiosk.visit.events import (
    GateAnswered,
    Tick,
)
from kiosk.visit.view import Screen
from tests.kiosk_visit.newcomers import GOOD
from tests.kiosk_visit.visits import Bench, decided, ended, seen, spoken


@pytest.mark.parametrize("outcome", [Outcome.IDENTIFIED, Outcome.UNKNOWN])
def test_whoever_was_decided_and_stays_is_told_to_step_back_for_another_look_and_not_for_ever(outcome: Outcome) -> None:
    bench = Bench()
    person, reason = ("p-li", Reason.MATCH) if outcome is Outcome.IDENTIFIED else (None, Reason.NO_MATCH)
    bench.send(seen(), decided(person, outcome, reason), GateAnswered("v1", True))
    bench.wait(14)
    assert bench.screen() is Screen.STANDBY
    assert spoken(bench.wait(2)) == []
    assert (bench.view.screen, bench.view.headline.key) == (Screen.COACHING, "kiosk.coach.again")
    bench.wait(30)
    assert bench.screen() is Screen.STANDBY
    bench.send(ended(), seen("v2"))
    assert bench.screen() is Screen.APPROACHING


def test_a_second_one_beside_whoever_was_decided_is_told_to_wait_for_a_turn_and_not_nagged() -> None:
    bench, two = Bench(), seen(coaching=Reason.SEVERAL_FACES)
    bench.send(seen(), decided("p-li"))
    for _ in range(75):  # through the gate side by side: nothing to be told
        assert spoken(bench.send(two, Tick(), after=0.1)) == []
    assert bench.screen() is Screen.STANDBY
    said = [prompt for _ in range(400) for prompt in spoken(bench.send(two, Tick(), after=0.1))]
    assert (bench.view.screen, bench.view.headline.key) == (Screen.COACHING, "kiosk.coach.several_faces")
    assert said == ["coach_several_faces"]
    bench.send(seen(), Tick(), after=0.1)  # the second has gone, and whoever was decided lingers
    assert bench.screen() is Screen.STANDBY
    bench.send(two, Tick(), after=0.1)  # somebody only goes by
    assert bench.screen() is Screen.STANDBY


def test_whoever_stays_beside_the_marked_zone_is_told_to_step_in_and_not_nagged() -> None:
    bench = Bench()
    beside = seen(None, coaching=Reason.OUT_OF_ZONE)
    said = [prompt for _ in range(300) for prompt in spoken(bench.send(beside, after=0.1))]
    assert bench.screen() is Screen.COACHING
    assert bench.view.headline.key == "kiosk.coach.out_of_zone"
    assert said == ["coach_out_of_zone"]
    bench.send(seen("v1"), after=0.1)
    assert bench.screen() is Screen.APPROACHING
    bench.send(seen(None), after=0.1)
    assert bench.screen() is Screen.STANDBY


def test_whoever_was_let_in_and_walks_off_at_the_side_is_not_told_to_step_in() -> None:
    bench = Bench()
    bench.send(seen("v1"), decided("p-li"))
    beside = seen(None, coaching=Reason.OUT_OF_ZONE)
    for _ in range(60):
        bench.send(ended("v1"), beside, Tick(), after=0.1)
    assert bench.screen() is Screen.STANDBY
    bench.send(seen(None), after=0.1)  # they are gone; the next one is somebody else
    for _ in range(25):
        bench.send(beside, after=0.1)
    assert bench.screen() is Screen.COACHING


@pytest.mark.parametrize(("outcome", "screen"), [(Outcome.UNKNOWN, Screen.UNKNOWN), (Outcome.UNSURE, Screen.UNSURE)])
def test_who_was_not_recognised_behind_a_mask_is_asked_to_take_it_off_and_keeps_the_other_ways(
    outcome: Outcome, screen: Screen
) -> None:
    for occlusion, key, said in ((0.3, "covered", "coach_occluded"), (0.8, "second", screen.value)):
        bench = Bench()
        bench.send(seen())
        quality = replace(GOOD, occlusion=occlusion)
        wanted = bench.send(decided(None, outcome, Reason.NO_MATCH, quality=quality), after=0.6)
        assert bench.view.screen is screen
        assert bench.view.second is not None
        assert bench.view.second.key == f"kiosk.{screen}.{key}"
        assert spoken(wanted) == [said]
        assert bench.view.broken_ways == frozenset()
