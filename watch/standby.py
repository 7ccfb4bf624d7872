"""A desktop's own watch while the line to the district is down: it goes on with what it knows, and says *unconfirmed*.

Its incidents have the ids that the district derives too, so both meet when the line is back. It runs no ladder and tells nobody.
"""

from collections.abc import Container
from datetime import date, datetime, timedelta

from domain.events import to_ms
from watch.cases import Cases
from watch.evaluation import ELDER, Watch
from watch.learning import Learner
from watch.ledger import Ledger
from watch.plans import FactPlans
from watch.rows import Sql, WatchRows
from watch.signs import KIOSK_SILENT, silent_kiosks

PATIENCE = timedelta(seconds=60)  # a line that is down for less is the district's business


class Standby:
    """`tick` every few seconds, connected or not."""

    def __init__(self, ledger: Ledger, sql: Sql, holidays: Container[date] = frozenset()) -> None:
        self._ledger, self._rows = ledger, WatchRows(sql)
        self._plans = FactPlans(Learner(ledger, holidays))
        self._plans.recall(ledger)
        cases = Cases(ledger, self._plans, confirmed=False)
        self._watch = Watch(ledger, self._rows, self._plans, cases, holidays)
        self._watch.kiosks = lambda _community: silent_kiosks(ledger.told((KIOSK_SILENT,)))
        self._down_since: datetime | None = None
        self.watching = False

    def tick(self, now: datetime, connected: bool) -> int:
        """How many facts and rows were dealt with; 0 while the district watches."""
        if connected:
            self._down_since, self.watching = None, False
            self._skim()
            return 0
        self._down_since = self._down_since or now
        if now - self._down_since < PATIENCE:
            return 0
        if not self.watching:
            self.watching = True
            for elder, community in self._plans.elders():
                self._rows.set(ELDER, elder, community, to_ms(now))
        return self._watch.tick(now)

    def _skim(self) -> None:
        """What came down the line was seen by the district: only plans and consents are learned from it."""
        while True:
            facts, cursor = self._ledger.since(self._rows.cursor)
            if not facts:
                return
            for fact in facts:
                self._plans.heed(fact)
            self._rows.advance(cursor)
