"""The festivals of the Chinese lunar calendar, of whatever year is asked about, public holidays or not."""

from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate

# month, day; the eve of the new year is the day before the next one's first, for the last month has 29 or 30
_DAYS = (
    (1, 1),  # 春节, new year
    (1, 15),  # 元宵, lanterns
    (2, 2),  # 龙抬头, the dragon lifts its head
    (5, 5),  # 端午, dragon boats
    (7, 7),  # 七夕, double seventh
    (7, 15),  # 中元, ghosts
    (8, 15),  # 中秋, mid-autumn
    (9, 9),  # 重阳, double ninth: the elders' own
    (12, 8),  # 腊八
    (12, 23),  # 小年 in the north
    (12, 24),  # 小年 in the south
)
_EVE = timedelta(days=1)
_FIRST, _LAST = 1901, 2099  # years whose whole calendar the library has; beyond them nothing is a festival


class LunarFestivals:
    """Something a date is in. A leap month has no festivals of its own."""

    def __init__(self) -> None:
        self._years: dict[int, frozenset[date]] = {}

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in self._of(day.year)

    def _of(self, year: int) -> frozenset[date]:
        if year not in self._years:
            self._years[year] = frozenset(_in(year)) if _FIRST <= year <= _LAST else frozenset()
        return self._years[year]


def _in(year: int) -> list[date]:
    """Those that fall in a year of ours: of the lunar year that began in it, and of the one before."""
    begun = [LunarDate(lunar, *day).to_solar_date() for lunar in (year - 1, year) for day in _DAYS]
    eve = LunarDate(year, 1, 1).to_solar_date() - _EVE
    return [day for day in (*begun, eve) if day.year == year]
