"""Calls to the guard as facts: the desktop hears of them on the stream, and what it answers comes back the same way."""

from collections.abc import Callable
from typing import Any

from kiosk.screens.model import CallChanged, CallState, EndCall, Event, RingNext, StartCall
from offline.journal import Journal
from offline.projections import StoredFact

STARTED, RANG, ENDED = "call.started", "call.rang", "call.ended"
_STATES = {"call.answered": CallState.ANSWERED, "call.refused": CallState.REFUSED}


class JournalCalls:
    """`online` tells whether anybody can hear; `record` keeps a fact and hurries it on."""

    def __init__(
        self,
        journal: Journal,
        gate_id: str,
        record: Callable[[str, dict[str, Any]], None],
        online: Callable[[], bool],
        post: Callable[[Event], None],
    ) -> None:
        self._gate_id, self._record, self._online, self._post = gate_id, record, online, post
        journal.on_change(self._heard)

    def take(self, what: StartCall | RingNext | EndCall) -> None:
        """Ring, ring the next, or hang up; returns at once."""
        match what:
            case StartCall(call_id):
                self._record(STARTED, {"call": call_id, "gate": self._gate_id})
                if not self._online():
                    self._post(CallChanged(call_id, CallState.LOST))
            case RingNext(call_id, rung):
                self._record(RANG, {"call": call_id, "gate": self._gate_id, "rung": rung})
            case EndCall(call_id):
                self._record(ENDED, {"call": call_id, "gate": self._gate_id})

    def _heard(self, facts: list[StoredFact]) -> None:
        for fact in facts:
            state = _STATES.get(fact.envelope.kind)
            if state is not None and fact.payload is not None:
                self._post(CallChanged(str(fact.payload["call"]), state))
