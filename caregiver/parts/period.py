"""A period of whole days, by the calendar of the place. No Qt."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from domain.events import to_ms


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, both included."""

    first: date
    last: date

    def bounds(self, zone: tzinfo | None) -> tuple[int, int]:
        """[from, until) in ms."""
        start = datetime.combine(self.first, time()).replace(tzinfo=zone).astimezone(zone)
        end = datetime.combine(self.last + timedelta(days=1), time()).replace(tzinfo=zone).astimezone(zone)
        return to_ms(start), to_ms(end)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def between(one: date, other: date) -> Period:
    """From the earlier to the later, whichever was said first."""
    return Period(min(one, other), max(one, other))


def last_month(today: date) -> Period:
    """The calendar month before: what a monthly report is about."""
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def last_days(today: date, days: int) -> Period:
    return Period(today - timedelta(days=days - 1), today)
