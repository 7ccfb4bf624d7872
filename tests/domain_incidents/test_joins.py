"""Which incident a signal belongs to: whatever is open, and whenever it comes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import Incident
from domain.incident_kinds import EVIDENCE, FINAL, LIFE_SAFETY, UNANSWERED, WELL_AGAIN, Kind, Severity, State
from domain.incidents import apply
from domain.joins import join
from domain.subjects import of_crowd
from tests.fakes.told_incidents import T0, event, told

KINDS, STATES = st.sampled_from(Kind), st.sampled_from(State)
OPEN = st.sampled_from([state for state in State if state not in FINAL])
SECONDS = st.integers(-3600, 3600)


def stands(kind: Kind, state: State, **more: object) -> Incident:
    return replace(told(kind=kind), state=state, **more)  # type: ignore[arg-type]  # fields of an incident


@given(KINDS, STATES, SECONDS, st.booleans())
def test_a_drill_and_the_real_thing_never_join(kind: Kind, state: State, seconds: int, drill: bool) -> None:
    known = stands(kind, state, exercise=drill)
    assert join([known], "e1", kind, T0 + timedelta(seconds=seconds), not drill) is None


@given(KINDS, KINDS, STATES, SECONDS)
def test_nobodys_alarm_is_taken_in_by_somebody_elses_by_another_kind_or_by_what_is_over(
    kind: Kind, other: Kind, state: State, seconds: int
) -> None:
    at, known = T0 + timedelta(seconds=seconds), stands(kind, state)
    assert join([known], "e2", kind, at) is None
    found = join([known], "e1", other, at)
    assert found is None or (kind is other and state not in FINAL)


@given(KINDS, OPEN, st.integers(-10, 10), st.booleans())
def test_a_repeat_within_ten_seconds_is_the_same_press_and_rings_nobody(
    kind: Kind, state: State, seconds: int, drill: bool
) -> None:
    known = stands(kind, state, exercise=drill)
    found = join([known], "e1", kind, T0 + timedelta(seconds=seconds), drill)
    assert found is not None
    assert (found.incident, found.rings) == (known, False)


@given(KINDS, OPEN, st.one_of(st.integers(-3600, -11), st.integers(11, 3600)), st.booleans())
def test_later_it_rings_anew_where_somebody_had_answered_and_is_never_taken_in_by_what_is_dealt_with(
    kind: Kind, state: State, seconds: int, resolved: bool
) -> None:
    known = stands(kind, state, resolved_by_late_evidence=resolved)
    found = join([known], "e1", kind, T0 + timedelta(seconds=seconds))
    if (resolved and kind not in WELL_AGAIN) or state in (State.FEEDBACK, State.CHECKED):
        assert found is None
        return
    assert found is not None
    if resolved:
        assert found.rings, "it was well again, and is not"
        return
    life = kind in LIFE_SAFETY or kind in (Kind.GATE_CALL, Kind.GATE_NOTICE)
    assert found.rings is (life and state not in UNANSWERED)


@given(OPEN, st.integers(0, 3600))
def test_many_strays_at_once_ring_every_ten_minutes_at_most(state: State, seconds: int) -> None:
    crowd = of_crowd("jinxiu")
    known = replace(stands(Kind.SOS, state), elder=crowd)
    found = join([known], crowd, Kind.SOS, T0 + timedelta(seconds=seconds))
    if seconds <= 600:
        assert found is not None
        assert not found.rings


@given(KINDS, OPEN, SECONDS)
def test_one_that_never_rang_takes_nothing_for_its_repeat(kind: Kind, state: State, seconds: int) -> None:
    found = join([stands(kind, state, rang_at=None)], "e1", kind, T0 + timedelta(seconds=seconds))
    assert (found is None) is (state in (State.FEEDBACK, State.CHECKED))


@given(KINDS)
def test_of_several_the_one_that_is_still_worked_on_takes_it_in(kind: Kind) -> None:
    over, reported = stands(kind, State.CLOSED), stands(kind, State.FEEDBACK, rang_at=None)
    wanted = stands(kind, State.HANDLING, rang_at=None)
    found = join([over, reported, wanted], "e1", kind, T0)
    assert found is not None
    assert found.incident is wanted


HOUR = 3600


@pytest.mark.parametrize("kind", [Kind.WATER_LEAK, Kind.INACTIVITY, Kind.TAMPER])
@pytest.mark.parametrize(
    ("device", "seconds", "rings"), [("bath", 60, True), ("kitchen", 60, False), ("kitchen", HOUR + 1, True)]
)
def test_more_of_what_goes_on_is_told_by_another_device_or_by_the_same_one_an_hour_later(
    kind: Kind, device: str, seconds: int, rings: bool
) -> None:
    at = T0 + timedelta(seconds=seconds)
    for state in (State.ACCEPTED, State.HANDLING, State.DETECTED):
        known = stands(kind, state, told_by=frozenset({"kitchen"}))
        found = join([known], "e1", kind, at, device=device)
        assert found is not None
        assert (found.calls, found.rings) == (rings, rings and state not in UNANSWERED)


def test_a_device_that_has_told_of_it_is_known() -> None:
    more = event(EVIDENCE, "system", 60, device="bath", rings=False)
    assert told(more, kind=Kind.WATER_LEAK, device="kitchen").told_by == {"kitchen", "bath"}


@given(st.integers(11, 7 * HOUR))
def test_a_silence_that_a_rule_found_is_no_more_of_it_when_another_rule_finds_it_too(seconds: int) -> None:
    found = join([stands(Kind.INACTIVITY, State.HANDLING)], "e1", Kind.INACTIVITY, T0 + timedelta(seconds=seconds))
    assert found is not None
    assert not found.rings


@given(st.sampled_from(sorted(WELL_AGAIN | {Kind.GATE_TROUBLE})), OPEN)
def test_what_was_told_to_be_well_again_and_is_not_is_called_for_again(kind: Kind, state: State) -> None:
    over = {"over": True} if kind is Kind.GATE_TROUBLE else {"resolves": True}
    known = replace(told(event(EVIDENCE, "system", 60, **over), kind=kind), state=state)
    found = join([known], "e1", kind, T0 + timedelta(seconds=3600))
    if state in (State.FEEDBACK, State.CHECKED):
        assert found is None
        return
    assert found is not None
    assert found.rings
    again = apply(known, event(EVIDENCE, "system", 3600, rings=True))
    once_more = join([again], "e1", kind, T0 + timedelta(seconds=3700))
    assert once_more is not None
    assert not once_more.rings, "nobody was told since that it is well"


@given(st.sampled_from(sorted(LIFE_SAFETY)), OPEN)
def test_a_call_for_help_is_not_taken_in_by_one_that_people_have_lowered(kind: Kind, state: State) -> None:
    known = stands(kind, state, severity=Severity.P3)
    assert join([known], "e1", kind, T0 + timedelta(seconds=60)) is None
