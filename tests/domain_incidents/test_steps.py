"""What each step leaves behind beside the state: who answered first, who works on it, what was reported, who was sent."""

from datetime import timedelta

import pytest

from domain import incident_kinds as k
from domain.incident_kinds import Kind, Level, State
from tests.fakes.told_incidents import T0, event, told

S = timedelta(seconds=1)


def test_the_first_answer_and_the_first_arrival_stay_the_first() -> None:
    found = told(
        event(k.ACKNOWLEDGED, "ann", 30), event(k.HANDLING, "bo", 50), event(k.ON_SCENE, "bo", 600), event(k.ON_SCENE, "ann", 900)
    )  # fmt: skip
    assert (found.accepted_by, found.accepted_at, found.answered_after) == (("ann", "bo"), T0 + 30 * S, 30 * S)
    assert (found.on_scene_at, found.arrived_after, found.workers) == (T0 + 600 * S, 600 * S, frozenset({"ann", "bo"}))
    assert [by for by, _ in found.answers] == ["ann", "bo", "bo", "ann"]
    assert told(event(k.ACKNOWLEDGED, "ann", 30)).arrived_after is None


def test_whoever_answers_has_heard_every_press_so_far() -> None:
    again = event(k.EVIDENCE, "system", 40, rings=True)
    found = told(event(k.ACKNOWLEDGED, "ann", 30), again, kind=Kind.SOS)
    assert (found.rings, found.rings_heard) == (1, 0)
    assert told(event(k.ACKNOWLEDGED, "ann", 30), again, event(k.HANDLING, "bo", 50), kind=Kind.SOS).rings_heard == 1


def test_whoever_reports_worked_on_it_and_the_last_word_on_what_came_of_it_counts() -> None:
    seen = (event(k.ACKNOWLEDGED, "ann", 30), event(k.FEEDBACK, "bo", 60, outcome="helped"))
    found = told(*seen, event(k.FEEDBACK, "cy", 90))
    assert (found.feedback_at, found.outcome, found.workers) == (T0 + 90 * S, "helped", frozenset({"ann", "bo", "cy"}))
    assert told(*seen, event(k.FEEDBACK, "cy", 90, outcome="hospital")).outcome == "hospital"


@pytest.mark.parametrize(("to", "named"), [("ann", ("ann",)), (["ann", "bo"], ("ann", "bo"))])
def test_who_is_sent_is_kept_with_the_step_that_sent_them(to: str | list[str], named: tuple[str, ...]) -> None:
    first, more = event(k.DISPATCHED, "chief", 10, to=to), event(k.DISPATCHED, "chief", 20, to="cy")
    assert told(first, event(k.DISPATCHED, "chief", 15), more).sent == ((first.id, named), (more.id, ("cy",)))


def test_what_is_handed_on_looks_for_somebody_anew() -> None:
    handed = event(k.TRANSFERRED, "ann", 60, to=["cy"])
    found = told(event(k.ACKNOWLEDGED, "ann", 30), handed)
    assert (found.sought, found.accepted_by, found.accepted_at, found.answers) == (2, (), None, ())
    assert found.sent == ((handed.id, ("cy",)),)
    assert (found.answered_after, found.workers) == (30 * S, frozenset({"ann"})), "what was, was"


def test_the_next_level_is_called_once_a_person_asks_for_it_or_an_answer_went_stale() -> None:
    assert told(event(k.ESCALATED, "system", 60)).sought == 1
    assert told(event(k.ESCALATED, "ann", 60)).sought == 2
    assert told(event(k.ACKNOWLEDGED, "ann", 30), event(k.ESCALATED, "system", 330)).sought == 2
    assert told(event(k.ESCALATED, "ann", 60)).level is Level.COMMUNITY
    assert told(*[event(k.ESCALATED, "ann", n) for n in range(5)]).level is Level.DISTRICT


@pytest.mark.parametrize("reason", ["stale", "not_on_scene", ""])
def test_a_call_of_the_next_level_that_crossed_an_answer_takes_it_from_nobody(reason: str) -> None:
    taken = event(k.ACKNOWLEDGED, "ann", 60)
    crossed = told(taken, event(k.ESCALATED, "system", 61, level=1, reason="unanswered"))
    assert (crossed.state, crossed.level, crossed.leader) == (State.ACCEPTED, Level.COMMUNITY, "ann")
    assert (crossed.sought, crossed.changed_at, crossed.refused) == (1, T0 + 60 * S, ())
    void = told(taken, event(k.ESCALATED, "system", 361, level=1, reason=reason))
    assert (void.state, void.leader) == (State.DISPATCHED, None)


def test_a_rejection_and_a_merge_end_it_with_their_reason() -> None:
    assert told(event(k.REJECTED, "ann", 40)).outcome == "false_alarm"
    rejected = told(event(k.REJECTED, "ann", 40, outcome="drill"))
    assert (rejected.outcome, rejected.closed_at) == ("drill", T0 + 40 * S)
    merged = told(event(k.MERGED, "chief", 50, into="i2"))
    assert (merged.merged_into, merged.closed_at) == ("i2", T0 + 50 * S)


def test_a_new_round_remembers_who_worked_on_it_and_nothing_of_how_far_they_were() -> None:
    found = told(
        event(k.ACKNOWLEDGED, "ann", 30), event(k.EVIDENCE, "system", 40, rings=True), event(k.ON_SCENE, "ann", 60),
        event(k.ESCALATED, "system", 70, level=2), event(k.FEEDBACK, "ann", 80, outcome="helped"), event(k.CLOSED, "bo", 90),
        event(k.REOPENED, "chief", 7200), kind=Kind.SOS,
    )  # fmt: skip
    at = T0 + 7200 * S
    assert (found.round, found.starts, found.sought, found.level) == (2, 2, 1, Level.HOME)
    assert (found.opened_at, found.started_at, found.workers) == (at, at, frozenset({"ann"}))
    assert (found.accepted_by, found.accepted_at, found.answers) == ((), None, ())
    assert (found.on_scene_at, found.feedback_at, found.closed_at, found.outcome) == (None, None, None, "")
    assert (found.answered_after, found.arrived_after, found.rings, found.rings_heard) == (None, None, 0, 0)
