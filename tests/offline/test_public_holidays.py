"""Public holidays, whatever year a program comes to live in."""

from datetime import date

import pytest

from domain.errors import Mendable
from offline.public_holidays import PublicHolidays


@pytest.mark.parametrize("year", [1971, 2026, 2027, 2035])
def test_the_days_of_any_year_are_known(year: int) -> None:
    days = PublicHolidays("CN")
    assert date(year, 10, 1) in days
    assert date(year, 11, 23) not in days


def test_the_lunar_new_year_moves() -> None:
    days = PublicHolidays("CN")
    assert [date(2026, 2, 17) in days, date(2027, 2, 6) in days] == [True, True]


def test_a_country_that_nobody_has_the_days_of_is_said() -> None:
    with pytest.raises(Mendable, match="holidays_unknown"):
        PublicHolidays("XX")
