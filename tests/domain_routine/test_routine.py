"""What a home teaches, and what a changed plan would have done."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assessment import State
from domain.careplan import CarePlan, Window
from domain.checkins import assess
from domain.consent import Purpose
from domain.replay import Past, relearned, replay
from domain.retaught import Retaught
from domain.routine import Doors, Gap, learn, silences, wall_hours
from domain.signals import Sign, SignOfLife
from domain.watched import Source

START = datetime(2027, 1, 3, 16, tzinfo=UTC)  # midnight in Shanghai, a Monday
ZONE = "Asia/Shanghai"
BUDGET = 1 / 61


def at(day: int, hour: float) -> datetime:
    return START + timedelta(days=day, hours=hour)


def life(days: int, seed: int = 1, outing: float = 2.0, first: int = 0) -> list[SignOfLife]:
    """Up at 7, busy, out through the door at 10 for about two hours every third day, to bed at 22."""
    rng = random.Random(seed)
    signs = []
    for day in range(first, first + days):
        hour = rng.gauss(7, 0.3)
        out_at = 10.0 if day % 3 == 0 else 99.0
        while hour < 22 + rng.gauss(0, 0.2):
            signs.append(SignOfLife(Sign.MOTION, at(day, hour)))
            hour += rng.expovariate(6)
            if hour > out_at:
                signs.append(SignOfLife(Sign.DOOR, at(day, hour)))
                hour += outing * rng.uniform(0.8, 1.2)
                signs.append(SignOfLife(Sign.DOOR, at(day, hour)))
                out_at = 99.0
    return signs


def test_too_few_days_teach_nothing() -> None:
    assert learn(silences(life(13), ZONE), ZONE, BUDGET) is None
    assert learn(silences(life(15), ZONE), ZONE, BUDGET) is not None


def test_the_night_may_be_silent_and_the_evening_may_not() -> None:
    routine = learn(silences(life(28), ZONE), ZONE, BUDGET)
    assert routine is not None
    assert routine.allowed(22.0, False, False) > 9
    assert routine.allowed(18.0, False, False) < 5
    assert routine.delay_day < routine.allowed(22.0, False, False)


def test_a_silence_begins_at_the_door_where_the_door_was_heard_just_before_by_a_clock_that_is_believed() -> None:
    door = SignOfLife(Sign.DOOR, at(0, 10))
    soon, later = at(0, 10) + timedelta(minutes=2), at(0, 10) + timedelta(minutes=3)
    assert [Doors([door])(when) for when in (at(0, 9), at(0, 10), soon, later)] == [False, True, True, False]
    assert not Doors([replace(door, trusted=False)])(soon)


def test_a_silence_at_the_door_is_allowed_more_and_elsewhere_less() -> None:
    routine = learn(silences(life(42), ZONE), ZONE, BUDGET)
    assert routine is not None
    assert routine.allowed(10.2, True, False) > 2.4  # outings last up to 2.4 h
    doorless = learn(silences([s for s in life(42) if s.kind is not Sign.DOOR], ZONE), ZONE, BUDGET)
    assert doorless is not None
    assert routine.allowed(10.2, False, False) < 0.7 * doorless.allowed(10.2, False, False)


def test_what_happens_on_rest_days_only_is_allowed_sooner_on_the_others() -> None:
    def out(day: int) -> bool:
        return day % 7 > 4

    signs = [
        s for s in life(56, outing=0.1) if not (out((s.at - START).days) and 13 < (s.at - START).seconds / 3600 < 17)
    ]
    routine = learn(silences(signs, ZONE), ZONE, 1 / 20)
    assert routine is not None
    assert routine.allowed(13.1, False, True) > 4
    assert routine.allowed(13.1, False, False) < routine.allowed(13.1, False, True)


def test_a_type_of_day_never_seen_is_not_held_to_the_shortest_limit() -> None:
    routine = learn([g for g in silences(life(42), ZONE) if not g.rest], ZONE, BUDGET)
    assert routine is not None
    assert routine.allowed(22.0, False, True) > 8


def test_where_silence_is_rare_by_day_nobody_is_rung_before_two_hours_and_a_quarter() -> None:
    routine = learn(silences(life(42), ZONE), ZONE, BUDGET)
    assert routine is not None
    assert min(routine.allowed(h, False, False) for h in range(7, 21)) == 2.25
    assert routine.delay_day == pytest.approx(2.25, abs=0.1)


def test_an_hour_is_saved_where_the_wait_is_short_before_it_is_saved_where_it_is_long() -> None:
    """Every third morning and evening is silent, the evenings longer; the budget bears all of the morning's rings."""
    gaps = sorted(
        Gap(24.0 * day + hour, lengths[day // 3 % 3] if day % 3 == 0 else 0.3, False, day, day % 7 > 4)
        for day in range(60)
        for hour, lengths in ((9.0, (2.5, 4.0, 6.0)), (19.0, (7.0, 10.0, 14.0)))
    )
    routine = learn(gaps, "UTC", 0.2 / 0.7)  # without a contact seven tenths are spent
    assert routine is not None
    assert routine.allowed(9.0, False, False) < 2.5  # counted by the hour it was 3.8


def test_an_outing_at_an_unusual_hour_is_given_the_return_watch() -> None:
    routine = learn(silences(life(42), ZONE), ZONE, BUDGET)
    assert routine is not None
    assert routine.allowed(18.0, True, False) == 4.0


def test_a_week_away_unannounced_changes_no_limit_of_another_hour() -> None:
    usual = learn(silences(life(60), ZONE), ZONE, BUDGET)
    gone = learn(silences([s for s in life(60) if not at(30, 14) < s.at < at(37, 14)], ZONE), ZONE, BUDGET)
    assert usual is not None
    assert gone is not None
    assert gone.allowed(18.0, False, False) == pytest.approx(usual.allowed(18.0, False, False), rel=0.15)


@pytest.mark.parametrize("hours", [(10,), (8, 9, 10, 11, 12, 13, 14, 15)])
def test_who_is_heard_by_the_day_only_is_not_rung_every_day(hours: tuple[int, ...]) -> None:
    rng = random.Random(1)
    signs = [SignOfLife(Sign.BUTTON, at(day, hour + rng.gauss(0, 0.3))) for day in range(40) for hour in hours]
    rule = Retaught(signs, ZONE, BUDGET)
    rang = [s.at for s, following in pairwise(signs) if s.at > at(28, 0) and rule(s) < following.at]
    assert rang == []
    assert rule(signs[-1]) - signs[-1].at <= timedelta(hours=36)


def test_a_night_away_every_week_leaves_the_limit_of_the_other_nights() -> None:
    away = [s for s in life(60) if not any(at(d, 17) < s.at < at(d + 1, 12) for d in range(5, 60, 7))]
    routine = learn(silences(away, ZONE), ZONE, BUDGET)
    assert routine is not None
    assert max(routine.limits[False, False]) <= 16


def test_a_smaller_budget_waits_longer() -> None:
    doorless = [s for s in life(28) if s.kind is not Sign.DOOR]
    gaps = silences(doorless, ZONE)
    patient, eager = learn(gaps, ZONE, 1 / 200), learn(gaps, ZONE, 1 / 10)
    assert patient is not None
    assert eager is not None
    assert patient.delay_day > eager.delay_day
    assert patient.delay > eager.delay
    with pytest.raises(ValueError, match="budget"):
        learn(gaps, ZONE, 0)


def test_where_no_contact_tells_outings_apart_less_is_spent_so_that_no_more_rings_than_was_agreed() -> None:
    """The same gaps, and once one of a quarter of an hour at the door."""
    gaps = silences([s for s in life(28) if s.kind is not Sign.DOOR], ZONE)
    without, more = learn(gaps, ZONE, BUDGET), learn(gaps, ZONE, BUDGET / 0.7)
    with_contact = learn([*gaps, replace_door(gaps[40])], ZONE, BUDGET)
    assert without is not None
    assert more is not None
    assert with_contact is not None
    assert without.delay > with_contact.delay
    assert without.budget == BUDGET
    assert more.delay == pytest.approx(with_contact.delay, abs=0.2)


def replace_door(gap: Gap) -> Gap:
    return gap._replace(door=True, hours=0.26)


def test_one_odd_day_does_not_undo_what_was_learned() -> None:
    usual = learn(silences(life(60), ZONE), ZONE, BUDGET)
    odd_life = [s for s in life(60) if not at(30, 14) < s.at < at(30, 22)]
    odd = learn(silences(odd_life, ZONE), ZONE, BUDGET)
    assert usual is not None
    assert odd is not None
    assert odd.allowed(14.0, False, False) < 10  # the odd silence lasted until the next morning, 17 h


def test_spans_known_to_be_away_or_blind_are_not_learned_from() -> None:
    holiday = (at(10, 12), at(17, 12))
    heard = [s for s in life(28) if not holiday[0] < s.at < holiday[1]]
    assert max(g.hours for g in silences(heard, ZONE)) > 100
    assert max(g.hours for g in silences(heard, ZONE, ignore=[holiday])) < 12


def test_holidays_are_rest_days() -> None:
    gaps = silences(life(7), ZONE, holidays={date(2027, 1, 5)})
    assert {g.rest for g in gaps if g.day == int(wall_hours(datetime(2027, 1, 5, tzinfo=UTC)) // 24)} == {True}


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was_and_begins_by_the_wall_clock() -> None:
    night = [
        SignOfLife(Sign.MOTION, datetime(2027, 3, 27, 21, tzinfo=UTC)),  # 22:00 in Berlin
        SignOfLife(Sign.MOTION, datetime(2027, 3, 28, 5, tzinfo=UTC)),  # 07:00, an hour of the night left out
    ]
    (gap,) = silences(night, "Europe/Berlin")
    assert (gap.start % 24, gap.hours) == (22.0, 8.0)


def test_the_learned_rule_in_the_assessment() -> None:
    signs = life(40)
    routine = learn(silences(signs, ZONE), ZONE, BUDGET)
    assert routine is not None
    plan = CarePlan("e", backstops=(), consents=frozenset({Purpose.HOME_MONITORING}))
    pir = Source("pir", frozenset({Sign.MOTION, Sign.DOOR}), START)
    heard = [s for s in signs if s.at < at(39, 18)]
    calm = assess(plan, heard, at(39, 18), sources=[pir], learned=routine.learned(heard))
    assert calm.state is State.WELL
    silent = assess(plan, heard, at(40, 6), sources=[pir], learned=routine.learned(heard))
    assert [o.rule for o in silent.occurrences] == ["silence"]
    assert silent.occurrences[0].at == calm.next_due


def test_the_past_is_judged_by_what_was_known_on_the_night_before() -> None:
    signs = life(40)
    rule = Retaught(signs, ZONE, BUDGET)
    early, late = signs[20], next(s for s in signs if s.at > at(35, 12))
    assert rule(early) - early.at > timedelta(days=300)  # a day teaches nothing
    known = learn(silences([s for s in signs if s.at < at(35, 3)], ZONE), ZONE, BUDGET)
    assert known is not None
    assert rule(late) == known.learned(signs)(late)


def test_a_replay_knows_of_a_silence_only_what_was_known_then() -> None:
    signs = [s for s in life(60) if not at(50, 12) < s.at < at(50, 23)]
    plan = CarePlan("e", backstops=(), zone=ZONE, consents=frozenset({Purpose.HOME_MONITORING}))
    now = at(60, 0)
    seen = replay(Past(plan, signs, now), relearned(Past(plan, signs, now)))
    assert [(o.rule, o.resolved_at is not None) for o in seen.rang if at(50, 12) < o.at < at(50, 23)] == [
        ("silence", True)
    ]
    assert seen.days == pytest.approx(60, abs=1)
    assert all(m < at(21, 0) for m in seen.missed)  # nothing was known in the first weeks
    assert seen.delay_median is not None
    assert 2 < seen.delay_median < 8
    assert relearned(Past(replace(plan, consents=frozenset()), signs, now)) is None


def test_replay_tells_what_a_plan_would_have_done() -> None:
    signs = [SignOfLife(Sign.BUTTON, at(d, 10)) for d in range(30) if d not in (11, 20)]
    plan = CarePlan("e", since=at(29, 0), zone=ZONE, windows=(Window("m", time(9), time(11)),))
    now = at(30, 0)
    seen = replay(Past(plan, signs, now), days=28, emergencies=[(at(11, 8), at(11, 20)), (at(15, 12), at(15, 20))])
    assert [o.since for o in seen.rang] == [at(11, 9), at(20, 9)]
    assert seen.per_week == 0.5
    # heard at 10, silent from then on: asked at 11:30 the next day, which is more than 24 h later
    assert {(m - START).seconds // 3600 for m in seen.missed} == {10, 11}
    assert seen.unforeseen == (at(15, 12),)
    assert seen.delay_median is not None
    blunt = replay(Past(replace(plan, windows=()), signs, now), days=28)
    assert len(blunt.missed) == blunt.injected > 0


def test_a_replayed_silence_counts_as_rung_for_only_while_it_would_ring() -> None:
    """Heard every day at 10, save on the 11th; a silence is begun at every hour of the 12th."""
    signs = [SignOfLife(Sign.BUTTON, at(d, 10)) for d in range(14) if d != 11]
    plan = CarePlan("e", zone=ZONE, windows=(Window("m", time(9), time(11)),))
    seen = replay(Past(plan, signs, at(14, 0)), days=2, every=timedelta(hours=1))
    # begun before 10: the 11th rings still; at 10 and 11: nothing within a day; from then on at 11:30 the next day
    assert [(m - at(12, 0)) / timedelta(hours=1) for m in seen.missed] == [10, 11]
    assert seen.injected == 25
    assert seen.delay_median == median([0.0] * 10 + [35.5 - hour for hour in range(12, 25)])


def test_what_a_replay_rings_for_are_silences_of_the_elder_and_not_of_a_device() -> None:
    gone = Source("pir", frozenset({Sign.MOTION}), at(0, 0), ((at(5, 0), None),))
    plan = CarePlan(
        "e", zone=ZONE, windows=(Window("m", time(9), time(11)),), consents=frozenset({Purpose.HOME_MONITORING})
    )
    seen = replay(Past(plan, [SignOfLife(Sign.BUTTON, at(d, 10)) for d in range(10)], at(10, 0), (gone,)), days=9)
    assert seen.rang == ()


@given(st.lists(st.tuples(st.floats(0, 40 * 24), st.floats(0.3, 30), st.booleans()), min_size=1, max_size=200))
@settings(max_examples=40)
def test_whatever_was_seen_the_alarm_comes_within_a_day_unless_the_home_is_silent_longer_by_habit(
    rows: list[tuple[float, float, bool]],
) -> None:
    gaps = sorted(Gap(a, h, door, int(a // 24), int(a // 24) % 7 > 4) for a, h, door in rows)
    routine = learn(gaps, "UTC", BUDGET, min_days=1)
    if routine is not None:
        allowed = [routine.allowed(b / 2, d, r) for b in range(48) for d in (False, True) for r in (False, True)]
        assert min(allowed) >= 1
        by_habit = sum(g.hours > 16 for g in gaps) > len({g.day for g in gaps}) / 4
        assert max(allowed) <= (36 if by_habit else 16)
