"""What was learned of each elder's days, kept for a day: the routine is folded from 90 days of signs, which takes a while.

A home that is heard a thousand times a day takes a second, and a large district minutes: what was known stands until it is learned
anew, after a restart too, and is learned beside the watch, where there is somebody to do it, for an alarm must not wait behind a
routine.
"""

import logging
from collections import deque
from collections.abc import Collection, Container, Iterator
from concurrent.futures import Executor
from datetime import date, datetime, timedelta

from domain.careplan import CarePlan
from domain.events import to_ms
from domain.routine import WINDOW, Routine, learn, silences
from domain.signals import SignOfLife
from domain.silences import Learned
from domain.watched import unseen
from domain.windows import utc
from watch.ledger import Ledger
from watch.outages import unheard
from watch.routines import Known, Routines
from watch.signs import SIGN_FACTS, SOURCE_FACTS, sign_of_life, sources

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)
AFTER_FAILURE = timedelta(minutes=5)
DOORS = timedelta(days=3)  # of a silence that is still going on, what happened at the door before it


class Learner:
    """Learns anew once a day and after every change of the plan: at once, or by `apart`, and then what was known stands meanwhile.
    What it knows is kept in `kept`, where there is one. Asked by one thread."""

    def __init__(
        self,
        ledger: Ledger,
        holidays: Container[date] = frozenset(),
        apart: Executor | None = None,
        kept: Routines | None = None,
    ) -> None:
        self._ledger, self._holidays, self._apart, self._kept = ledger, holidays, apart, kept
        self._known: dict[str, Known] = {} if kept is None else kept.all()
        self._under_way: set[str] = set()
        self._fresh: deque[str] = deque()

    def __call__(self, plan: CarePlan, now: datetime, community: str = "") -> Learned | None:
        """The rule for `domain.checkins.assess`; None while too little was seen, or it was not learned yet."""
        self.renew(plan, now, community)
        routine = self.routine(plan.elder)
        return None if routine is None else routine.learned(self._signs(plan, now - DOORS, now), self._holidays)

    def renew(self, plan: CarePlan, now: datetime, community: str = "") -> bool:
        """Learn anew where what is known is a day old or of another plan; whether that was begun. `community`: whose plan it is."""
        elder = plan.elder
        known = self._known.get(elder)
        holds = known is not None and known.begin <= now <= known.end and known.revision == plan.revision
        if holds or elder in self._under_way:
            return False
        self._under_way.add(elder)
        if self._apart is None:
            self._renew(plan, now, community)
        else:
            self._apart.submit(self._renew, plan, now, community).add_done_callback(lambda _: self._fresh.append(elder))
        return True

    def routine(self, elder: str) -> Routine | None:
        """What is known of somebody's days, however old. Any thread."""
        known = self._known.get(elder)
        return None if known is None else known.routine

    def learned_at(self, elder: str) -> datetime | None:
        known = self._known.get(elder)
        return None if known is None else known.begin

    def fresh(self) -> Iterator[str]:
        """Whose days were learned beside the watch since this was last asked."""
        while self._fresh:
            yield self._fresh.popleft()

    def keep_only(self, elders: Collection[str]) -> None:
        """Forget everybody else: erased, or of a community that is no longer served here."""
        gone = self._known.keys() - set(elders)
        for elder in gone:
            del self._known[elder]
        if self._kept is not None:
            self._kept.forget(gone)

    def _renew(self, plan: CarePlan, now: datetime, community: str) -> None:
        elder = plan.elder
        try:
            routine, until = self._learn(plan, now, community), now + AGAIN
        except Exception:  # what was known stands; one home's days keep no other's waiting
            log.exception("could not learn the days of %s", elder)
            routine, until = self.routine(elder), now + AFTER_FAILURE
        known = self._known[elder] = Known(now, until, plan.revision, routine)
        try:
            if self._kept is not None:
                self._kept.keep(elder, known)
        except Exception:  # it holds as long as this program runs
            log.exception("could not keep what was learned of the days of %s", elder)
        finally:
            self._under_way.discard(elder)

    def _learn(self, plan: CarePlan, now: datetime, community: str) -> Routine | None:
        if plan.false_alarms_per_day <= 0:
            return None
        since = now - WINDOW
        signs = self._signs(plan, since, now)
        blind = unseen(s for s in sources(self._ledger.about(plan.elder, SOURCE_FACTS), signs) if s.yields)
        away = [(utc(a.start), utc(a.end or now)) for a in plan.away]
        ignore = [*blind, *away, *unheard(self._ledger, community, plan.elder, since)]
        found = silences(signs, plan.zone, ignore=ignore, holidays=self._holidays)
        return learn(found, plan.zone, plan.false_alarms_per_day)

    def _signs(self, plan: CarePlan, since: datetime, now: datetime) -> list[SignOfLife]:
        facts = self._ledger.about(plan.elder, tuple(SIGN_FACTS), to_ms(since))
        found = (sign_of_life(fact) for fact in facts)
        return [s for s in found if s is not None and s.trusted and s.at <= now and plan.admits(s)]
