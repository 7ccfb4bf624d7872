"""A sensor that says nothing at all, no report of itself either, while others show somebody about: nobody is called for it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.assessment import Assessment, State
from domain.careplan import Backstop, CarePlan
from domain.checkins import assess
from domain.consent import Purpose
from domain.signals import Sign, SignOfLife
from domain.watched import Mute, Source

H = timedelta(hours=1)
T0 = datetime(2027, 3, 1, 8, tzinfo=UTC)
RULE = Backstop("no_door", frozenset({Sign.DOOR}), 24 * H)
PLAN = CarePlan("li", since=T0, backstops=(RULE,), consents=frozenset({Purpose.HOME_MONITORING}))


def judged(now_h: float, mute: tuple[Mute, ...], about_h: float = 0.0) -> Assessment:
    """At `now_h` hours after the door was last opened; somebody moves in the kitchen every hour for `about_h`."""
    now = T0 + now_h * H
    signs = [SignOfLife(Sign.DOOR, T0, "door")]
    signs += [SignOfLife(Sign.MOTION, T0 + h * H, "kitchen") for h in range(1, int(min(about_h, now_h)) + 1)]
    door = Source("door", frozenset({Sign.DOOR}), T0, mute=tuple(m for m in mute if m.told <= now))
    return assess(PLAN, signs, now, sources=[door, Source("kitchen", frozenset({Sign.MOTION}), T0)])


MUTE = Mute(T0, T0 + 8 * H, None)


def test_while_somebody_is_about_nobody_is_missed_and_it_is_looked_at_again_in_time() -> None:
    found = judged(25, (MUTE,), about_h=20)
    assert (found.state, found.occurrences) == (State.WELL, ())
    assert found.next_due == T0 + 32 * H  # half a day after the last of them


def test_half_a_day_after_nobody_is_about_any_more_it_rings_in_doubt() -> None:
    found = judged(32, (MUTE,), about_h=20)
    assert found.state is State.MISSED
    assert [(o.ring_at, o.mute) for o in found.occurrences] == [(T0 + 32 * H, True)]


def test_where_nothing_else_is_heard_it_rings_in_time_and_says_so() -> None:
    assert [(o.ring_at, o.mute) for o in judged(25, (MUTE,)).occurrences] == [(T0 + 24 * H, True)]


@pytest.mark.parametrize(
    "mute",
    [
        pytest.param((), id="it reported of itself"),
        pytest.param((Mute(T0, T0 + 8 * H, T0 + 12 * H),), id="it reported of itself later"),
        pytest.param((Mute(T0 + 6 * H, T0 + 14 * H, None),), id="it has been mute for less long"),
    ],
)
def test_a_contact_that_lives_rings_as_was_agreed(mute: tuple[Mute, ...]) -> None:
    found = judged(25, mute, about_h=24)
    assert found.state is State.MISSED
    assert [(o.ring_at, o.mute) for o in found.occurrences] == [(T0 + 24 * H, False)]


def test_one_that_reports_again_while_it_is_put_off_rings_from_there() -> None:
    found = judged(29, (Mute(T0, T0 + 8 * H, T0 + 28 * H),), about_h=27)
    assert [(o.at, o.mute) for o in found.occurrences] == [(T0 + 28 * H, False)]


def test_what_was_told_after_it_had_rung_calls_nobody_off() -> None:
    found = judged(25, (Mute(T0, T0 + 24.5 * H, None),), about_h=24)
    assert [o.ring_at for o in found.occurrences] == [T0 + 24 * H]
