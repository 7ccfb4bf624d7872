"""Holes in the rota are shown before they matter."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.coverage import Hole, Shift, holes, on_duty
from domain.incident_kinds import Level

MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday 00:00 in Shanghai
ALWAYS = [Shift(f"p{level}", level) for level in Level]


def test_somebody_everywhere_around_the_clock_is_the_proof() -> None:
    assert holes(ALWAYS, MONDAY) == []


def test_a_night_without_anybody_is_a_hole_every_night() -> None:
    day = Shift("ann", Level.HOME, time(7), time(22))
    found = holes([day, *ALWAYS[1:]], MONDAY)
    assert len(found) == 8  # the first begins before the first shift, the last ends with the week
    assert found[1] == Hole(Level.HOME, MONDAY + timedelta(hours=22), MONDAY + timedelta(hours=31))


def test_a_shift_past_midnight_belongs_to_the_day_it_began() -> None:
    night = Shift("ann", Level.HOME, time(22), time(7), frozenset({4}))  # Friday night
    saturday = datetime(2026, 11, 28, 3, tzinfo=UTC) - timedelta(hours=8)
    assert on_duty([night], Level.HOME, saturday) == ["ann"]
    assert on_duty([night], Level.HOME, saturday + timedelta(days=1)) == []


def test_a_public_holiday_is_kept_as_a_sunday_is() -> None:
    office = Shift("ann", Level.HOME, time(8), time(20), frozenset(range(5)))
    weekend = Shift("bo", Level.HOME, time(8), time(20), frozenset({5, 6}))
    wednesday = MONDAY + timedelta(days=2)
    holidays = {wednesday.astimezone(ZoneInfo("Asia/Shanghai")).date()}
    noon = wednesday + timedelta(hours=12)
    assert on_duty([office, weekend], Level.HOME, noon) == ["ann"]
    assert on_duty([office, weekend], Level.HOME, noon, holidays=holidays) == ["bo"]
    assert holes([office, *ALWAYS[1:]], MONDAY, holidays=holidays) != holes([office, *ALWAYS[1:]], MONDAY)
    assert holes([Shift("ann", Level.HOME), *ALWAYS[1:]], MONDAY, holidays=holidays) == []


def test_leave_and_a_dead_telephone_make_holes_and_a_stand_in_fills_them() -> None:
    leave = {"p0": [(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))]}
    assert holes(ALWAYS, MONDAY, absent=leave) == [Hole(Level.HOME, *leave["p0"][0])]
    assert holes([*ALWAYS, Shift("bo", Level.HOME)], MONDAY, absent=leave) == []
    assert [h.level for h in holes(ALWAYS, MONDAY, unreachable={"p2"})] == [Level.STREET]


def test_a_shift_counts_from_its_first_day_through_its_last_and_nobody_is_called_who_has_left() -> None:
    tuesday, thursday = date(2026, 11, 24), date(2026, 11, 26)
    spell = [Shift("ann", Level.HOME, first=tuesday, last=thursday), *ALWAYS[1:]]
    asked = [on_duty(spell, Level.HOME, MONDAY + timedelta(days=n, hours=12)) for n in range(5)]
    assert asked == [[], ["ann"], ["ann"], ["ann"], []]
    assert holes(spell, MONDAY) == [
        Hole(Level.HOME, MONDAY, MONDAY + timedelta(days=1)),
        Hole(Level.HOME, MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)),
    ]
    begun, ending = [Shift("ann", Level.HOME, first=tuesday)], [Shift("ann", Level.HOME, last=thursday)]
    assert [bool(on_duty(begun, Level.HOME, MONDAY + timedelta(days=n))) for n in (0, 1, 30)] == [False, True, True]
    assert [bool(on_duty(ending, Level.HOME, MONDAY + timedelta(days=n))) for n in (0, 3, 4)] == [True, True, False]


def test_leaves_that_overlap_or_come_in_any_order_are_one_absence() -> None:
    hour = timedelta(hours=1)
    leave = {
        "p0": [
            (MONDAY + 20 * hour, MONDAY + 30 * hour),
            (MONDAY - hour, MONDAY + hour),
            (MONDAY + 25 * hour, MONDAY + 40 * hour),
        ]
    }
    assert holes(ALWAYS, MONDAY, absent=leave) == [
        Hole(Level.HOME, MONDAY, MONDAY + hour), Hole(Level.HOME, MONDAY + 20 * hour, MONDAY + 40 * hour),
    ]  # fmt: skip


def test_a_shift_keeps_its_wall_clock_hours_when_the_clocks_change() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)  # Sunday 00:00 in Berlin; that night has 25 hours
    shift = Shift("ann", Level.HOME, time(0), time(3))
    (hole, *_) = [h for h in holes([shift], start, zone="Europe/Berlin") if h.level is Level.HOME]
    assert hole.start == start + timedelta(hours=4)


shifts = st.lists(
    st.builds(
        Shift,
        person=st.sampled_from("abc"),
        level=st.sampled_from(list(Level)),
        start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        weekdays=st.frozensets(st.integers(0, 6)),
    ),
    max_size=8,
)


@given(shifts, st.integers(0, 7 * 24 * 60 - 1))
def test_every_minute_is_either_in_a_hole_or_somebody_is_on_duty(rota: list[Shift], minute: int) -> None:
    at = MONDAY + timedelta(minutes=minute)
    found = holes(rota, MONDAY)
    for level in Level:
        in_hole = any(h.level is level and h.start <= at < h.end for h in found)
        assert in_hole is not bool(on_duty(rota, level, at))
