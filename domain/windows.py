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


def expected_from(plan: CarePlan, window: Window) -> datetime | None:
    """The earliest start of a window that anybody is awaited in; None for ever."""
    return max((at for at in (plan.since, window.first or window.since) if at), default=None)


def still_awaited(
    before: tuple[CarePlan, Window], after: tuple[CarePlan, Window], now: datetime, calendar: Calendar
) -> datetime | None:
    """Where the hours of a window are moved, from when on a sign answers the one that has begun by `now` and is expected all the
    same: today's check is moved with them and not called off. None: what was agreed is expected from its next start on.

    It overlaps the one that stood there before, whose signs answer it too; and either its deadline is to come, or that one's was.
    """
    (plan, old), (moved, new) = before, after
    today = now.astimezone(plan.tz).date()
    days, begun = (today - 2 * DAY, today), expected_from(plan, old)
    stood = [s for s in window_spans(plan, old, *days, calendar) if begun is None or s[1] >= begun]
    for _, start, end in window_spans(moved, new, *days, calendar):
        for _, first, last in stood:
            to_come = now < end + new.grace or now < last + old.grace
            if start <= now and first < end and start < last and to_come:
                return min(start, first)
    return None


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
