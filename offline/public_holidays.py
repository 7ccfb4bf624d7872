"""A country's public holidays, of whatever year is asked about."""

from datetime import date

import holidays

from domain.calendars import Calendar
from domain.errors import Mendable
from offline.lunar_festivals import LunarFestivals


class PublicHolidays:
    """Something a date is in. A year is looked up when it is first asked about: a program runs for years, and may start before
    its clock is right. Raises Mendable `holidays_unknown` for a country (ISO 3166) that nobody has the days of."""

    def __init__(self, country: str) -> None:
        try:
            self._days = holidays.country_holidays(country)
        except NotImplementedError as e:  # the library's word for a country it does not know
            raise Mendable("holidays_unknown", country=country) from e

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in self._days


def calendar_of(country: str) -> Calendar:
    """The days kept there. Lunar festivals are kept wherever there are elders who keep them. Raises as `PublicHolidays` does."""
    return Calendar(PublicHolidays(country), LunarFestivals())
