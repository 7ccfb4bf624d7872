"""The learned rule as it was on every day of the past: taught anew each night from what was known by then."""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from domain.routine import HOUR, MIN_DAYS, WINDOW, Doors, Routine, is_rest, learn, silences, wall_hours
from domain.signals import SignOfLife
from domain.watched import Span

NIGHT = 3.0  # h after midnight: when the routine is learned anew
NEVER = timedelta(days=365)  # what is allowed while too little was seen


class Retaught:
    """A rule for `domain.checkins.assess` that never knows more than was known on the night before each sign."""

    def __init__(
        self,
        signs: Iterable[SignOfLife],
        zone: str,
        budget: float,
        *,
        ignore: Sequence[Span] = (),
        holidays: Container[date] = frozenset(),
        min_days: int = MIN_DAYS,
        teach: Callable[..., Routine | None] = learn,
        days: int = 1,
    ) -> None:
        """`days`: learn anew every so many nights only, where speed counts more."""
        signs = list(signs)
        self._gaps = silences(signs, zone, ignore=ignore, holidays=holidays)
        self._ends = [g.start + g.hours for g in self._gaps]
        self._at_door, self._zone, self._holidays = Doors(signs), ZoneInfo(zone), holidays
        self._teach = partial(teach, zone=zone, budget=budget, min_days=min_days)
        self._days = days
        self._known: dict[int, Routine | None] = {}

    def routine(self, wall: float) -> Routine | None:
        """What was known on the wall clock at `wall` (hours since 1970)."""
        night = int((wall - NIGHT) // 24)
        night -= night % self._days
        if night not in self._known:
            now = night * 24 + NIGHT
            known = self._gaps[: bisect_right(self._ends, now)]
            self._known[night] = self._teach([g for g in known if g.start >= now - WINDOW / HOUR])
        return self._known[night]

    def by_now(self) -> Routine | None:
        """What is known when everything has been heard that there is."""
        return self._teach([g for g in self._gaps if g.start >= self._ends[-1] - WINDOW / HOUR])

    def __call__(self, sign: SignOfLife) -> datetime:
        here = sign.at.astimezone(self._zone)
        wall = wall_hours(here)
        routine = self.routine(wall)
        if routine is None:
            return sign.at + NEVER
        return sign.at + routine.allowed(wall, self._at_door(sign.at), is_rest(here.date(), self._holidays)) * HOUR
