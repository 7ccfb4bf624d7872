"""Public holidays for the schedules of a gate."""

from collections.abc import Iterable
from datetime import date

import holidays

from domain.errors import Mendable


def public_holidays(country: str, years: Iterable[int], extra: Iterable[date] = ()) -> frozenset[date]:
    """The dates of an ISO 3166 country (``CN``), with the community's own. Raises Mendable `holidays_unknown`."""
    try:
        known = holidays.country_holidays(country, years=list(years))
    except NotImplementedError as error:  # the library's word for a country it does not know
        raise Mendable("holidays_unknown", country=country) from error
    return frozenset(known) | frozenset(extra)
