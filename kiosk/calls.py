"""Calls to the guard as facts: the desktop hears of them on the stream, and what it answers comes back the same way."""

from collections.abc import Callable

from kiosk.screens.model import CallChanged, CallState, Event
from offline.journal import Journal
from offline.projections import StoredFact

STARTED, RANG, ENDED = "call.started", "call.rang", "call.ended"
_STATES = {"call.answered": CallState.ANSWERED, "call.refused": CallState.REFUSED}


class JournalCalls:
    """Implements kiosk.hands.Calls. `online` tells whether anybody can hear; `hurry` makes the line carry a fact at once."""

    def __init__(
        self,
        journal: Journal,
        gate_id: str,
        online: Callable[[], bool],
        hurry: Callable[[], None],
        post: Callable[[Event], None],
    ) -> None:
        self._journal, self._gate_id, self._online, self._hurry, self._post = journal, gate_id, online, hurry, post
        journal.on_change(self._heard)

    def start(self, call_id: str, at: int) -> None:
        self._record(STARTED, call_id, 0, at)
        if not self._online():
            self._post(CallChanged(call_id, CallState.LOST))

    def ring_next(self, call_id: str, rung: int) -> None:
        self._record(RANG, call_id, rung)

    def end(self, call_id: str) -> None:
        self._record(ENDED, call_id, 0)

    def _record(self, kind: str, call_id: str, rung: int, at: int | None = None) -> None:
        self._journal.append(kind, {"call": call_id, "gate": self._gate_id, "rung": rung}, at=at)
        self._hurry()

    def _heard(self, facts: list[StoredFact]) -> None:
        for fact in facts:
            state = _STATES.get(fact.envelope.kind)
            if state is not None and fact.payload is not None:
                self._post(CallChanged(str(fact.payload["call"]), state))
