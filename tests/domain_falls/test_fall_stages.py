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


def after(kind: Kind, seconds: float, source: str = "band", **more: Any) -> Afterwards:
    return Afterwards(kind, IMPACT + seconds * S, source=source, **more)


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
        (after(Kind.SIGN, 40, "hall", sign=Sign.DOOR), Cause.MOVED),
        (after(Kind.SIGN, 40, "south", sign=Sign.GATE), Cause.MOVED),
        (after(Kind.MOVEMENT, 40, "radar"), Cause.MOVED),
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
        after(Kind.CANCEL, 5, "radar"),  # of its own room
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


def test_who_tries_to_get_up_and_lies_still_again_has_fallen() -> None:
    hall, still = after(Kind.SIGN, 15, "hall", sign=Sign.MOTION), after(Kind.STILL, 60, since=IMPACT + 20 * S)
    assert stage([HIT], [hall], IMPACT + 59 * S).stage is Stage.SUSPECTED, "not over before the 90 s are"
    fall = stage([HIT], [hall, still], IMPACT + 60 * S)
    assert (fall.stage, fall.cause) == (Stage.CONFIRMED, Cause.STILLNESS)
    assert fall.notes == (hall,)


@pytest.mark.parametrize(
    "seen",
    [
        [after(Kind.MOVEMENT, 15), after(Kind.STILL, 60, since=IMPACT + 20 * S)],  # walked to a chair and sat down
        [after(Kind.STILL, 34, since=IMPACT + 4 * S), after(Kind.SIGN, 20, "hall", sign=Sign.MOTION)],  # took it off
    ],
)
def test_a_wearable_that_walked_or_lies_still_while_somebody_walks_is_no_fall(seen: list[Afterwards]) -> None:
    assert stage([HIT], seen, IMPACT + 100 * S).stage is Stage.DOWNGRADED


def test_a_radars_all_clear_takes_back_its_own_warning_and_no_fall_that_a_wearable_felt() -> None:
    warning = Suspicion("e", "radar", Origin.RADAR_WARNING, IMPACT - 29 * S, IMPACT - 29 * S)
    clear = after(Kind.CANCEL, 20, "radar")
    assert stage([warning], [clear], IMPACT + 20 * S).cause is Cause.CANCELLED
    assert joined([HIT, warning], [clear]) == [[warning, HIT]]
    assert stage([warning, HIT], [clear], IMPACT + 100 * S).stage is Stage.CONFIRMED


def test_what_the_wearer_presses_takes_back_a_radars_warning_too() -> None:
    warning = Suspicion("e", "radar", Origin.RADAR_WARNING, IMPACT, IMPACT)
    fall = stage([warning, HIT], [after(Kind.CANCEL, 20)], IMPACT + 20 * S)
    assert (fall.stage, fall.cause) == (Stage.DOWNGRADED, Cause.CANCELLED)


@pytest.mark.parametrize(
    "between",
    [after(Kind.MOVEMENT, 25), after(Kind.SIGN, 25, "hall", sign=Sign.DOOR), after(Kind.CANCEL, 25)],
)
def test_who_was_up_and_falls_again_within_the_minute_has_fallen_anew(between: Afterwards) -> None:
    again = Suspicion("e", "band", Origin.DETECTOR, IMPACT + 60 * S, IMPACT + 66 * S)
    assert joined([HIT, again], [between]) == [[HIT], [again]]
    assert stage([HIT], [between], IMPACT + 90 * S).stage is Stage.DOWNGRADED
    assert stage([again], [], IMPACT + 150 * S).stage is Stage.CONFIRMED


def test_the_noise_of_a_second_impact_is_no_getting_up_either() -> None:
    again = Suspicion("e", "band", Origin.DETECTOR, IMPACT + 40 * S, IMPACT + 46 * S)
    echo = after(Kind.SIGN, 43, "hall", sign=Sign.DOOR)
    assert stage([HIT, again], [echo], IMPACT + 90 * S).stage is Stage.CONFIRMED


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
        source=st.sampled_from(("band", "radar")),
    ),
    max_size=6,
)


RADAR = Suspicion("e", "radar", Origin.RADAR_WARNING, IMPACT + 2 * S, IMPACT + 2 * S)
OWN = Suspicion("e", "watch", Origin.DEVICE, IMPACT + 1 * S, IMPACT + 40 * S)
AGAIN = Suspicion("e", "band", Origin.DETECTOR, IMPACT + 50 * S, IMPACT + 56 * S)


@given(st.sets(st.sampled_from((RADAR, OWN, AGAIN))), seen, st.integers(0, 400), st.integers(0, 400))
def test_once_settled_it_stays_and_ninety_seconds_always_settle(
    others: set[Suspicion], facts: list[Afterwards], one: int, other: int
) -> None:
    first, last = sorted((one, other))
    reports = joined([HIT, *others], facts)[0]
    earlier = stage(reports, facts, IMPACT + first * S)
    later = stage(reports, facts, IMPACT + last * S)
    if earlier.stage is not Stage.SUSPECTED:
        assert (later.stage, later.since) == (earlier.stage, earlier.since)
    if last * S >= CONFIRM_WITHIN:
        assert later.stage is not Stage.SUSPECTED
