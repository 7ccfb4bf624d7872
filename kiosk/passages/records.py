"""What the kiosk records, written on a thread of its own: a slow disk never keeps anybody standing before an open gate."""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Mendable
from domain.events import to_ms
from kiosk.passages.facts import PASSAGE, WELL, passage_payload, passage_subject
from kiosk.visit.effects import GiveCard, NotifyStaff, Recorded, RecordPassage, ReportWell
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Part
from offline.journal.journal import Journal
from offline.letters.access_orders import CARD_ISSUED
from offline.letters.block_list import NOTICED

log = logging.getLogger(__name__)


RETRY_S = 10.0
MOST_WAITING = 10_000  # some 10 MB; after that the oldest are lost
LOST = "gate.records_lost"  # {gate, count, first, last}: so many facts of the gate are nowhere, of between these times (ms)
OF_NOW = "call."  # what is said of a call is of no use to anybody later, and waits behind nothing


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fact on its way into the journal."""

    kind: str
    payload: dict[str, Any] = field(repr=False)
    subject: str | None
    at: int


class Records:
    """`recorded` is told after each durable fact; a disk that fails becomes a Fault, and so does its recovery.

    Meanwhile facts wait in memory, in their order. Of those that are lost all the same (too many, or nothing the journal takes) a
    fact says how many there were, and of when.
    """

    def __init__(
        self,
        journal: Journal,
        gate_id: str,
        tell: Callable[[Event], None],
        recorded: Callable[[], None],
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._journal, self._gate_id, self._tell, self._recorded = journal, gate_id, tell, recorded
        self._now_ms, self._most = now_ms, most_waiting
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._waiting: deque[Waiting] = deque()
        self._lost: list[int] = []  # when what is lost was
        self._failed = self._closed = False

    def take(self, what: Recorded) -> None:
        """Record what a visit says; returns at once."""
        match what:
            case RecordPassage():
                self.add(PASSAGE, passage_payload(what, self._gate_id), passage_subject(what), to_ms(what.at))
            case ReportWell(person, method, at):
                self.add(WELL, {"gate": self._gate_id, "method": method.value}, person, to_ms(at))
            case NotifyStaff(ruling, person, method, at, opened):
                told = {"gate": self._gate_id, "ruling": ruling.value, "method": method.value, "opened": opened}
                self.add(NOTICED, told, person or None, to_ms(at))
            case GiveCard(person, card, staff):
                self.add(CARD_ISSUED, {"digest": card, "by": staff}, person)

    def add(self, kind: str, payload: dict[str, Any], subject: str | None = None, at: int | None = None) -> None:
        """Record any fact of this gate; returns at once."""
        self._thread.submit(self._take, Waiting(kind, payload, subject, self._now_ms() if at is None else at))

    def retry(self) -> None:
        """Record what waits, if the disk takes it by now; called now and then."""
        if (self._waiting or self._lost) and not self._closed:
            self._thread.submit(self._write)

    def close(self) -> None:
        """Finish what was begun."""
        self.retry()
        self._closed = True
        self._thread.shutdown(wait=True)
        if not self.whole:
            log.critical("the disk took neither %d facts nor word of %d others", len(self._waiting), len(self._lost))

    @property
    def whole(self) -> bool:
        """Whether everything is on record."""
        return not self._waiting and not self._lost

    def _take(self, fact: Waiting) -> None:
        if fact.kind.startswith(OF_NOW):
            if not self._append(fact):
                self._lost.append(fact.at)
            return
        self._waiting.append(fact)
        if len(self._waiting) > self._most:
            self._lost.append(self._waiting.popleft().at)
        self._write()

    def _write(self) -> None:
        while self._waiting and self._append(self._waiting[0]):
            self._waiting.popleft()
        if self._waiting or not self._lost:
            return
        told = {"gate": self._gate_id, "count": len(self._lost), "first": min(self._lost), "last": max(self._lost)}
        if self._append(Waiting(LOST, told, None, self._now_ms())):
            self._lost.clear()

    def _append(self, fact: Waiting) -> bool:
        """False where it has to wait; what the journal never takes is lost at once, and holds up nobody else's."""
        try:
            self._journal.append(fact.kind, fact.payload, subject=fact.subject, at=fact.at)
        except Mendable as e:
            if not self._failed:
                log.error("waits to be recorded: %s: %s", fact, e)
                self._tell(Fault(Part.STORAGE, e.code, e.details))
            self._failed = True
            return False
        except Exception:
            log.exception("not recorded: %s %s", fact, fact.payload)
            self._lost.append(fact.at)
            return True
        if self._failed:
            self._failed = False
            self._tell(Fault(Part.STORAGE))
        self._recorded()
        return True
