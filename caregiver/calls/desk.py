"""Calls from the gate as facts: who rings, who answered, how it ended. No Qt.

Answering and refusing are facts that the kiosk hears on its stream. Opening is an order (`caregiver.calls.line`): signed, bound to
the call and to the kiosk's nonce, never queued; that it was given, and why, is a fact afterwards.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from caregiver.calls.line import CallLine
from caregiver.memory.reading import Reader
from domain.errors import Mendable
from domain.events import from_ms, to_ms
from offline.journal.journal import Journal

STARTED, RANG, ENDED = "call.started", "call.rang", "call.ended"
ANSWERED, REFUSED, OPENED = "call.answered", "call.refused", "call.opened"
FORGOTTEN_AFTER = timedelta(minutes=5)  # the kiosk shows the telephone number long before
OPEN_REASONS = ("resident", "visitor_expected", "delivery", "emergency")
REASONS = ("visitor_unknown", "not_expected", "handled_by_phone", "mistake")


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    gate: str
    since: datetime
    answered_by: str = ""
    kiosk: str = ""
    nonce: str = ""

    @property
    def ringing(self) -> bool:
        return not self.answered_by


class Calls:
    def __init__(
        self, journal: Journal, reader: Reader, by: str, poke: Callable[[], None], now: Callable[[], datetime]
    ) -> None:
        self._journal, self._reader, self._by, self._poke, self._now = journal, reader, by, poke, now
        self.line: CallLine | None = None  # where there is a district to open a gate
        self.box_key = ""  # ours, to which the kiosk seals its picture

    def going_on(self) -> list[Call]:
        """Calls that ring or were answered and have not ended, the oldest first."""
        since = to_ms(self._now() - FORGOTTEN_AFTER)
        rows = self._reader.rows(
            "SELECT f.kind, f.at, f.device, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid"
            " WHERE f.kind >= 'call.' AND f.kind < 'call/' AND f.at >= ? ORDER BY f.rowid",
            (since,),
        )
        calls: dict[str, Call] = {}
        over: set[str] = set()
        for kind, at, device, body in rows:
            told = json.loads(body or b"{}")
            id = str(told.get("call", ""))
            if kind == STARTED:
                nonce = str(told.get("nonce", ""))
                calls.setdefault(id, Call(id, str(told.get("gate", "")), from_ms(at), kiosk=device, nonce=nonce))
            elif kind in (ENDED, REFUSED, OPENED):
                over.add(id)
            elif kind == ANSWERED and id in calls and calls[id].ringing:
                calls[id] = replace(calls[id], answered_by=str(told.get("by", "")))
        return [call for id, call in calls.items() if id not in over]

    def answer(self, call: str) -> None:
        """Say that somebody looks; the first who answers has it."""
        self._tell(ANSWERED, call, **({"box_key": self.box_key} if self.box_key else {}))

    def open(self, call: Call, reason: str) -> None:
        """Open the gate now, and keep why. Raises Mendable as `CallLine.open` does; nothing was opened then. May take seconds."""
        if self.line is None:
            raise Mendable("gate_no_line")
        self.line.open(call.id, call.kiosk, call.nonce)
        self._tell(OPENED, call.id, reason=reason)

    def refuse(self, call: str, reason: str) -> None:
        """Do not open, and keep why."""
        self._tell(REFUSED, call, reason=reason)

    def _tell(self, kind: str, call: str, **more: str) -> None:
        self._journal.append(kind, {"call": call, "by": self._by, **more})
        self._poke()
