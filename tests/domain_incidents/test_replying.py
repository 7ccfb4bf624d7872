"""What somebody away from a desk is asked: each press brings the incident on, to the report, and asks for nothing refused."""

import pytest

from domain import incident_kinds as k
from domain.duties import Actor, allowed
from domain.incident import Incident
from domain.incident_kinds import TECHNICAL, Kind, State
from domain.incidents import apply
from domain.people import Role
from domain.replying import KINDS, Step, asked
from tests.fakes.told_incidents import event, told


def pressed(incident: Incident, step: Step, seconds: float) -> Incident:
    found = apply(incident, event(KINDS[step], "ann", seconds, outcome="helped"))
    assert found.refused == ()
    return found


@pytest.mark.parametrize("kind", list(Kind))
def test_pressing_what_comes_next_leads_to_the_report_and_no_further(kind: Kind) -> None:
    incident, steps = told(kind=kind), []
    while now := asked(incident, "ann"):
        assert all(KINDS[step] in allowed(incident, Actor("ann", Role.FAMILY)) for step in now)
        steps.append(now[0])
        incident = pressed(incident, now[0], 60.0 * len(steps))
    there = [] if kind in TECHNICAL else [Step.THERE]
    assert steps == [Step.TAKE, Step.COMING, *there, Step.REPORT]
    assert incident.state is State.FEEDBACK


def test_whoever_did_not_take_it_may_still_join() -> None:
    taken = told(event(k.ACKNOWLEDGED, "bo"), event(k.ON_SCENE, "bo", 60))
    assert asked(taken, "ann") == (Step.TAKE,)
    assert asked(taken, "bo") == (Step.REPORT,)


def test_one_may_be_there_at_once_and_report_without_having_been_there() -> None:
    taken = told(event(k.ACKNOWLEDGED, "ann"))
    assert asked(taken, "ann") == (Step.COMING, Step.THERE)
    assert asked(pressed(taken, Step.THERE, 60), "ann") == (Step.REPORT,)
    assert asked(pressed(taken, Step.COMING, 60), "ann") == (Step.THERE, Step.REPORT)


def test_an_acceptance_that_went_stale_is_asked_for_anew() -> None:
    assert asked(told(event(k.ACKNOWLEDGED, "ann"), event(k.ESCALATED, "system", 300)), "ann") == (Step.TAKE,)


@pytest.mark.parametrize("end", [k.FEEDBACK, k.REJECTED])
def test_nothing_is_asked_once_it_is_reported_or_over(end: str) -> None:
    assert asked(told(event(k.ACKNOWLEDGED, "bo"), event(end, "bo", 60)), "ann") == ()


def test_whoever_is_called_again_says_that_they_know_before_anything_else() -> None:
    there = [event(k.ACKNOWLEDGED, "ann"), event(k.ON_SCENE, "ann", 60)]
    again = told(*there, event(k.EVIDENCE, "system", 120, rings=True), kind=Kind.SOS)
    assert again.rings > again.rings_heard
    assert asked(again, "ann") == (Step.TAKE,)
    heard = apply(again, event(k.ACKNOWLEDGED, "ann", 130))
    assert heard.rings == heard.rings_heard
    assert asked(heard, "ann") == (Step.REPORT,)


@pytest.mark.parametrize("kind", [Kind.SOS, Kind.KIOSK_SILENT])
def test_called_again_before_they_set_out_coming_answers_both_and_reporting_neither(kind: Kind) -> None:
    again = told(event(k.ACKNOWLEDGED, "ann"), event(k.EVIDENCE, "system", 120, rings=True), kind=kind)
    assert again.rings > again.rings_heard
    assert asked(again, "ann") == (Step.COMING, Step.THERE)
    came = apply(again, event(k.HANDLING, "ann", 130))
    assert came.rings == came.rings_heard
