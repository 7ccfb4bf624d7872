"""Who is away by the plan and at home by all that is heard; and who went out and is not back by night."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.absences import LEAVING, stays
from domain.assessment import State
from domain.careplan import Away, QuietHours
from domain.checkins import assess
from domain.incident_kinds import Kind
from domain.passages import Direction
from domain.signals import Sign, SignOfLife
from domain.watched import FOREVER
from tests.domain_checkins.days import MOTION, PLAN, H, at, sign, state

DAY = timedelta(days=1)
AWAY = replace(PLAN, away=(Away(at(0, 3), at(0, 17), "hospital"),))


def motion(*days_and_hours: tuple[int, Iterable[float]]) -> list[SignOfLife]:
    return [sign(Sign.MOTION, hour, day, source="pir") for day, hours in days_and_hours for hour in hours]


def first_ring(signs: list[SignOfLife], until: datetime) -> datetime | None:
    """Looked at every hour, by a rule that allows eight hours of silence."""
    now = at(0, 3)
    while now < until:
        heard = [s for s in signs if now - 12 * DAY < s.at <= now]
        found = assess(AWAY, heard, now, sources=[MOTION], learned=lambda anchor: anchor.at + 8 * H)
        if found.occurrences:
            return now
        now += H
    return None


def test_whoever_comes_home_early_and_falls_silent_is_rung_for_within_hours() -> None:
    lives = motion((6, range(12, 24)), (7, range(24)), (8, range(4)))
    ring = first_ring(lives, at(0, 17))
    assert ring is not None
    assert ring - lives[-1].at <= 9 * H
    assert state(12, *lives, plan=AWAY, day=7).state is not State.AWAY


def test_whoever_never_left_is_watched_from_the_second_day_on() -> None:
    ring = first_ring(motion((3, range(24)), (4, range(24)), (5, range(9))), at(0, 17))
    assert ring == at(12, 5), "the morning's window"


def test_a_neighbour_who_waters_the_plants_and_one_who_leaves_late_keep_the_absence() -> None:
    waters = motion(*((day, (8, 8.2, 19, 19.3)) for day in range(4, 17)))
    assert first_ring(waters, at(23, 16)) is None
    assert state(12, *waters[:9], plan=AWAY, day=6).state is State.AWAY
    assert first_ring(motion((3, range(22))), at(23, 16)) is None


def test_a_timer_that_switches_a_lamp_is_nobody_who_lives_there() -> None:
    lamp = [SignOfLife(Sign.POWER, at(0, 4) + n * H, "lamp") for n in range(200)]
    assert list(stays(AWAY.away, lamp)) == [(at(0, 3), at(0, 17))]


def test_whoever_was_home_between_two_stays_and_is_seen_going_out_is_away_again() -> None:
    out = sign(Sign.GATE, 10, 8, direction=Direction.OUT)
    lives = motion((6, range(12, 24)), (7, range(24)), (8, range(9)))
    assert first_ring([*lives, out], at(23, 16)) is None
    assert list(stays(AWAY.away, [*lives, out])) == [(at(0, 3), at(17, 6)), (at(10, 8), at(0, 17))]


@given(st.lists(st.tuples(st.sampled_from(Sign), st.integers(0, 20 * 24 * 4)), max_size=40), st.booleans())
def test_an_absence_is_cut_only_after_a_day_and_never_grows(drawn: list[tuple[Sign, int]], open_end: bool) -> None:
    signs = sorted((SignOfLife(kind, at(0, 1) + n * H / 4) for kind, n in drawn), key=lambda s: s.at)
    away = Away(at(0, 3), None if open_end else at(0, 17))
    spans = list(stays([away], signs))
    assert spans[0][0] == at(0, 3)
    assert all(begin + LEAVING <= end <= (away.end or FOREVER) for begin, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_whoever_went_out_and_is_not_back_by_night_is_rung_for_at_the_deadline_whatever_the_quiet_hours() -> None:
    plan = replace(PLAN, windows=(), quiet=QuietHours(time(22), time(6)))
    out = sign(Sign.GATE, 17.5, direction=Direction.OUT)
    (missed,) = state(22, out, plan=plan).occurrences
    assert (missed.kind, missed.rule, missed.ring_at) == (Kind.MISSED_CHECKIN, "return", at(22))
