"""What goes back to devices: Home Assistant entities for a home's own broker, and that an alarm has been dealt with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.incident_kinds import CLOSED, EVIDENCE, FEEDBACK, MERGED, OPENED, REJECTED, REOPENED
from watch.ledger import Ledger, Seen
from watch.signs import REGISTERED

Publish = Callable[[str, str, str, Mapping[str, Any]], object]  # community, device, name, state
_OVER = frozenset({CLOSED, REJECTED, MERGED})
_DEALT_WITH = _OVER | {FEEDBACK}  # nobody is on the way any more


class Releases:
    """A follower of the watch: devices whose alarm was dealt with may ring anew (`Desk.release`)."""

    def __init__(self, ledger: Ledger, release: Callable[[str, str], object]) -> None:
        self._ledger, self._release = ledger, release

    def follow(self, fact: Seen, _now: datetime) -> None:
        if fact.kind not in _DEALT_WITH or fact.subject is None:
            return
        told = self._ledger.about(fact.subject, (OPENED, EVIDENCE))
        about = (f for f in told if f.payload.get("incident") == fact.payload.get("incident"))
        for device in {d for f in about if isinstance(d := f.payload.get("device"), str) and d}:
            self._release(fact.community, device)


class Announcer:
    """A follower of the watch. Only what the home's devices said themselves goes back: no names, no other incidents."""

    def __init__(self, ledger: Ledger, publish: Publish) -> None:
        self._ledger, self._publish = ledger, publish

    def follow(self, fact: Seen, _now: datetime) -> None:
        if fact.kind == REGISTERED:
            self._tell(fact, fact.payload, alarm=False)
        elif fact.kind == OPENED:
            self._tell(fact, fact.payload, alarm=True)
        elif fact.kind in _OVER or fact.kind == REOPENED:
            opened = (f for f in self._ledger.about(fact.subject or "", (OPENED,)))
            for first in opened:
                if first.payload.get("incident") == fact.payload.get("incident"):
                    self._tell(fact, first.payload, alarm=fact.kind == REOPENED)

    def _tell(self, fact: Seen, about: Mapping[str, Any], *, alarm: bool) -> None:
        device = about.get("device")
        if isinstance(device, str) and device:
            name = str(about.get("place") or device)
            state = {"alarm": alarm, "kind": about.get("kind") if alarm else None, "since": fact.at}
            self._publish(fact.community, device, name, state)
