"""What was learned of each elder's days, kept for a day: the routine is folded from 90 days of signs, which takes a while.

A home that is heard a thousand times a day takes a second, and after a restart every home is learned anew: beside the watch,
where there is somebody to do it, for an alarm must not wait behind a routine.
"""

import logging
from collections import deque
from collections.abc import Container, Iterator
from concurrent.futures import Executor
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

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)
AFTER_FAILURE = timedelta(minutes=5)
DOORS = timedelta(days=3)  # of a silence that is still going on, what happened at the door before it


class Learner:
    """Learns anew once a day and after every change of the plan: at once, or by `apart`, and then what was known stands meanwhile.
    Asked by one thread."""

    def __init__(self, ledger: Ledger, holidays: Container[date] = frozenset(), apart: Executor | None = None) -> None:
        self._ledger, self._holidays, self._apart = ledger, holidays, apart
        # until when what is known holds, of which plan, and what it is
        self._known: dict[str, tuple[datetime, datetime, int, Routine | None]] = {}
        self._under_way: set[str] = set()
        self._fresh: deque[str] = deque()

    def __call__(self, plan: CarePlan, now: datetime) -> Learned | None:
        """The rule for `domain.checkins.assess`; None while too little was seen, or it was not learned yet."""
        elder = plan.elder
        begin, end, revision, _ = self._known.get(elder, (now, now, -1, None))
        if not (begin <= now <= end and revision == plan.revision) and elder not in self._under_way:
            self._under_way.add(elder)
            if self._apart is None:
                self._renew(plan, now)
            else:
                self._apart.submit(self._renew, plan, now).add_done_callback(lambda _: self._fresh.append(elder))
        routine = self._known[elder][-1] if elder in self._known else None
        return None if routine is None else routine.learned(self._signs(plan, now - DOORS, now), self._holidays)

    def fresh(self) -> Iterator[str]:
        """Whose days were learned beside the watch since this was last asked."""
        while self._fresh:
            yield self._fresh.popleft()

    def _renew(self, plan: CarePlan, now: datetime) -> None:
        try:
            self._known[plan.elder] = (now, now + AGAIN, plan.revision, self._learn(plan, now))
        except Exception:  # what was known stands; one home's days keep no other's waiting
            log.exception("could not learn the days of %s", plan.elder)
            *_, routine = self._known.get(plan.elder, (None,))
            self._known[plan.elder] = (now, now + AFTER_FAILURE, plan.revision, routine)
        finally:
            self._under_way.discard(plan.elder)

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
