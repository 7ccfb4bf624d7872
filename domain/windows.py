"""The wall clock of a care plan: which local windows fall on which days, across time zones, summer time and holidays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from domain.calendars import Calendar
from domain.careplan import CarePlan, Days, Window

DAY = timedelta(days=1)


def utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """How a moment is written inside a derived id: UTC to the second."""
    return utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(plan: CarePlan, day: date, at: time, *, late: bool = False) -> datetime:
    """A local wall-clock time as UTC. In the hour that occurs twice `late` takes the second; one that does not exist moves on."""
    return utc(datetime.combine(day, at, plan.tz).replace(fold=int(late)))


def expected_on(days: Days, day: date, calendar: Calendar) -> bool:
    holiday = day in calendar
    weekend = day.weekday() >= 5
    match days:
        case Days.DAILY:
            return True
        case Days.WEEKDAYS:
            return not weekend and not holiday
        case Days.RESTDAYS:
            return weekend or holiday
        case Days.HOLIDAYS:
            return holiday
        case Days.FESTIVALS:
            return day in calendar.festivals


def window_spans(
    plan: CarePlan, window: Window, first: date, last: date, calendar: Calendar
) -> Iterator[tuple[date, datetime, datetime]]:
    """(local date, start, end) of every occurrence that starts on first..last."""
    day = first
    while day <= last:
        if expected_on(window.days, day, calendar):
            ends = day + DAY if window.end <= window.start else day
            yield day, local(plan, day, window.start), local(plan, ends, window.end, late=True)
        day += DAY


def after_quiet(plan: CarePlan, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours it falls in."""
    if plan.quiet is None or plan.quiet.start == plan.quiet.end:
        return at
    here = at.astimezone(plan.tz)
    for day in (here.date() - DAY, here.date()):
        ends = day + DAY if plan.quiet.end <= plan.quiet.start else day
        end = local(plan, ends, plan.quiet.end)
        if local(plan, day, plan.quiet.start) <= at < end:
            return end
    return at
