"""Calls from the gate as facts: who rings, who answered, how it ended. No Qt.

Answering and refusing are facts that the kiosk hears on its stream. Opening is not among them: that has to be signed by the person,
bound to the call and to the kiosk's nonce, and is never queued.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from caregiver.reading import Reader
from domain.events import from_ms, to_ms
from offline.journal import Journal

STARTED, RANG, ENDED = "call.started", "call.rang", "call.ended"
ANSWERED, REFUSED = "call.answered", "call.refused"
FORGOTTEN_AFTER = timedelta(minutes=5)  # the kiosk shows the telephone number long before
REASONS = ("visitor_unknown", "not_expected", "handled_by_phone", "mistake")


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    gate: str
    since: datetime
    answered_by: str = ""

    @property
    def ringing(self) -> bool:
        return not self.answered_by


class Calls:
    def __init__(
        self, journal: Journal, reader: Reader, by: str, poke: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._journal, self._reader, self._by, self._poke, self._now = journal, reader, by, poke, now

    def going_on(self) -> list[Call]:
        """Calls that ring or were answered and have not ended, the oldest first."""
        since = to_ms(self._now() - FORGOTTEN_AFTER)
        rows = self._reader.rows(
            "SELECT f.kind, f.at, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid"
            " WHERE f.kind >= 'call.' AND f.kind < 'call/' AND f.at >= ? ORDER BY f.rowid",
            (since,),
        )
        calls: dict[str, Call] = {}
        over: set[str] = set()
        for kind, at, body in rows:
            told = json.loads(body or b"{}")
            id = str(told.get("call", ""))
            if kind == STARTED:
                calls.setdefault(id, Call(id, str(told.get("gate", "")), from_ms(at)))
            elif kind in (ENDED, REFUSED):
                over.add(id)
            elif kind == ANSWERED and id in calls and calls[id].ringing:
                calls[id] = replace(calls[id], answered_by=str(told.get("by", "")))
        return [call for id, call in calls.items() if id not in over]

    def answer(self, call: str) -> None:
        """Say that somebody looks; the first who answers has it."""
        self._tell(ANSWERED, call)

    def refuse(self, call: str, reason: str) -> None:
        """Do not open, and keep why."""
        self._tell(REFUSED, call, reason=reason)

    def _tell(self, kind: str, call: str, **more: str) -> None:
        self._journal.append(kind, {"call": call, "by": self._by, **more})
        self._poke()
