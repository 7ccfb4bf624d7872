"""An incident is what its facts add up to, whoever was offline when they were made."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import incident_kinds as k
from domain.duties import Actor, allowed
from domain.incident import Event, incident_id
from domain.incident_kinds import Kind, Level, Severity, State
from domain.incident_table import ANY_STATE, TRANSITIONS
from domain.incidents import apply, fold
from domain.joins import join
from domain.people import Role
from tests.fakes.told_incidents import T0, event, opened, told


def test_the_whole_way_through() -> None:
    way = [
        (event(k.VERIFIED, "system"), State.VERIFIED),
        (event(k.DISPATCHED, "system", to=["ann"]), State.DISPATCHED),
        (event(k.ACKNOWLEDGED), State.ACCEPTED),
        (event(k.HANDLING), State.HANDLING),
        (event(k.ON_SCENE, seconds=900), State.HANDLING),
        (event(k.FEEDBACK, seconds=1800), State.FEEDBACK),
        (event(k.CHECKED, "bo"), State.CHECKED),
        (event(k.CLOSED, "bo"), State.CLOSED),
        (event(k.EVALUATED, "chief"), State.EVALUATED),
    ]
    found = told()
    assert (found.state, found.severity) == (State.DETECTED, Severity.P1)
    for step, state in way:
        found = apply(found, step)
        assert found.state is state
    assert found.on_scene_at == T0 + timedelta(seconds=900)
    assert not found.refused


def test_two_acceptances_both_show_and_the_first_at_the_district_leads() -> None:
    late_but_first_received = event(k.ACKNOWLEDGED, "bo", seconds=40)
    found = told(late_but_first_received, event(k.ACKNOWLEDGED, "ann", seconds=5))
    assert found.accepted_by == ("bo", "ann")
    assert found.leader == "bo"


def test_closing_by_the_one_who_worked_on_it_leaves_a_review_due() -> None:
    worked = [event(k.ACKNOWLEDGED), event(k.FEEDBACK)]
    assert told(*worked, event(k.CLOSED, "bo")).state is State.CLOSED
    alone = told(*worked, event(k.CLOSED, "ann"))
    assert alone.state is State.CLOSED_REVIEW_DUE
    assert apply(alone, event(k.CHECKED, "ann")).state is State.CLOSED_REVIEW_DUE
    assert apply(alone, event(k.CHECKED, "bo")).state is State.CLOSED


def test_reopening_starts_a_new_round_that_looks_for_somebody_again() -> None:
    found = told(event(k.ACKNOWLEDGED), event(k.FEEDBACK), event(k.CLOSED, "bo"), event(k.REOPENED, "chief", 7200))
    assert (found.state, found.round, found.accepted_by) == (State.DETECTED, 2, ())
    assert found.opened_at == T0 + timedelta(hours=2)
    assert "ann" in found.workers  # who worked on the first round still may not check the second


def test_a_step_that_the_table_forbids_is_kept_and_changes_nothing() -> None:
    found = told(event(k.CLOSED, "bo"))
    assert found.state is State.DETECTED
    assert [e.kind for e in found.refused] == [k.CLOSED]


def test_an_escalation_asks_for_a_new_acceptance_unless_people_are_on_their_way() -> None:
    accepted = told(event(k.ACKNOWLEDGED), event(k.ESCALATED, "system", level=2))
    assert (accepted.state, accepted.level, accepted.sought) == (State.DISPATCHED, Level.STREET, 2)
    moving = told(event(k.HANDLING), event(k.ESCALATED, "system", level=1))
    assert (moving.state, moving.level, moving.leader) == (State.HANDLING, Level.COMMUNITY, "ann")


@pytest.mark.parametrize(
    ("so_far", "next_one"),
    [
        ((), event(k.VERIFIED, "bo", seconds=50)),
        ((event(k.VERIFIED),), event(k.DISPATCHED, "system", seconds=50, to=["ann"])),
        ((event(k.ACKNOWLEDGED),), event(k.ACKNOWLEDGED, "bo", seconds=50)),
        ((event(k.ACKNOWLEDGED), event(k.HANDLING, seconds=20)), event(k.HANDLING, "bo", seconds=50)),
    ],
    ids=["verified while it rings", "sent for while it rings", "a second acceptance", "a second one on the way"],
)
def test_a_step_that_leaves_it_as_far_as_it_was_puts_no_deadline_off(
    so_far: tuple[Event, ...], next_one: Event
) -> None:
    before = told(*so_far)
    assert apply(before, next_one).changed_at == before.changed_at


def test_an_acceptance_begins_the_time_to_be_on_the_way() -> None:
    assert told(event(k.ACKNOWLEDGED, seconds=30)).changed_at == T0 + timedelta(seconds=30)


def test_the_level_never_falls_back_within_a_round() -> None:
    found = told(event(k.ESCALATED, "system", level=3), event(k.ESCALATED, "system", level=1))
    assert found.level is Level.DISTRICT


@pytest.mark.parametrize("kind", list(Kind))
def test_only_a_silence_is_over_when_something_is_heard_again(kind: Kind) -> None:
    found = told(event(k.EVIDENCE, "system", resolves=True), kind=kind)
    assert found.resolved_by_late_evidence is (kind in k.SILENCES | k.WELL_AGAIN)
    assert found.open


def test_facts_that_overtook_the_opening_are_applied_after_it() -> None:
    found = fold([event(k.ACKNOWLEDGED), opened()])
    assert found is not None
    assert found.state is State.ACCEPTED


def test_an_unconfirmed_local_alarm_meets_the_districts_incident() -> None:
    local = told(confirmed=False)
    assert not local.confirmed
    assert apply(local, opened()).confirmed


def test_the_same_occurrence_has_the_same_id_everywhere_and_fields_do_not_run_together() -> None:
    assert incident_id("e1", "morning", "2026-11-23") == incident_id("e1", "morning", "2026-11-23")
    assert len(incident_id("e1", "morning", "2026-11-23")) == 32
    assert incident_id("e1", "ab", "c") != incident_id("e1", "a", "bc")


def test_a_repeated_press_joins_and_a_later_one_rings_again_once_accepted() -> None:
    ringing = told(kind=Kind.SOS)
    repeat = join([ringing], "e1", Kind.SOS, T0 + timedelta(seconds=9))
    assert repeat is not None
    assert not repeat.rings
    accepted = apply(ringing, event(k.ACKNOWLEDGED))
    later = join([accepted], "e1", Kind.SOS, T0 + timedelta(seconds=11))
    assert later is not None
    assert later.rings
    assert join([accepted], "e2", Kind.SOS, T0) is None
    assert join([accepted], "e1", Kind.FALL, T0) is None


@pytest.mark.parametrize(("seconds", "rings"), [(-11, True), (-10, False), (10, False), (11, True)])
def test_the_same_press_is_within_ten_seconds_before_or_after_however_late_it_is_told(
    seconds: int, rings: bool
) -> None:
    accepted = told(event(k.ACKNOWLEDGED), kind=Kind.SOS)
    found = join([accepted], "e1", Kind.SOS, T0 + timedelta(seconds=seconds))
    assert found is not None
    assert found.rings is rings


def test_another_visitor_at_the_gate_rings_although_the_first_was_answered() -> None:
    answered = told(event(k.ACKNOWLEDGED), kind=Kind.GATE_CALL)
    found = join([answered], "e1", Kind.GATE_CALL, T0 + timedelta(minutes=1))
    assert found is not None
    assert found.rings


def test_a_rejected_alarm_never_swallows_the_next_press() -> None:
    rejected = told(event(k.REJECTED, seconds=4), kind=Kind.SOS)
    assert join([rejected], "e1", Kind.SOS, T0 + timedelta(seconds=6)) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_what_people_have_reported_back_on_never_swallows_what_comes_next(kind: Kind) -> None:
    reported = told(event(k.ACKNOWLEDGED), event(k.FEEDBACK), kind=kind)
    assert reported.open
    later = T0 + timedelta(hours=3)
    assert join([reported], "e1", kind, later) is None
    assert join([apply(reported, event(k.CHECKED, "bo"))], "e1", kind, later) is None
    assert join([reported], "e1", kind, T0 + timedelta(seconds=9)) is not None  # the same press, told twice


@pytest.mark.parametrize("step", [None, k.ACKNOWLEDGED, k.HANDLING])
def test_a_silence_that_has_ended_never_swallows_the_next_one(step: str | None) -> None:
    steps = [event(step)] if step else []
    ended = told(*steps, event(k.EVIDENCE, "system", resolves=True), kind=Kind.MISSED_CHECKIN)
    assert ended.open
    assert join([ended], "e1", Kind.MISSED_CHECKIN, T0 + timedelta(days=1)) is None


def test_who_may_do_what() -> None:
    fresh = told()
    assert k.ACKNOWLEDGED in allowed(fresh, Actor("son", Role.FAMILY))
    assert k.REJECTED not in allowed(fresh, Actor("son", Role.FAMILY))
    assert not allowed(fresh, Actor("guard", Role.GATE_STAFF))
    called = allowed(told(event(k.NOTICE_SENT, "system", person="guard")), Actor("guard", Role.GATE_STAFF))
    assert k.ACKNOWLEDGED in called
    assert not {k.REJECTED, k.VERIFIED} & called
    assert k.ACKNOWLEDGED in allowed(told(kind=Kind.GATE_CALL), Actor("guard", Role.GATE_STAFF))
    fed = told(event(k.ACKNOWLEDGED), event(k.FEEDBACK))
    assert k.CHECKED not in allowed(fed, Actor("ann", Role.CAREGIVER))
    assert {k.CHECKED, k.CLOSED} <= allowed(fed, Actor("bo", Role.CAREGIVER))
    shut = told(event(k.ACKNOWLEDGED), event(k.FEEDBACK), event(k.CLOSED, "bo"), kind=Kind.GATE_CALL)
    assert k.REOPENED in allowed(shut, Actor("ann", Role.CAREGIVER))
    assert k.REOPENED not in allowed(shut, Actor("guard", Role.GATE_STAFF)), "they judge nothing afterwards"


KINDS = sorted({kind for _, kind in TRANSITIONS} | ANY_STATE)
steps = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["ann", "bo", "system"])), max_size=25)


@given(steps)
def test_every_step_is_in_the_table_or_is_refused(script: list[tuple[str, str]]) -> None:
    found = told()
    for n, (kind, by) in enumerate(script):
        before, found = found, apply(found, event(kind, by, n))
        if kind in ANY_STATE or len(found.refused) > len(before.refused):
            assert found.state is before.state
        else:
            wanted = TRANSITIONS[before.state, kind]
            assert found.state is wanted or (found.state is State.CLOSED_REVIEW_DUE and kind == k.CLOSED)
        assert found.round >= before.round
        assert found.level >= before.level or kind == k.REOPENED


@given(steps)
def test_the_way_to_closed_always_passes_somebody_who_gave_feedback(script: list[tuple[str, str]]) -> None:
    found = told(*(event(kind, by, n) for n, (kind, by) in enumerate(script)))
    if found.state is State.CLOSED:
        assert found.feedback_at is not None


def test_every_state_can_be_reached_and_left_as_declared() -> None:
    reached = {State.DETECTED, *TRANSITIONS.values(), State.CLOSED_REVIEW_DUE}
    assert reached == set(State)
    left = {state for state, _ in TRANSITIONS}
    assert left == set(State)


def test_evidence_in_any_order_gives_the_same_incident() -> None:
    pieces = [event(k.EVIDENCE, "system", s) for s in (1, 2, 3)]
    assert len({told(*order).evidence for order in permutations(pieces)}) == 1


def test_what_a_desk_that_was_cut_off_did_before_the_report_begins_nothing_anew() -> None:
    """It is known at the district after the report, and was done before it: nobody is sent for again."""
    reported = told(event(k.ACKNOWLEDGED), event(k.FEEDBACK, seconds=90, outcome="hospital"))
    late = apply(apply(reported, event(k.ACKNOWLEDGED, "bo", 20)), event(k.HANDLING, "bo", 60))
    assert (late.state, late.accepted_by, late.refused) == (State.FEEDBACK, ("ann", "bo"), ())
    assert late.workers == {"ann", "bo"}, "and so neither of them checks it"
    again = apply(late, event(k.FEEDBACK, "bo", 80, outcome="false_alarm"))
    assert (again.outcome, again.feedback_at) == (reported.outcome, reported.feedback_at)
    assert apply(again, event(k.HANDLING, "bo", 120)).state is State.HANDLING, "who goes on with it does"
