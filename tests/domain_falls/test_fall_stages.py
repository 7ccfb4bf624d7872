"""A suspicion ends confirmed or downgraded, never nowhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.falls import (
    CONFIRM_WITHIN,
    STILL_FOR,
    Afterwards,
    Cause,
    Kind,
    Origin,
    Stage,
    Suspicion,
    joined,
    stage,
)
from domain.signals import Sign

IMPACT = datetime(2027, 3, 3, 4, tzinfo=UTC)
S = timedelta(seconds=1)
HIT = Suspicion("e", "band", Origin.DETECTOR, IMPACT, IMPACT + 6 * S, 0.8)


def after(kind: Kind, seconds: float, **more: Any) -> Afterwards:
    return Afterwards(kind, IMPACT + seconds * S, **more)


def test_no_cancel_confirms_at_ninety_seconds_and_the_event_time_stays_the_impact() -> None:
    waiting = stage([HIT], [], IMPACT + 89 * S)
    assert (waiting.stage, waiting.due) == (Stage.SUSPECTED, IMPACT + 90 * S)
    fall = stage([HIT], [], IMPACT + 90 * S)
    assert (fall.stage, fall.cause, fall.impact) == (Stage.CONFIRMED, Cause.NO_CANCEL, IMPACT)
    assert fall.ladder_from == IMPACT + 90 * S


def test_stillness_confirms_early() -> None:
    still = after(Kind.STILL, 36, since=IMPACT + 4 * S)
    assert stage([HIT], [still], IMPACT + 40 * S).since == IMPACT + 36 * S


@pytest.mark.parametrize(("still_for", "confirms"), [(STILL_FOR, True), (STILL_FOR - S, False)])
def test_stillness_confirms_once_it_has_lasted_and_no_sooner(still_for: timedelta, confirms: bool) -> None:
    began = IMPACT + 4 * S
    still = Afterwards(Kind.STILL, began + still_for, since=began)
    assert (stage([HIT], [still], still.at).stage is Stage.CONFIRMED) is confirms


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (after(Kind.CANCEL, 5), Cause.CANCELLED),
        (after(Kind.MOVEMENT, 20), Cause.MOVED),
        (after(Kind.SIGN, 40, sign=Sign.DOOR), Cause.MOVED),
        (after(Kind.SIGN, 40, sign=Sign.GATE), Cause.MOVED),
    ],
)
def test_a_cancel_or_being_on_ones_feet_downgrades(seen: Afterwards, cause: Cause) -> None:
    fall = stage([HIT], [seen], IMPACT + 100 * S)
    assert (fall.stage, fall.cause, fall.ladder_from) == (Stage.DOWNGRADED, cause, None)


@pytest.mark.parametrize(
    "seen",
    [
        after(Kind.SIGN, 40, sign=Sign.BED),
        after(Kind.SIGN, 40, sign=Sign.GATE_CREDENTIAL),
        after(Kind.SIGN, 40, sign=Sign.DOOR, trusted=False),
        after(Kind.MOVEMENT, 3),
        after(Kind.CANCEL, -1),  # of something before
        after(Kind.CANCEL, 5, trusted=False),
    ],
)
def test_what_somebody_on_the_floor_could_also_cause_does_not(seen: Afterwards) -> None:
    assert stage([HIT], [seen], IMPACT + 100 * S).stage is Stage.CONFIRMED


def test_stillness_before_the_impact_confirms_nothing() -> None:
    still = after(Kind.STILL, 10, since=IMPACT - 600 * S)  # sat in a chair, and fell
    assert stage([HIT], [still], still.at).stage is Stage.SUSPECTED


def test_a_report_that_is_not_here_yet_confirms_nothing() -> None:
    device = Suspicion("e", "watch", Origin.DEVICE, IMPACT, IMPACT + 20 * S)
    assert stage([device], [], IMPACT + 19 * S).stage is Stage.SUSPECTED


def test_movement_after_confirmation_is_a_note_and_no_downgrade() -> None:
    fall = stage([HIT], [after(Kind.MOVEMENT, 120)], IMPACT + 200 * S)
    assert fall.stage is Stage.CONFIRMED
    assert len(fall.notes) == 1


def test_a_devices_own_event_is_confirmed_at_receipt_and_a_radars_warning_is_not() -> None:
    device = Suspicion("e", "watch", Origin.DEVICE, IMPACT, IMPACT + 20 * S)
    assert stage([device], [], IMPACT + 21 * S).ladder_from == IMPACT + 20 * S
    warning = Suspicion("e", "radar", Origin.RADAR_WARNING, IMPACT, IMPACT)
    assert stage([warning], [], IMPACT + 21 * S).stage is Stage.SUSPECTED


def test_reports_of_one_fall_are_joined() -> None:
    echo = Suspicion("e", "radar", Origin.RADAR_ALARM, IMPACT + 30 * S, IMPACT + 31 * S)
    other = Suspicion("e", "band", Origin.DETECTOR, IMPACT + 300 * S, IMPACT + 306 * S)
    assert joined([other, echo, HIT]) == [[HIT, echo], [other]]
    assert stage([HIT, echo], [], IMPACT + 40 * S).id == stage([HIT], [], IMPACT + 10 * S).id


def test_a_fall_without_a_report_is_refused() -> None:
    with pytest.raises(ValueError, match="report"):
        stage([], [], IMPACT)


seen = st.lists(
    st.builds(
        Afterwards,
        st.sampled_from(Kind),
        st.integers(0, 300).map(lambda s: IMPACT + s * S),
        since=st.none() | st.integers(0, 300).map(lambda s: IMPACT + s * S),
        sign=st.none() | st.sampled_from(Sign),
        trusted=st.booleans(),
    ),
    max_size=6,
)


@given(seen, st.integers(0, 400), st.integers(0, 400))
def test_once_settled_it_stays_and_ninety_seconds_always_settle(facts: list[Afterwards], one: int, other: int) -> None:
    first, last = sorted((one, other))
    earlier = stage([HIT], facts, IMPACT + first * S)
    later = stage([HIT], facts, IMPACT + last * S)
    if earlier.stage is not Stage.SUSPECTED:
        assert (later.stage, later.since) == (earlier.stage, earlier.since)
    if last * S >= CONFIRM_WITHIN:
        assert later.stage is not Stage.SUSPECTED
