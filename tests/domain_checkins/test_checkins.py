"""The rules of a check-in, each as an example."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from domain.assessment import State
from domain.calendars import Calendar
from domain.careplan import Away, CarePlan, Days, QuietHours, Window
from domain.checkins import assess
from domain.incident_kinds import Kind
from domain.passages import Direction
from domain.signals import Sign, SignOfLife
from domain.watched import Source, blind_minutes, reached, watched
from tests.domain_checkins.days import KIOSK, MORNING, MOTION, PLAN, H, at, sign, state


@pytest.mark.parametrize(
    ("hour", "expected", "since"),
    [
        (9, State.DUE, 9),
        (11, State.OVERDUE, 11),
        (11.5, State.MISSED, 11.5),
        (20, State.MISSED, 11.5),
    ],
)
def test_a_window_without_a_sign_goes_from_due_to_missed(hour: float, expected: State, since: float) -> None:
    found = state(hour)
    assert (found.state, found.since) == (expected, at(since))


def test_nobody_is_called_well_who_was_never_heard_or_not_lately_while_nothing_is_awaited() -> None:
    fresh = state(8, plan=replace(PLAN, since=at(7)))
    assert (fresh.state, fresh.since, fresh.unheard_of) == (State.DUE, at(7), True)
    assert state(8, sign(Sign.CALL, 7.5)).state is State.WELL
    nothing = replace(PLAN, windows=(), backstops=())
    for hour, expected in ((8, State.WELL), (32, State.WELL), (33, State.DUE)):
        found = state(hour, sign(Sign.CALL, 8), plan=nothing)
        assert (found.state, found.since, found.unheard_of) == (expected, at(8), expected is State.DUE)
    weekend = replace(PLAN, windows=(replace(PLAN.windows[0], days=Days.RESTDAYS),))
    assert state(40, sign(Sign.CALL, 8), plan=weekend).state is State.WELL, "they are awaited on Saturday"


@pytest.mark.parametrize(("plans", "windows"), [(at(12), None), (at(0, 1), at(12)), (None, at(12))])
def test_nobody_was_expected_before_it_was_agreed(plans: datetime | None, windows: datetime | None) -> None:
    plan = replace(PLAN, since=plans, windows=(replace(MORNING, since=windows),))
    assert state(20, plan=plan).occurrences == ()
    assert [o.at for o in state(20, plan=plan, day=4).occurrences] == [at(11.5, 4)]
    assert [o.at for o in state(20, plan=plan.ever).occurrences] == [at(11.5, 2), at(11.5)]


def test_a_counted_sign_in_the_window_answers_it_and_the_next_is_due_tomorrow() -> None:
    found = state(10, sign(Sign.BUTTON, 9.5))
    assert found.state is State.WELL
    assert found.next_due == at(11, 4)
    assert found.last_sign == sign(Sign.BUTTON, 9.5)


def test_a_missed_window_rings_once_under_an_id_that_ignores_the_plans_revision() -> None:
    first = state(11.5).occurrences
    again = state(15, plan=replace(PLAN, revision=7)).occurrences
    assert [o.id for o in first] == [o.id for o in again]
    assert [(o.kind, o.rule, o.at) for o in first] == [(Kind.MISSED_CHECKIN, "morning", at(11.5))]
    assert assess(PLAN, (), at(15), since=at(14)).occurrences == ()


def test_a_late_sign_resolves_but_does_not_unmake_the_missed_window() -> None:
    found = state(13, sign(Sign.VISIT, 12.5))
    assert found.state is State.WELL
    assert [o.resolved_at for o in found.occurrences] == [at(12.5)]


@pytest.mark.parametrize(
    "weak",
    [
        sign(Sign.GATE_CREDENTIAL, 9.5, direction=Direction.IN),
        sign(Sign.GATE_CREDENTIAL, 9.5, direction=Direction.OUT),
        sign(Sign.BUTTON, 9.5, trusted=False),
        sign(Sign.GATE, 9.5, direction=Direction.OUT, trusted=False),
        sign(Sign.BUTTON, 8.9),
    ],
)
def test_a_card_an_untrusted_clock_and_an_early_sign_clear_nothing(weak: SignOfLife) -> None:
    assert state(12, weak).state is State.MISSED


def test_only_what_the_window_counts_answers_it() -> None:
    plan = replace(PLAN, windows=(replace(MORNING, counted=frozenset({Sign.BUTTON})),))
    assert state(12, sign(Sign.MOTION, 10), plan=plan).state is State.MISSED


def test_a_passage_out_pauses_until_a_home_sign_or_the_return_watch() -> None:
    out = sign(Sign.GATE, 8.5, direction=Direction.OUT)
    away = state(10, out)
    assert (away.state, away.next_due) == (State.AWAY, at(12.5))
    assert state(12.6, out).state is State.OVERDUE
    late = state(13, out)
    assert late.state is State.MISSED
    assert [(o.rule, o.at) for o in late.occurrences] == [("return", at(13))]
    back = state(10.5, out, sign(Sign.DOOR, 10))
    assert back.state is State.WELL
    assert state(14, out, sign(Sign.CALL, 12)).state is State.AWAY  # spoken to: the return watch begins anew


@pytest.mark.parametrize("direction", [Direction.UNKNOWN, Direction.IN])
def test_a_passage_not_known_to_be_out_pauses_nothing(direction: Direction) -> None:
    assert state(12, sign(Sign.GATE, 8.5, direction=direction)).state is State.MISSED


def test_a_passage_out_whose_time_cannot_be_believed_pauses_nothing() -> None:
    """Replayed or evaluated, it may have been yesterday's: the home would be watched by nobody today."""
    out = sign(Sign.GATE, 8.5, direction=Direction.OUT)
    assert out.leaves
    assert not replace(out, trusted=False).leaves


def test_away_periods_excuse_windows() -> None:
    plan = replace(PLAN, away=(Away(at(20, 2), at(20, 3)),))
    assert state(12, plan=plan).state is State.AWAY
    assert state(12, plan=plan, day=4).state is State.MISSED


def test_quiet_hours_defer_the_ring_but_not_the_truth() -> None:
    plan = replace(PLAN, windows=(Window("night", time(20), time(22)),), quiet=QuietHours(time(22), time(7)))
    silent = state(23, plan=plan)
    assert (silent.state, silent.occurrences) == (State.MISSED, ())
    rung = state(7, plan=plan, day=4).occurrences
    assert [(o.at, o.ring_at) for o in rung] == [(at(22.5), at(7, 4))]
    assert state(7, sign(Sign.MOTION, 6, 4), plan=plan, day=4).occurrences == ()


def test_reminders_come_before_the_deadline_and_not_in_quiet_hours() -> None:
    assert [r.window for r in state(10.5).reminders] == ["morning"]
    assert state(10.4).reminders == ()
    assert state(10.5, sign(Sign.BUTTON, 10)).reminders == ()
    assert state(10.5, plan=replace(PLAN, quiet=QuietHours(time(10), time(11)))).reminders == ()


def test_weekdays_skip_weekends_and_holidays() -> None:
    plan = replace(PLAN, windows=(replace(MORNING, days=Days.WEEKDAYS),))
    assert state(12, sign(Sign.BUTTON, 10, 5), plan=plan, day=6).next_due == at(11, 8)
    calendar = Calendar({date(2027, 3, 8), date(2027, 3, 9)})
    assert state(12, sign(Sign.BUTTON, 10, 5), plan=plan, day=6, calendar=calendar).next_due == at(11, 10)


def test_a_window_on_lunar_festivals_is_due_on_them_alone() -> None:
    plan = replace(PLAN, windows=(replace(MORNING, days=Days.FESTIVALS),))
    calendar = Calendar(festivals={date(2027, 3, 8)})
    assert state(12, plan=plan, day=8, calendar=calendar).state is State.MISSED
    assert state(12, plan=plan, day=9, calendar=calendar).next_due is None


def test_where_the_next_festival_is_far_off_somebody_looks_again_within_days() -> None:
    """Nothing else may come to this elder until then; a look that is months away would have been found from here by nobody."""
    now, plan = at(12), replace(PLAN, windows=(replace(MORNING, days=Days.FESTIVALS),), backstops=())
    calendar = Calendar(festivals={date(2027, 6, 9)})
    looks = 0
    while (found := assess(plan, [], now, calendar=calendar)).state is not State.MISSED:
        assert found.look_at is not None
        assert found.look_at > now
        now, looks = found.look_at, looks + 1
    assert (found.since.date(), looks < 20) == (date(2027, 6, 9), True)


def test_a_dead_kiosk_is_blind_and_never_a_missed_checkin() -> None:
    plan = replace(PLAN, windows=(replace(MORNING, counted=frozenset({Sign.BUTTON, Sign.GATE})),))
    dead = replace(KIOSK, gaps=((at(8), None),))
    found = state(15, plan=plan, sources=[dead])
    assert found.state is State.BLIND
    assert found.occurrences == ()  # the gate's own incident is raised once, not for every elder behind it


def test_when_the_kiosk_comes_back_the_window_gets_its_watched_time() -> None:
    plan = replace(PLAN, windows=(replace(MORNING, counted=frozenset({Sign.BUTTON})),))
    mended = replace(KIOSK, gaps=((at(8), at(14)),))
    assert state(15, plan=plan, sources=[mended]).state is State.DUE
    assert state(16.6, plan=plan, sources=[mended]).state is State.MISSED


def test_one_living_source_keeps_the_watch() -> None:
    dead = replace(KIOSK, gaps=((at(8), None),))
    assert state(12, sources=[dead, MOTION]).state is State.MISSED


BACKSTOPS = replace(PLAN, windows=(), backstops=CarePlan("e1").backstops)


def test_backstops_ring_on_watched_time_only_and_name_the_last_sign() -> None:
    last = sign(Sign.MOTION, 6)
    rung = state(6.1, last, plan=BACKSTOPS, day=4, sources=[MOTION])
    assert rung.state is State.MISSED
    assert [(o.kind, o.rule, o.at, o.since) for o in rung.occurrences] == [
        (Kind.INACTIVITY, "no_motion", at(6, 4), at(6))
    ]
    hole = replace(MOTION, gaps=((at(7), at(10)),))
    assert state(8, last, plan=BACKSTOPS, day=4, sources=[hole]).state is State.WELL
    assert state(9.1, last, plan=BACKSTOPS, day=4, sources=[hole]).state is State.MISSED


def test_a_day_without_a_passage_rings_only_where_nothing_watches_the_home() -> None:
    passed = SignOfLife(Sign.GATE, at(8, 3))
    rung = state(9, passed, plan=BACKSTOPS, day=4, sources=[KIOSK])
    assert [(o.rule, o.since) for o in rung.occurrences] == [("no_gate", at(8, 3))]
    moved = [sign(Sign.MOTION, 20, 2), sign(Sign.MOTION, 10, 3)]
    assert state(9, passed, *moved, plan=BACKSTOPS, day=4, sources=[KIOSK, MOTION]).occurrences == ()


def test_water_below_ten_litres_in_twelve_hours_rings() -> None:
    meter = Source("meter", frozenset({Sign.WATER}), at(0, 1))
    drips = [sign(Sign.WATER, h, amount=0.0005) for h in range(8, 24)]
    enough = sign(Sign.WATER, 7, amount=0.02)
    assert [o.rule for o in state(19.1, enough, *drips, plan=BACKSTOPS, sources=[meter]).occurrences] == ["no_water"]
    more = sign(Sign.WATER, 15, amount=0.012)
    assert state(23, enough, *drips, more, plan=BACKSTOPS, sources=[meter]).occurrences == ()


def test_sensors_paused_or_without_consent_are_not_used() -> None:
    last = sign(Sign.MOTION, 6, source="pir")
    paused = replace(BACKSTOPS, paused=frozenset({"pir"}))
    unasked = replace(BACKSTOPS, consents=frozenset())
    for plan in (paused, unasked):
        found = state(20, last, plan=plan, day=4, sources=[MOTION])
        assert (found.state, found.occurrences, found.last_sign) == (State.DUE, (), None)


def test_a_server_that_slept_through_a_silence_still_raises_it_with_its_late_evidence() -> None:
    signs = [sign(Sign.MOTION, 6), sign(Sign.MOTION, 8, 4)]
    found = state(9, *signs, plan=BACKSTOPS, day=4, sources=[MOTION])
    assert [(o.rule, o.resolved_at) for o in found.occurrences] == [("no_motion", at(8, 4))]
    assert found.state is State.WELL


def test_the_learned_rule_rings_after_what_it_allows() -> None:
    signs = [sign(Sign.MOTION, 6), sign(Sign.MOTION, 7)]
    found = state(10, *signs, plan=replace(PLAN, windows=()), sources=[MOTION], learned=lambda s: s.at + 2 * H)
    assert [(o.rule, o.at, o.since) for o in found.occurrences] == [("silence", at(9), at(7))]


def test_summer_time_moves_the_window_with_the_wall_clock() -> None:
    plan = replace(PLAN, zone="Europe/Madrid", since=None)
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)  # clocks go forward on the 28th
    found = assess(plan, [SignOfLife(Sign.BUTTON, datetime(2027, 3, 27, 8, 30, tzinfo=UTC))], before)
    assert found.next_due == datetime(2027, 3, 28, 9, tzinfo=UTC)
    night = replace(
        plan, since=datetime(2027, 10, 30, 23, tzinfo=UTC), windows=(Window("night", time(1), time(2, 30)),)
    )
    inside = assess(night, (), datetime(2027, 10, 31, 1, 15, tzinfo=UTC))  # 02:15 for the second time
    assert inside.state is State.DUE


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        assess(PLAN, (), datetime(2027, 3, 3, 12))  # noqa: DTZ001


def test_watched_time_and_blind_minutes() -> None:
    gaps = [(at(1), at(2)), (at(4), at(6))]
    assert watched(at(0), at(5), gaps) == 3 * H
    assert reached(at(0), 3 * H, gaps) == at(4)
    assert reached(at(0), 4 * H, gaps) == at(7)
    one = replace(MOTION, gaps=((at(1), at(3)),))
    other = replace(KIOSK, gaps=((at(2), None),))
    assert blind_minutes([one, other], at(0), at(24)) == 120, "where there are sensors in the home, by those"
    button = Source("button", frozenset({Sign.SOS, Sign.BUTTON}), at(0))
    assert blind_minutes([other, button], at(0), at(24)) == 22 * 60, "else by the gates"
    assert blind_minutes([other, replace(KIOSK, id="north")], at(0), at(24)) == 0, "one that sees is enough"
