"""Lunar festivals, by the dates that are published of them."""

from datetime import date, timedelta

import pytest

from offline.lunar_festivals import LunarFestivals
from offline.public_holidays import calendar_of


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 26),  # laba
        date(2026, 2, 10),  # little new year
        date(2026, 2, 16),  # eve
        date(2026, 2, 17),  # new year
        date(2026, 3, 3),  # lanterns
        date(2026, 6, 19),  # dragon boats
        date(2026, 8, 19),  # double seventh
        date(2026, 8, 27),  # ghosts
        date(2026, 9, 25),  # mid-autumn
        date(2026, 10, 18),  # double ninth
        date(2027, 2, 5),  # an eve on the 29th: the last month has no thirtieth
    ],
)
def test_the_festivals_fall_on_their_days(day: date) -> None:
    assert day in LunarFestivals()


def test_a_leap_month_has_no_festivals_of_its_own() -> None:
    days = LunarFestivals()
    assert date(2025, 8, 29) in days, "the seventh of the seventh, after the leap sixth"
    assert date(2025, 7, 31) not in days, "the seventh of the leap sixth month"
    assert sum(date(2025, 1, 1) + timedelta(n) in days for n in range(365)) == 12


def test_a_festival_that_is_no_public_holiday_is_no_rest_day() -> None:
    days = calendar_of("CN")
    lanterns, new_year = date(2026, 3, 3), date(2026, 2, 17)
    assert (lanterns in days, lanterns in days.festivals) == (False, True)
    assert (new_year in days, new_year in days.festivals) == (True, True)


def test_a_year_beyond_the_tables_has_none() -> None:
    assert date(2150, 2, 1) not in LunarFestivals()
    assert "2026-02-17" not in LunarFestivals()
