"""A desktop's or a hub's own watch while the line to the district is down: it goes on with what it knows, and says *unconfirmed*.

Its incidents have the ids that the district derives too, so both meet when the line is back. It runs no ladder and tells nobody.
A call for help that a hub has heard waits for no line: where the district has not answered it at once, the hub raises it.
"""

from collections import deque
from concurrent.futures import Executor
from datetime import datetime, timedelta

from domain.calendars import ORDINARY, Calendar
from domain.events import from_ms, to_ms
from domain.routine import Routine
from watch.cases import Cases
from watch.evaluation import ALARM_FACTS, BELIEVED_MS, ELDER, Follower, Watch
from watch.falls import CONFIRMED, ROW, SUSPECTED
from watch.learning import Learner
from watch.ledger import Ledger, Seen
from watch.plans import FactPlans
from watch.routines import Routines
from watch.rows import Sql, WatchRows
from watch.signs import GATEWAY_SILENT, KIOSK_FACTS, kiosks

PATIENCE = timedelta(seconds=60)  # a line that is down for less is the district's business
ANSWERED_WITHIN = timedelta(seconds=3)  # by a district that hears of it; over two hubs it takes one
HEARD_HERE = timedelta(seconds=5)  # since its receipt: what comes down from above has been answered, or is history
JUST_NOW = timedelta(minutes=15)  # a line that hangs seems to stand for a while: who called then was not heard above
# as many facts in one tick are the past that is still coming: nobody's days are learned from a part of it
_FILLING = 1000
_ASKED = 20  # elders in a tick
_CALLING = frozenset({*ALARM_FACTS, SUSPECTED, GATEWAY_SILENT})


class Standby:
    """`tick` every few seconds, connected or not."""

    def __init__(
        self,
        ledger: Ledger,
        sql: Sql,
        calendar: Calendar = ORDINARY,
        apart: Executor | None = None,
        hears: bool = False,
    ) -> None:
        """`apart` learns the elders' days; without it they are learned in a tick. `hears`: homes and gates call here."""
        self._ledger, self.rows = ledger, WatchRows(sql)
        self._plans = FactPlans(Learner(ledger, calendar, apart, Routines(sql)))
        self._plans.recall(ledger)
        self.cases = Cases(ledger, self._plans, confirmed=False)
        self.watch = Watch(ledger, self.rows, self._plans, self.cases, calendar)
        self.watch.kiosks = lambda community: kiosks(f for f in ledger.told(KIOSK_FACTS) if f.community == community)
        self._down_since: datetime | None = None
        # what called for somebody, and is the district's to answer if it heard of it
        self._just_now: deque[Seen] = deque()
        # those of them that were heard here and nobody may have answered
        self._hears, self._called = hears, list[Seen]()
        self.watching = False
        self._round: list[str] = []  # whose days are still to be asked about
        self.heedful: list[Follower] = []  # told every fact, whether the district watches or not
        self.watch.followers.append(self._heed)

    def routine(self, elder: str) -> Routine | None:
        """What is known here of somebody's days. Any thread."""
        return self._plans.routine(elder)

    def tick(self, now: datetime, connected: bool) -> int:
        """How many facts and rows were dealt with; 0 while the district watches."""
        self._down_since = None if connected else self._down_since or now
        if self._down_since is None or now - self._down_since < PATIENCE:
            self.watching = False
            if self._skim(now) < _FILLING and connected:
                self._learn_ahead(now)
            within = ANSWERED_WITHIN if connected else timedelta(0)
            if self._hears:  # a suspicion is settled above by now, or nobody there has heard of it
                self.watch.look_at(self.rows.due_of(ROW, to_ms(now - within)), now - within)
            self._raise_unanswered(now, within)
            return 0
        if not self.watching:
            self.watching = True
            for elder, community in self._plans.elders():
                self.rows.set(ELDER, elder, community, to_ms(now))
            self._called.clear()
            while self._just_now:
                self.watch.follow(self._just_now.popleft(), now)
        count = 0
        while moved := self.watch.tick(now):
            count += moved
        return count

    def _learn_ahead(self, now: datetime) -> None:
        """The days of one elder a tick at most, so that everybody's are known when the line goes down."""
        self._plans.fresh()
        for _ in range(_ASKED):
            if not self._round:
                self._round = [elder for elder, _ in self._plans.elders()]
            if not self._round or self._plans.learn_ahead(self._round.pop(), now):
                return

    def _skim(self, now: datetime) -> int:
        """What came down the line was seen by the district: plans, consents and what was done are learned from it, and who
        called now. How many facts came."""
        count = 0
        while self._just_now and self._just_now[0].received < to_ms(now - JUST_NOW):
            self._just_now.popleft()
        while True:
            facts, cursor = self._ledger.since(self.rows.cursor)
            if not facts:
                return count
            count += len(facts)
            for fact in facts:
                self._plans.heed(fact)
                self._heed(fact, now)
                self.cases.heed(fact)  # a press after something was done is no repeat of the one before
                # of what was heard here its time says nothing: the hub may have started by a wrong clock, its line down
                heard = self._hears and abs(now - from_ms(fact.received)) <= HEARD_HERE
                if fact.kind in _CALLING and (heard or _is_new(fact, now)):
                    self._just_now.append(fact)
                    if heard:
                        self._called.append(fact)
            self.rows.advance(cursor)

    def _heed(self, fact: Seen, now: datetime) -> None:
        for follower in self.heedful:
            self.watch.ask(follower, fact, now)

    def _raise_unanswered(self, now: datetime, within: timedelta) -> None:
        """What nobody above has made anything of `within` that time; where somebody has, nothing comes of it."""
        waiting = [
            f for f in self._called if timedelta(0) <= now - from_ms(f.received) < within and not self._has_waited(f)
        ]
        for fact in self._called:
            if fact not in waiting:
                self._just_now = deque(f for f in self._just_now if f is not fact)
                # one that is answered has no repeats here: the next may come after the end of it
                if not self.cases.answered(fact):
                    self.watch.follow(fact, min(now, from_ms(fact.received)))  # as the district counts its repeats
        self._called = waiting

    def _has_waited(self, fact: Seen) -> bool:
        """A fall that was confirmed here was left to the one above first."""
        return fact.kind == CONFIRMED and fact.device == self._ledger.device


def _is_new(fact: Seen, now: datetime) -> bool:
    """Of now, and no part of a history that is read for the first time."""
    stands = not fact.trusted or fact.payload.get("trusted") is False  # its clock says nothing
    return fact.received >= to_ms(now - JUST_NOW) and (stands or fact.at >= to_ms(now) - BELIEVED_MS)
