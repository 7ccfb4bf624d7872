"""The hours of a window are moved while it is awaited: today's check is moved with them, and neither called off nor asked twice."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.assessment import Occurrence
from domain.checkins import assess
from domain.events import to_ms
from domain.signals import Sign, SignOfLife
from tests.domain_checkins.days import H, M, at
from watch.plan_payloads import begun, plan_of

LONG_AGO = datetime(2027, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
halves = st.integers(0, 47)


def hours(start: str, end: str, grace: int = 30, id: str = "w") -> dict[str, Any]:
    return {"id": id, "start": start, "end": end, "grace_min": grace}


def clock(half: int) -> str:
    return time(half // 2, half % 2 * 30).isoformat("minutes")


def moved(old: dict[str, Any], new: dict[str, Any], now: datetime) -> dict[str, Any]:
    before = {"since": to_ms(LONG_AGO), "windows": [old], "backstops": []}
    return begun({"windows": [new], "backstops": []}, before, to_ms(now))


def rings(plan: dict[str, Any], now: datetime, *heard: datetime, since: datetime | None = None) -> list[Occurrence]:
    signs = [SignOfLife(Sign.BUTTON, when) for when in heard]
    return list(assess(plan_of("e", plan), signs, now, since=since).occurrences)


@pytest.mark.parametrize(
    ("new", "rung"),
    [
        (hours("09:00", "11:15"), 11.75),
        (hours("08:30", "11:00"), 11.5),
        (hours("10:00", "12:00"), 12.5),
        (hours("09:00", "10:00"), 10 + 5 / 6),  # over by then: at once
        ({**hours("09:00", "11:00"), "days": "weekdays"}, 11.5),
    ],
)
def test_nobody_is_passed_over_today(new: dict[str, Any], rung: float) -> None:
    plan = moved(hours("09:00", "11:00"), new, at(10 + 5 / 6))
    ring = at(rung)
    assert rings(plan, ring - timedelta(seconds=1)) == []
    assert [o.ring_at for o in rings(plan, ring)] == [ring]
    assert rings(plan, ring, at(9.5)) == [], "heard in the hours that stood: today is answered"
    assert rings(plan, at(12.5, 4), at(9.5), since=at(13)) != [], "tomorrow is another day"


def test_a_new_window_and_one_that_is_moved_away_are_expected_from_their_next_start() -> None:
    now = at(10 + 5 / 6)
    for old, new in (
        (hours("09:00", "11:00"), hours("10:00", "12:00", id="another")),
        (hours("14:00", "16:00"), hours("09:00", "11:00")),
        (hours("09:00", "10:00"), hours("09:00", "10:15")),  # both over
        ({**hours("09:00", "11:00"), "days": "weekdays"}, hours("09:00", "11:15")),
    ):
        sunday = at(10 + 5 / 6, 7) if "days" in old else now
        plan = moved(old, new, sunday)
        assert rings(plan, sunday + 6 * H, since=sunday) == []
        assert rings(plan, sunday + 27 * H, since=sunday) != []


def test_it_stays_awaited_when_something_else_of_the_plan_is_changed_too() -> None:
    first = moved(hours("09:00", "11:00"), hours("09:00", "11:15"), at(10 + 5 / 6))
    again = begun({"windows": [hours("09:00", "11:15", grace=45)], "backstops": []}, first, to_ms(at(11)))
    assert [o.ring_at for o in rings(again, at(12))] == [at(12)]
    drawn_now = begun({"windows": [hours("09:00", "11:00")]}, {"since": 1, "windows": []}, to_ms(at(10)))
    widened = begun({"windows": [hours("09:00", "11:15")], "backstops": []}, drawn_now, to_ms(at(10.5)))
    assert rings(widened, at(13)) == [], "nobody had been expected this morning"


@given(halves, st.integers(1, 48), halves, st.integers(1, 48), st.integers(0, 95))
@settings(max_examples=300, deadline=None)
def test_whoever_was_awaited_and_is_silent_is_rung_for_at_the_later_of_both(
    start: int, length: int, other: int, long: int, quarter: int
) -> None:
    old = hours(clock(start), clock((start + length) % 48))
    new = hours(clock(other), clock((other + long) % 48))
    now = at(0) + quarter * 15 * M
    pending = [at(start / 2, d) for d in (2, 3) if at(start / 2, d) <= now < at((start + length) / 2, d) + 30 * M]
    meets = [
        (at(other / 2, d), at((other + long) / 2, d))
        for d in (1, 2, 3)
        for was in pending
        if was < at((other + long) / 2, d) and at(other / 2, d) < was + length * 30 * M
    ]
    assume(meets and meets[0][0] <= now)
    plan = moved(old, new, now)
    latest = max(now, *(end + 30 * M for begin, end in meets if begin <= now))
    assert rings(plan, latest, since=now - timedelta(milliseconds=1))


@given(halves, st.integers(1, 47), halves, st.integers(1, 48), st.integers(0, 95))
@settings(max_examples=300, deadline=None)
def test_whoever_answered_what_stood_is_not_rung_for_by_the_change_itself(
    start: int, length: int, other: int, long: int, quarter: int
) -> None:
    now = at(0) + quarter * 15 * M
    plan = moved(
        hours(clock(start), clock((start + length) % 48)), hours(clock(other), clock((other + long) % 48)), now
    )
    heard = [h for d in range(6) if (h := at(start / 2) - d * DAY + M) <= now]
    assert rings(plan, now, *heard) == []
