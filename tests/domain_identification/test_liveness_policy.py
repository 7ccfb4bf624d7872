"""What a gate asks for before it believes that a face is alive."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.challenge import Answer
from domain.identification import Liveness
from domain.liveness import (
    USUAL_TURNS,
    WARY_TURNS,
    Demand,
    Evidence,
    Infrared,
    Policy,
    PolicyPlan,
    Risk,
    demand,
    turns_asked,
)
from domain.passages import Hours

CALM = Risk(proved_today=True)
risks = st.builds(Risk, *[st.booleans()] * 5)
evidence = st.builds(Evidence, st.booleans(), st.sampled_from(Infrared), st.one_of(st.none(), st.sampled_from(Answer)))


@pytest.mark.parametrize(
    ("policy", "shown", "risk", "what"),
    [
        (Policy.CONVENIENT, Evidence(), Risk(), Demand.GRANT),
        (Policy.CONVENIENT, Evidence(), Risk(drawn=True), Demand.CHALLENGE),
        (Policy.CONVENIENT, Evidence(), Risk(unusual_hour=True), Demand.CHALLENGE),
        (Policy.STANDARD, Evidence(), CALM, Demand.GRANT),
        (Policy.STANDARD, Evidence(), Risk(), Demand.CHALLENGE),
        (Policy.STANDARD, Evidence(), Risk(first_today=True, proved_today=True), Demand.CHALLENGE),
        (Policy.STANDARD, Evidence(infrared=Infrared.FACE), Risk(first_today=True), Demand.GRANT),
        (Policy.STANDARD, Evidence(challenge=Answer.PASSED), Risk(first_today=True), Demand.GRANT),
        (Policy.CONVENIENT, Evidence(infrared=Infrared.MISSING), CALM, Demand.CHALLENGE),
        (Policy.STANDARD, Evidence(infrared=Infrared.MISSING), CALM, Demand.CHALLENGE),
        (Policy.STANDARD, Evidence(infrared=Infrared.MISSING, challenge=Answer.PASSED), CALM, Demand.GRANT),
        (Policy.STRICT, Evidence(infrared=Infrared.MISSING), CALM, Demand.REFUSE),
        (Policy.STRICT, Evidence(infrared=Infrared.MISSING, challenge=Answer.PASSED), CALM, Demand.REFUSE),
        (Policy.STRICT, Evidence(), CALM, Demand.REFUSE),
        (Policy.STRICT, Evidence(infrared=Infrared.FACE), CALM, Demand.CHALLENGE),
        (Policy.STRICT, Evidence(infrared=Infrared.FACE, challenge=Answer.PASSED), CALM, Demand.GRANT),
    ],
)
def test_what_a_policy_asks_for_follows_from_the_evidence_and_the_risk(
    policy: Policy, shown: Evidence, risk: Risk, what: Demand
) -> None:
    assert demand(policy, shown, risk)[0] is what


@pytest.mark.parametrize(
    ("failed", "what"),
    [(0, Demand.GRANT), (1, Demand.CHALLENGE), (2, Demand.CHALLENGE), (3, Demand.REFUSE), (4, Demand.REFUSE)],
)
def test_a_face_that_did_not_pass_lately_is_asked_and_after_three_times_no_more(failed: int, what: Demand) -> None:
    assert demand(Policy.CONVENIENT, Evidence(failed_lately=failed), Risk())[0] is what
    assert demand(Policy.STANDARD, Evidence(failed_lately=failed), CALM)[0] is what


def test_more_turns_are_asked_where_much_is_at_stake_or_one_did_not_pass() -> None:
    assert turns_asked(Policy.STANDARD, Evidence()) == USUAL_TURNS
    assert turns_asked(Policy.STANDARD, Evidence(failed_lately=1)) == WARY_TURNS
    assert turns_asked(Policy.STRICT, Evidence()) == WARY_TURNS


@given(st.sampled_from(Policy), evidence, risks)
def test_refusals_are_final_and_life_is_never_vouched_for_by_passive_cues(
    policy: Policy, shown: Evidence, risk: Risk
) -> None:
    what, liveness = demand(policy, shown, risk)
    failed = shown.challenge in (Answer.FAILED, Answer.INCOMPLETE)
    if shown.passive_refusal or shown.infrared is Infrared.NO_FACE or failed:
        assert what is Demand.REFUSE
    if liveness is Liveness.LIVE:
        assert shown.infrared is Infrared.FACE or shown.challenge is Answer.PASSED
    if policy is Policy.STRICT and what is Demand.GRANT:
        assert shown.infrared is Infrared.FACE
        assert shown.challenge is Answer.PASSED
    assert liveness is not Liveness.NOT_ASSESSED
    accused = shown.passive_refusal or shown.infrared is Infrared.NO_FACE or shown.challenge is Answer.FAILED
    assert (liveness is Liveness.ATTACK) is accused, "a camera that gave nothing accuses nobody"


@given(evidence, risks)
def test_a_stricter_policy_never_grants_what_a_laxer_one_does_not(shown: Evidence, risk: Risk) -> None:
    granted = [demand(p, shown, risk)[0] is Demand.GRANT for p in (Policy.CONVENIENT, Policy.STANDARD, Policy.STRICT)]
    assert granted == sorted(granted, reverse=True)


def test_the_policy_follows_the_hours_also_over_midnight() -> None:
    night = Hours(time(22), time(6), frozenset({4}))  # Friday night
    plan = PolicyPlan(Policy.CONVENIENT, ((night, Policy.STRICT),))
    friday = datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert friday.weekday() == 4
    assert plan.at(friday) is Policy.STRICT
    assert plan.at(friday + timedelta(hours=4)) is Policy.STRICT
    assert plan.at(friday + timedelta(hours=8)) is Policy.CONVENIENT
    assert plan.at(friday + timedelta(days=1)) is Policy.CONVENIENT
    assert plan.at(friday - timedelta(hours=2)) is Policy.CONVENIENT


def test_a_policy_of_whole_days_or_of_the_day_holds_too_and_the_first_that_is_named_wins() -> None:
    """Days without hours are whole days, as everywhere: a gate that was to be strict on Saturdays was so at no time."""
    saturdays, mornings = Hours(days=frozenset({5})), Hours(time(7), time(9))
    plan = PolicyPlan(Policy.STANDARD, ((saturdays, Policy.STRICT), (mornings, Policy.CONVENIENT)))
    friday, saturday = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (27, 28))
    assert plan.at(friday) is Policy.CONVENIENT
    assert plan.at(friday.replace(hour=9)) is plan.at(friday.replace(hour=6)) is Policy.STANDARD
    assert plan.at(saturday) is plan.at(saturday.replace(hour=23)) is plan.at(saturday.replace(hour=0)) is Policy.STRICT
