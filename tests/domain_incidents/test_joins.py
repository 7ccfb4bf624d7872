"""Which incident a signal belongs to: whatever is open, and whenever it comes."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.incident import Incident
from domain.incident_kinds import FINAL, LIFE_SAFETY, UNANSWERED, WELL_AGAIN, Kind, State
from domain.joins import join
from domain.subjects import of_crowd
from tests.fakes.told_incidents import T0, told

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
