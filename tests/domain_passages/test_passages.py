from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passages import (
    Attempt,
    Direction,
    GateRules,
    Group,
    Hours,
    Method,
    Passback,
    Passed,
    Ruling,
    Schedule,
    Verdict,
    judge,
    resting,
)

CHINA = timezone(timedelta(hours=8))
MONDAY_MORNING = datetime(2026, 11, 23, 9, 41, tzinfo=CHINA)
NOBODY: frozenset[str] = frozenset()
IN = GateRules(direction=Direction.IN)


def ask(
    rules: GateRules = IN,
    method: Method = Method.FACE,
    group: Group = Group.RESIDENT,
    side: Direction = Direction.UNKNOWN,
    slow: bool = False,
    blocked: frozenset[str] = NOBODY,
    last: Passed | None = None,
    fire: bool = False,
    now: datetime = MONDAY_MORNING,
    silence: timedelta = timedelta(0),
) -> Verdict:
    return judge(Attempt("p1", method, group, side, slow), rules, blocked, last, fire, now, silence)


def test_a_resident_may_come_at_any_time_unless_somebody_says_otherwise() -> None:
    assert ask() == Verdict(True, Ruling.GRANTED, Direction.IN, 5.0)
    assert ask(slow=True).seconds == 10.0


def test_the_readers_side_tells_the_direction_of_a_gate_used_both_ways() -> None:
    both = GateRules()
    assert ask(both).direction is Direction.UNKNOWN
    assert ask(both, side=Direction.OUT).direction is Direction.OUT


def test_the_block_list_shuts_the_gate_and_tells_the_staff() -> None:
    assert ask(blocked=frozenset({"p1"})) == Verdict(False, Ruling.BLOCKED, Direction.IN, notice=True)


def test_a_guard_decides_against_every_rule() -> None:
    closed = GateRules(Direction.IN, {Group.RESIDENT: Schedule(hours=())})
    assert ask(closed, method=Method.GUARD, blocked=frozenset({"p1"})).opens


NIGHT = Hours(time(22), time(6), days=frozenset({4}))  # Friday night


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        (datetime(2026, 11, 27, 5, 59, tzinfo=CHINA), False),  # Thursday's night
        (datetime(2026, 11, 27, 21, 59, tzinfo=CHINA), False),
        (datetime(2026, 11, 27, 22, 0, tzinfo=CHINA), True),
        (datetime(2026, 11, 28, 5, 59, tzinfo=CHINA), True),
        (datetime(2026, 11, 28, 6, 0, tzinfo=CHINA), False),
        (datetime(2026, 11, 28, 22, 30, tzinfo=CHINA), False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began_on(at: datetime, open_: bool) -> None:
    assert NIGHT.cover(at, frozenset()) is open_


@pytest.mark.parametrize(("clock", "open_"), [("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False)])
def test_hours_begin_with_their_first_minute_and_end_before_their_last(clock: str, open_: bool) -> None:
    at = datetime.combine(MONDAY_MORNING, time.fromisoformat(clock), CHINA)
    assert Hours(time(8), time(18)).cover(at, frozenset()) is open_


def test_a_group_may_come_in_any_of_its_hours() -> None:
    mornings_and_evenings = Schedule((Hours(time(6), time(10)), Hours(time(17), time(21))))
    rules = GateRules(Direction.IN, {Group.STAFF: mornings_and_evenings})
    for hour, open_ in ((9, True), (12, False), (18, True)):
        assert ask(rules, group=Group.STAFF, now=MONDAY_MORNING.replace(hour=hour)).opens is open_


WEEKDAYS = frozenset(range(5))


@pytest.mark.parametrize(
    ("on_holidays", "monday_holiday", "plain_monday", "sunday_holiday"),
    [(None, True, True, False), (True, True, True, True), (False, False, True, False)],
)
def test_hours_on_a_holiday_are_as_the_schedule_says_of_holidays(
    on_holidays: bool | None, monday_holiday: bool, plain_monday: bool, sunday_holiday: bool
) -> None:
    hours = Hours(time(8), time(18), WEEKDAYS, on_holidays)
    sunday = MONDAY_MORNING - timedelta(days=1)
    assert hours.cover(MONDAY_MORNING, frozenset({date(2026, 11, 23)})) is monday_holiday
    assert hours.cover(MONDAY_MORNING, frozenset()) is plain_monday
    assert hours.cover(sunday, frozenset({date(2026, 11, 22)})) is sunday_holiday


def test_visitors_outside_their_hours_or_by_a_method_of_another_hour() -> None:
    rules = GateRules(Direction.IN, {Group.VISITOR: Schedule((Hours(time(8), time(18)),), frozenset({Method.QR}))})
    evening = MONDAY_MORNING.replace(hour=19)
    assert ask(rules, Method.QR, Group.VISITOR).opens
    assert ask(rules, Method.PIN, Group.VISITOR) == Verdict(False, Ruling.METHOD_NOT_NOW, Direction.IN)
    assert ask(rules, Method.QR, Group.VISITOR, now=evening) == Verdict(False, Ruling.OUTSIDE_HOURS, Direction.IN)
    assert ask(rules, Method.QR, Group.RESIDENT, now=evening).opens


@pytest.mark.parametrize(
    ("passback", "before", "opens", "notice"),
    [
        (Passback.OFF, Direction.IN, True, False),
        (Passback.NOTICE, Direction.IN, True, True),
        (Passback.REFUSE, Direction.IN, False, True),
        (Passback.REFUSE, Direction.OUT, True, False),
        (Passback.REFUSE, Direction.UNKNOWN, True, False),
        (Passback.NOTICE, Direction.OUT, True, False),
    ],
)
def test_coming_in_twice_within_the_window_is_allowed_noticed_or_refused(
    passback: Passback, before: Direction, opens: bool, notice: bool
) -> None:
    rules = GateRules(Direction.IN, passback=passback)
    an_hour_ago = Passed(before, (MONDAY_MORNING - timedelta(hours=1)).astimezone(UTC))
    verdict = ask(rules, last=an_hour_ago)
    assert (verdict.opens, verdict.notice) == (opens, notice)
    last_night = Passed(Direction.IN, MONDAY_MORNING - rules.passback_window)
    assert ask(rules, last=last_night) == Verdict(True, Ruling.GRANTED, Direction.IN, 5.0)
    both_ways = replace(rules, direction=Direction.UNKNOWN)
    assert ask(both_ways, last=an_hour_ago) == Verdict(True, Ruling.GRANTED, Direction.UNKNOWN, 5.0)


def test_a_passage_that_is_yet_to_come_bars_nobody_where_the_clock_was_set_back() -> None:
    rules = GateRules(Direction.IN, passback=Passback.REFUSE)
    assert ask(rules, last=Passed(Direction.IN, MONDAY_MORNING + timedelta(minutes=5))).opens


RESTS = GateRules(Direction.IN, unheard={Method.FACE: timedelta(hours=72), Method.QR: timedelta(hours=1)})


@pytest.mark.parametrize(
    ("hours", "shut"), [(0.9, set()), (1, {Method.QR}), (71.9, {Method.QR}), (72, {Method.QR, Method.FACE})]
)
def test_without_word_from_the_district_a_way_rests_after_its_time_and_the_others_go_on(
    hours: float, shut: set[Method]
) -> None:
    silence = timedelta(hours=hours)
    asked = (Method.FACE, Method.CARD, Method.PIN, Method.QR, Method.GUARD)
    assert {m for m in asked if not ask(RESTS, m, silence=silence).opens} == shut == resting(RESTS, silence)
    assert {ask(RESTS, m, silence=silence).ruling for m in shut} <= {Ruling.UNHEARD}


def test_nothing_rests_on_the_way_out_nor_in_a_fire() -> None:
    week = timedelta(days=7)
    assert ask(replace(RESTS, direction=Direction.OUT), silence=week).opens
    assert resting(replace(RESTS, direction=Direction.OUT), week) == frozenset()
    assert ask(replace(RESTS, direction=Direction.UNKNOWN), side=Direction.OUT, silence=week).opens
    assert ask(RESTS, fire=True, silence=week).opens


schedules = st.builds(
    Schedule,
    st.lists(st.builds(Hours, st.times(), st.times(), st.frozensets(st.integers(0, 6)), st.none() | st.booleans())).map(
        tuple
    ),
    st.frozensets(st.sampled_from(Method)),
)
rules = st.builds(
    GateRules,
    st.sampled_from(Direction),
    st.dictionaries(st.sampled_from(Group), schedules),
    passback=st.sampled_from(Passback),
    unheard=st.dictionaries(st.sampled_from(Method), st.timedeltas(timedelta(0), timedelta(days=9))),
)
attempts = st.builds(
    Attempt, st.just("p1"), st.sampled_from(Method), st.sampled_from(Group), st.sampled_from(Direction)
)
moments = st.datetimes(timezones=st.just(CHINA), min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31))  # noqa: DTZ001


@given(rules, attempts, moments, st.booleans(), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_nobody_is_ever_locked_in_and_fire_opens(
    r: GateRules, a: Attempt, now: datetime, fire: bool, silence: timedelta
) -> None:
    verdict = judge(a, r, frozenset({"p1"}), Passed(Direction.IN, now), fire, now, silence)
    if fire or verdict.direction is Direction.OUT:
        assert verdict.opens
        assert verdict.seconds > 0
    elif a.method is not Method.GUARD:
        assert not verdict.opens
        assert verdict.notice
