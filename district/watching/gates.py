"""What the gates themselves raise: a visitor whom nobody answered, a door forced or left open, a relay that does not answer, fire,
somebody on the block list. Incidents of the gate, of no elder.

The stream rings a call on every desk at once and the kiosk rings the next person; what is not answered within `UNANSWERED` becomes
an incident, so that the ladder calls those who are away from their desks.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.events import from_ms
from domain.incident import incident_id
from domain.incident_kinds import Kind, Severity
from domain.subjects import of_gate
from offline.letters.block_list import NOTICED
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen, said_before
from watch.rows import Due, WatchRows

STARTED, ANSWERED, REFUSED, ENDED = "call.started", "call.answered", "call.refused", "call.ended"
UNANSWERED = timedelta(seconds=30)
ROW, LASTING_ROW = "gate_call", "gate_lasting"
KEPT = 1000
ALARMS: Mapping[str, Kind] = {
    "gate.tampered": Kind.TAMPER,
    "gate.forced": Kind.TAMPER,
    "gate.faces_lost": Kind.GATE_TROUBLE,
    "gate.stands_open": Kind.GATE_TROUBLE,
    "gate.fire": Kind.GATE_TROUBLE,
    "gate.self_test_failed": Kind.GATE_TROUBLE,
    "gate.records_lost": Kind.GATE_TROUBLE,
    NOTICED: Kind.GATE_NOTICE,
}
# What calls somebody once it has lasted: what ends it, and how long (somebody carries a sofa in; a board is restarted).
LASTING: Mapping[str, tuple[str, timedelta]] = {
    "gate.held_open": ("gate.held_open_over", timedelta(minutes=5)),
    "gate.lost": ("gate.back", timedelta(minutes=1)),
}
OVER = {over: kind for kind, (over, _) in LASTING.items()} | {
    "gate.faces_back": "gate.faces_lost",
    "gate.stands_open_over": "gate.stands_open",
    "gate.fire_over": "gate.fire",
    "gate.self_test_right_again": "gate.self_test_failed",
}
TROUBLES = frozenset(OVER.values())
# Rings the desks and climbs within minutes: people stand before a gate that nothing opens, and where it burns elders live. What
# leaves a way in, or the gate open, waits for a technician.
URGENT = frozenset({"gate.lost", "gate.fire"})


class Gates:
    """`follow` is told every fact, `look` is asked when a call has rung for long enough. One thread."""

    def __init__(self, ledger: Ledger, rows: WatchRows, cases: Cases) -> None:
        self._ledger, self._rows, self._cases = ledger, rows, cases
        self._calls: OrderedDict[str, Seen] = OrderedDict()  # how the newest calls began
        self._lasts: dict[str, Seen] = {}  # how what is to be looked at again began, by its row
        self._newest: dict[str, Seen] = {}  # what was said last of a trouble, by the same, in this run

    def follow(self, fact: Seen, now: datetime) -> None:
        call, gate = str(fact.payload.get("call", "")), str(fact.payload.get("gate", ""))
        if self._is_old(fact):
            return
        if fact.kind == STARTED and call and gate:
            self._calls[call] = fact
            while len(self._calls) > KEPT:
                self._calls.popitem(last=False)
            self._rows.set(ROW, call, fact.community, fact.received + UNANSWERED // timedelta(milliseconds=1))
        elif fact.kind in (ANSWERED, REFUSED, ENDED) and call and not self._rows.drop(ROW, call):
            self._note(fact, call, now)
        elif fact.kind in ALARMS and gate:
            self._raise(ALARMS[fact.kind], _rule(fact.kind), fact, fact.id, gate, now)
        elif fact.kind in LASTING and gate:
            key, lasts = _key(fact, fact.kind), LASTING[fact.kind][1]
            self._lasts[key] = fact
            self._rows.set(LASTING_ROW, key, fact.community, fact.received + lasts // timedelta(milliseconds=1))
        elif fact.kind in OVER and gate:
            key = _key(fact, OVER[fact.kind])
            self._lasts.pop(key, None)
            if not self._rows.drop(LASTING_ROW, key):
                self._over(fact, of_gate(gate), now)

    def _is_old(self, fact: Seen) -> bool:
        """Whether the same device has said more of the same trouble since: what a gate had to send again ends or begins nothing
        newer. Of one that took another's place the clock may be behind."""
        kind = OVER.get(fact.kind, fact.kind)
        if kind not in TROUBLES:
            return False
        key = _key(fact, kind)
        newest = self._newest.get(key)
        if newest is not None and newest.device == fact.device and said_before(fact, newest):
            return True
        self._newest[key] = fact
        return False

    def look(self, row: Due, now: datetime) -> datetime | None:
        """Nobody answered this call in time."""
        started = self._began(row.key, row.community)
        if started is not None:
            self._raise(Kind.GATE_CALL, ROW, started, row.key, str(started.payload.get("gate", "")), now)
        return None

    def look_again(self, row: Due, now: datetime) -> datetime | None:
        """It has lasted: the door stands open, the relay does not answer."""
        kind = row.key.split("|", 1)[0]
        began = self._lasts.pop(row.key, None)
        if began is None:  # told before a restart
            began = next((f for f in reversed(self._ledger.told((kind,))) if _key(f, kind) == row.key), None)
        if began is not None:
            self._raise(Kind.GATE_TROUBLE, _rule(kind), began, began.id, str(began.payload["gate"]), now)
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
        if fact.kind in TROUBLES:
            detail["trouble"] = fact.kind.partition(".")[2]
        if kind is Kind.GATE_NOTICE:
            detail |= {"about": fact.subject, **{key: fact.payload.get(key) for key in ("ruling", "method", "opened")}}
        severity = Severity.P2 if fact.kind in URGENT else None
        alarm = Alarm(of_gate(gate), kind, rule, occurrence, fact.id, happened, detail, severity=severity)
        self._cases.raise_(alarm, fact.community, now)

    def _over(self, fact: Seen, subject: str, now: datetime) -> None:
        """The gate sees again, is shut again, answers again: told to those who are on their way; somebody still looks at it."""
        for incident in self._cases.of(subject, now):
            if incident.open and incident.kind is Kind.GATE_TROUBLE and incident.rule == _rule(OVER[fact.kind]):
                detail = {"reason": fact.kind.replace(".", "_"), "over": True, "tells": True}
                self._cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)

    def _note(self, fact: Seen, call: str, now: datetime) -> None:
        """A call that had become an incident was answered after all, or the visitor left: told to those who are on their way."""
        started = self._began(call, fact.community)
        if started is None:
            return
        subject = of_gate(str(started.payload.get("gate", "")))
        for incident in self._cases.of(subject, now):
            if incident.open and incident.id == incident_id(subject, ROW, call):
                detail = {"reason": fact.kind.replace(".", "_"), "tells": True}
                self._cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)


def _key(fact: Seen, kind: str) -> str:
    """The row under which a gate's trouble of this kind is looked at again."""
    return f"{kind}|{fact.community}|{fact.payload.get('gate')}"


def _rule(kind: str) -> str:
    """What makes a trouble at a gate one of its own; a gate stands open because no face is recognised."""
    return "faces_lost" if kind == "gate.stands_open" else kind.partition(".")[2]
