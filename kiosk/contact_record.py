"""What the contacts say, on record: what lasts is told once, and told to be over, whatever restarts come between."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from domain.events import to_ms
from kiosk.gate.watch import OVER, GateEvent
from offline.journal.journal import Journal

FACTS: Mapping[GateEvent, str] = {
    GateEvent.HELD_OPEN: "gate.held_open",
    GateEvent.SHUT: "gate.held_open_over",
    GateEvent.FORCED: "gate.forced",
    GateEvent.TAMPERED: "gate.tampered",
    GateEvent.TAMPER_OVER: "gate.tamper_over",
    GateEvent.FIRE: "gate.fire",
    GateEvent.FIRE_OVER: "gate.fire_over",
    GateEvent.LOST: "gate.lost",
    GateEvent.BACK: "gate.back",
    GateEvent.STANDS_OPEN: "gate.stands_open",
    GateEvent.STANDS_OPEN_OVER: "gate.stands_open_over",
}
_ENDS = {over: event for event, over in OVER.items()}


class Record(Protocol):
    def __call__(self, kind: str, payload: dict[str, Any], *, at: int) -> None: ...


def told_before(journal: Journal) -> frozenset[GateEvent]:
    """What this gate has told and not told to be over: the power may have gone meanwhile."""
    return frozenset(
        event for event, over in OVER.items() if _last(journal, FACTS[event]) > _last(journal, FACTS[over])
    )


def _last(journal: Journal, kind: str) -> int:
    return max((f.rowid for f in journal.facts(kind) if f.envelope.device == journal.device), default=0)


class ContactRecord:
    """`before` is as `told_before` gives it. One thread: the watch's."""

    def __init__(self, gate_id: str, record: Record, before: frozenset[GateEvent] = frozenset()) -> None:
        self._gate_id, self._record, self._lasts = gate_id, record, set(before)

    def hear(self, event: GateEvent, at: datetime) -> None:
        if event in OVER:
            news = event not in self._lasts
            self._lasts.add(event)
        else:
            ended = _ENDS.get(event)
            news = ended is None or ended in self._lasts
            self._lasts.discard(ended)
        if news and event in FACTS:
            self._record(FACTS[event], {"gate": self._gate_id}, at=to_ms(at))
