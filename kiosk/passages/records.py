"""What the kiosk records, written on a thread of its own: a slow disk never keeps anybody standing before an open gate."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


class Records:
    """`recorded` is told after each durable fact; a disk that fails becomes a Fault, and so does its recovery."""

    def __init__(
        self, journal: Journal, gate_id: str, tell: Callable[[Event], None], recorded: Callable[[], None]
    ) -> None:
        self._journal, self._gate_id, self._tell, self._recorded = journal, gate_id, tell, recorded
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._failed = False

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
        self._thread.submit(self._append, kind, payload, subject, at)

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown(wait=True)

    def _append(self, kind: str, payload: dict[str, Any], subject: str | None, at: int | None) -> None:
        try:
            self._journal.append(kind, payload, subject=subject, at=at)
        except Mendable as e:
            log.error("not recorded: %s %s: %s", kind, payload, e)
            self._failed = True
            self._tell(Fault(Part.STORAGE, e.code, e.details))
            return
        except Exception:
            log.exception("not recorded: %s %s", kind, payload)
            return
        if self._failed:
            self._failed = False
            self._tell(Fault(Part.STORAGE))
        self._recorded()
