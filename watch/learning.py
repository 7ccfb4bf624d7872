"""What was learned of each elder's days, kept for a day: the routine is folded from 90 days of signs, which takes a while."""

from collections.abc import Container
from datetime import date, datetime, timedelta

from domain.careplan import CarePlan
from domain.checkins import Learned
from domain.events import to_ms
from domain.routine import WINDOW, Routine, learn, silences
from domain.signals import SignOfLife
from domain.watched import unseen
from domain.windows import utc
from watch.ledger import Ledger
from watch.signs import SIGN_FACTS, SOURCE_FACTS, sign_of_life, sources

AGAIN = timedelta(days=1)
DOORS = timedelta(days=3)  # of a silence that is still going on, what happened at the door before it


class Learner:
    """Learns anew once a day and after every change of the plan. One thread."""

    def __init__(self, ledger: Ledger, holidays: Container[date] = frozenset()) -> None:
        self._ledger, self._holidays = ledger, holidays
        self._known: dict[str, tuple[datetime, int, Routine | None]] = {}

    def __call__(self, plan: CarePlan, now: datetime) -> Learned | None:
        """The rule for `domain.checkins.assess`; None while too little was seen."""
        at, revision, routine = self._known.get(plan.elder, (None, 0, None))
        if at is None or now - at > AGAIN or now < at or revision != plan.revision:
            routine = self._learn(plan, now)
            self._known[plan.elder] = (now, plan.revision, routine)
        return None if routine is None else routine.learned(self._signs(plan, now - DOORS, now), self._holidays)

    def _learn(self, plan: CarePlan, now: datetime) -> Routine | None:
        if plan.false_alarms_per_day <= 0:
            return None
        since = now - WINDOW
        signs = self._signs(plan, since, now)
        blind = unseen(s for s in sources(self._ledger.about(plan.elder, SOURCE_FACTS), signs) if s.yields)
        away = [(utc(a.start), utc(a.end or now)) for a in plan.away]
        found = silences(signs, plan.zone, ignore=[*blind, *away], holidays=self._holidays)
        return learn(found, plan.zone, plan.false_alarms_per_day)

    def _signs(self, plan: CarePlan, since: datetime, now: datetime) -> list[SignOfLife]:
        facts = self._ledger.about(plan.elder, tuple(SIGN_FACTS), to_ms(since))
        found = (sign_of_life(fact) for fact in facts)
        return [s for s in found if s is not None and s.trusted and s.at <= now and plan.admits(s)]
