"""What the gates themselves raise: a visitor whom nobody answered, a door forced, somebody on the block list. Incidents of the
gate, of no elder.

The stream rings a call on every desk at once and the kiosk rings the next person; what is not answered within `UNANSWERED` becomes
an incident, so that the ladder calls those who are away from their desks.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.events import from_ms
from domain.incident import incident_id
from domain.incident_kinds import Kind
from domain.subjects import of_gate
from offline.block_list import NOTICED
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen
from watch.rows import Due, WatchRows

STARTED, ANSWERED, REFUSED, ENDED = "call.started", "call.answered", "call.refused", "call.ended"
UNANSWERED = timedelta(seconds=30)
ROW = "gate_call"
KEPT = 1000
ALARMS: Mapping[str, Kind] = {
    "gate.tampered": Kind.TAMPER,
    "gate.forced": Kind.TAMPER,
    "gate.faces_lost": Kind.GATE_TROUBLE,
    "gate.stands_open": Kind.GATE_TROUBLE,
    NOTICED: Kind.GATE_NOTICE,
}
OVER = frozenset({"gate.faces_back", "gate.stands_open_over"})


class Gates:
    """`follow` is told every fact, `look` is asked when a call has rung for long enough. One thread."""

    def __init__(self, ledger: Ledger, rows: WatchRows, cases: Cases) -> None:
        self._ledger, self._rows, self._cases = ledger, rows, cases
        self._calls: OrderedDict[str, Seen] = OrderedDict()  # how the newest calls began

    def follow(self, fact: Seen, now: datetime) -> None:
        call, gate = str(fact.payload.get("call", "")), str(fact.payload.get("gate", ""))
        if fact.kind == STARTED and call and gate:
            self._calls[call] = fact
            while len(self._calls) > KEPT:
                self._calls.popitem(last=False)
            self._rows.set(ROW, call, fact.community, fact.received + UNANSWERED // timedelta(milliseconds=1))
        elif fact.kind in (ANSWERED, REFUSED, ENDED) and call and not self._rows.drop(ROW, call):
            self._note(fact, call, now)
        elif fact.kind in ALARMS and gate:
            self._raise(ALARMS[fact.kind], fact.kind.partition(".")[2], fact, fact.id, gate, now)
        elif fact.kind in OVER and gate:
            self._over(fact, of_gate(gate), now)

    def look(self, row: Due, now: datetime) -> datetime | None:
        """Nobody answered this call in time."""
        started = self._began(row.key, row.community)
        if started is not None:
            self._raise(Kind.GATE_CALL, ROW, started, row.key, str(started.payload.get("gate", "")), now)
        return None

    def _began(self, call: str, community: str) -> Seen | None:
        """How a call began: remembered, or read again after a restart."""
        known = self._calls.get(call)
        for fact in [known] if known is not None else self._ledger.told((STARTED,)):
            if fact.payload.get("call") == call and fact.community == community:
                return fact
        return None

    def _raise(self, kind: Kind, rule: str, fact: Seen, occurrence: str, gate: str, now: datetime) -> None:
        happened = from_ms(min(fact.at, fact.received))
        detail: dict[str, Any] = {"gate": gate, "place": gate, "signal": fact.id}
        if kind is Kind.GATE_NOTICE:
            detail |= {"about": fact.subject, **{key: fact.payload.get(key) for key in ("ruling", "method", "opened")}}
        self._cases.raise_(Alarm(of_gate(gate), kind, rule, occurrence, fact.id, happened, detail), fact.community, now)

    def _over(self, fact: Seen, subject: str, now: datetime) -> None:
        """The gate sees again, or is shut again: told to those who are on their way; somebody still looks at it."""
        for incident in self._cases.of(subject, now):
            if incident.open and incident.kind is Kind.GATE_TROUBLE:
                detail = {"reason": fact.kind.replace(".", "_")}
                self._cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)

    def _note(self, fact: Seen, call: str, now: datetime) -> None:
        """A call that had become an incident was answered after all, or the visitor left: told to those who are on their way."""
        started = self._began(call, fact.community)
        if started is None:
            return
        subject = of_gate(str(started.payload.get("gate", "")))
        for incident in self._cases.of(subject, now):
            if incident.open and incident.id == incident_id(subject, ROW, call):
                detail = {"reason": fact.kind.replace(".", "_")}
                self._cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)
