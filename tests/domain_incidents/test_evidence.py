"""What is heard beside the steps: it moves no state, and rings, tells or resolves only where it says so."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import incident_kinds as k
from domain.incident import Incident
from domain.incident_kinds import FINAL, SILENCES, WELL_AGAIN, Kind, State
from domain.incidents import apply
from tests.fakes.told_incidents import T0, event, told

KINDS, STATES, FLAGS = st.sampled_from(Kind), st.sampled_from(State), st.sampled_from([True, False, None])
LATER = T0 + timedelta(seconds=10)


def stands(kind: Kind, state: State) -> Incident:
    return replace(told(kind=kind), state=state)


@given(KINDS, STATES, st.sampled_from([None, 0, 1, 7]))
def test_plain_evidence_is_counted_and_changes_nothing_else(kind: Kind, state: State, calls: int | None) -> None:
    before = stands(kind, state)
    after = apply(before, event(k.EVIDENCE, "system", calls=calls))
    assert after == replace(before, evidence=calls or 1)


@given(KINDS, STATES, FLAGS)
def test_it_rings_where_it_says_so_and_the_incident_is_open(kind: Kind, state: State, rings: bool | None) -> None:
    before = stands(kind, state)
    after = apply(before, event(k.EVIDENCE, "system", rings=rings))
    anew = bool(rings) and state not in FINAL
    assert after.rings == before.rings + anew
    assert (after.rang_at, after.unheard_since) == ((LATER, LATER) if anew else (T0, None))
    assert after.changed_at == T0, "what the ladder waits for goes on"
    assert after.state is state


@given(KINDS, STATES, FLAGS)
def test_those_who_are_responsible_hear_of_it_where_it_says_so_and_the_incident_is_open(
    kind: Kind, state: State, tells: bool | None
) -> None:
    step = event(k.EVIDENCE, "system", tells=tells)
    after = apply(stands(kind, state), step)
    assert after.news == ((step.id,) if tells and state not in FINAL else ())
    assert (after.rings, after.changed_at) == (0, T0), "and nobody is rung"


@given(KINDS, STATES, FLAGS)
def test_what_is_heard_again_ends_a_silence_and_never_a_fall_or_a_call_for_help(
    kind: Kind, state: State, resolves: bool | None
) -> None:
    before = stands(kind, state)
    after = apply(before, event(k.EVIDENCE, "system", resolves=resolves))
    ends = bool(resolves) and kind in SILENCES | WELL_AGAIN
    assert after.resolved_by_late_evidence is ends
    assert after.changed_at == (LATER if ends else T0)
    again = apply(after, event(k.EVIDENCE, "system", 20))
    assert again.resolved_by_late_evidence is ends, "what came later takes nothing back"
    if state not in FINAL:
        assert not apply(after, event(k.EVIDENCE, "system", 20, rings=True)).resolved_by_late_evidence, (
            "but a new silence"
        )


def test_whoever_was_told_is_responsible_once_and_the_elder_who_was_asked_is_not() -> None:
    sent = [event(k.NOTICE_SENT, "system", n, person=person) for n, person in enumerate(("e1", None, "bo", "cy", "bo"))]
    assert told(*sent).responsible == ("bo", "cy")
    assert told(*sent).news == ()


def test_what_those_who_answered_were_sent_for_stays_known_when_an_answer_is_taken_back() -> None:
    here = event(k.ON_SCENE, seconds=30)
    sent, back = event(k.DISPATCHED, "chief", 5, to=["bo"]), event(k.STEP_WITHDRAWN, seconds=40, step=here.id)
    refused = event(k.CLOSED, "bo", 35)
    found = told(sent, here, refused, back)
    assert (found.sent, found.refused, found.changed_at) == (
        ((sent.id, ("bo",)),), (refused,), T0 + timedelta(seconds=40),
    )  # fmt: skip
