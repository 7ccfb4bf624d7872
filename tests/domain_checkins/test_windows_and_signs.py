"""Which days and hours a plan means, and what a sign of life may do: as tables."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.calendars import Calendar
from domain.careplan import CarePlan, Days, QuietHours, Window
from domain.consent import Purpose
from domain.passages import Direction
from domain.signals import Sign, SignOfLife
from domain.windows import after_quiet, expected_on, window_spans

FRIDAY, SATURDAY, SUNDAY = date(2027, 3, 5), date(2027, 3, 6), date(2027, 3, 7)
KEPT, FESTIVE = date(2027, 3, 8), date(2027, 3, 9)  # Monday, a public holiday; Tuesday, a lunar festival
CALENDAR = Calendar(frozenset({KEPT}), frozenset({FESTIVE}))
PLAN = CarePlan("e1", quiet=QuietHours(time(22), time(6)))
NOON = datetime(2027, 3, 5, 4, tzinfo=UTC)


def shanghai(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), PLAN.tz)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (Days.DAILY, [FRIDAY, SATURDAY, SUNDAY, KEPT, FESTIVE]),
        (Days.WEEKDAYS, [FRIDAY, FESTIVE]),
        (Days.RESTDAYS, [SATURDAY, SUNDAY, KEPT]),
        (Days.HOLIDAYS, [KEPT]),
        (Days.FESTIVALS, [FESTIVE]),
    ],
)
def test_on_which_days_somebody_is_expected(days: Days, expected: list[date]) -> None:
    asked = [FRIDAY, SATURDAY, SUNDAY, KEPT, FESTIVE]
    assert [day for day in asked if expected_on(days, day, CALENDAR)] == expected
    spans = window_spans(PLAN, Window("w", time(9), time(11), days), FRIDAY, FESTIVE, CALENDAR)
    assert [day for day, _, _ in spans] == expected


@pytest.mark.parametrize(("start", "end", "hours"), [(9, 11, 2), (22, 1, 3), (8, 8, 24)])
def test_a_window_that_ends_no_later_than_it_begins_runs_past_midnight(start: int, end: int, hours: int) -> None:
    ((_, begins, ends),) = window_spans(PLAN, Window("w", time(start), time(end)), FRIDAY, FRIDAY, CALENDAR)
    assert begins == shanghai(FRIDAY, f"{start:02}:00")
    assert ends - begins == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "rings"),
    [("21:59", "21:59"), ("22:00", "next 06:00"), ("23:30", "next 06:00"), ("05:59", "06:00"), ("06:00", "06:00")],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(now: str, rings: str) -> None:
    day = SATURDAY if rings.startswith("next") else FRIDAY
    assert after_quiet(PLAN, shanghai(FRIDAY, now)) == shanghai(day, rings.removeprefix("next "))


def test_a_rest_at_noon_is_quiet_too_and_hours_of_no_length_are_none() -> None:
    rest = replace(PLAN, quiet=QuietHours(time(12), time(14)))
    assert after_quiet(rest, shanghai(FRIDAY, "13:00")) == shanghai(FRIDAY, "14:00")
    assert after_quiet(rest, shanghai(FRIDAY, "11:00")) == shanghai(FRIDAY, "11:00")
    for none in (None, QuietHours(time(9), time(9))):
        assert after_quiet(replace(PLAN, quiet=none), shanghai(FRIDAY, "09:30")) == shanghai(FRIDAY, "09:30")


@pytest.mark.parametrize("kind", Sign)
def test_what_somebody_else_may_carry_and_what_a_doubtful_clock_says_clear_nothing(kind: Sign) -> None:
    assert SignOfLife(kind, NOON).clears is (kind is not Sign.GATE_CREDENTIAL)
    assert not SignOfLife(kind, NOON, trusted=False).clears


@pytest.mark.parametrize("kind", Sign)
@pytest.mark.parametrize("direction", Direction)
def test_only_a_face_that_is_known_to_go_out_leaves(kind: Sign, direction: Direction) -> None:
    assert SignOfLife(kind, NOON, direction=direction).leaves is (kind is Sign.GATE and direction is Direction.OUT)
    assert not SignOfLife(kind, NOON, direction=direction, trusted=False).leaves


def test_without_consent_the_home_is_not_used_and_everything_else_is() -> None:
    agreed = replace(PLAN, consents=frozenset({Purpose.HOME_MONITORING}))
    gate, door = SignOfLife(Sign.GATE, NOON, "kiosk"), SignOfLife(Sign.DOOR, NOON, "hall")
    assert [PLAN.admits(gate), PLAN.admits(door)] == [True, False]
    assert [agreed.admits(gate), agreed.admits(door)] == [True, True]
    assert not replace(agreed, paused=frozenset({"hall"})).admits(door)
