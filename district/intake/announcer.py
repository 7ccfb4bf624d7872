"""What goes back to devices: Home Assistant entities for a home's own broker, and that an alarm has been dealt with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.incident_kinds import CLOSED, EVIDENCE, FEEDBACK, MERGED, OPENED, REJECTED, REOPENED
from watch.ledger import Ledger, Seen
from watch.signs import REGISTERED, REMOVED

Publish = Callable[
    [str, str, str, Mapping[str, Any] | None], object
]  # community, device, name, state; None: it was taken down
_OVER = frozenset({CLOSED, REJECTED, MERGED})
_OF_DEVICES = (REGISTERED, REMOVED, OPENED)
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
        self._stands: dict[tuple[str, str], str | None] = {}  # with whom

    def follow(self, fact: Seen, _now: datetime) -> None:
        if fact.kind in _OF_DEVICES:
            self._tell(self._publish, fact, fact)
        elif fact.kind in _OVER or fact.kind == REOPENED:
            for first in self._ledger.about(fact.subject or "", (OPENED,)):
                if first.payload.get("incident") == fact.payload.get("incident"):
                    self._tell(self._publish, fact, first)

    def recall(self, remember: Publish) -> None:
        """At the start: how every device stands, for a broker that has forgotten it."""
        opened: dict[object, Seen] = {}
        for fact in self._ledger.told((*_OF_DEVICES, *_OVER, REOPENED)):
            if fact.kind == OPENED:
                opened[fact.payload.get("incident")] = fact
            first = fact if fact.kind in _OF_DEVICES else opened.get(fact.payload.get("incident"))
            if first is not None:
                self._tell(remember, fact, first)

    def _tell(self, publish: Publish, fact: Seen, first: Seen) -> None:
        """What `fact` says of the device that `first` names."""
        device, alarm = first.payload.get("device"), fact.kind in (OPENED, REOPENED)
        if not isinstance(device, str) or not device:
            return
        where = (fact.community, device)
        if fact.kind == REGISTERED:
            self._stands[where] = fact.subject
        elif fact.kind == REMOVED:
            if self._stands.get(where, fact.subject) != fact.subject:
                return  # it stands in another home by now
            self._stands.pop(where, None)
        name, kind = str(first.payload.get("place") or device), first.payload.get("kind") if alarm else None
        state = None if fact.kind == REMOVED else {"alarm": alarm, "kind": kind, "since": fact.at}
        publish(fact.community, device, name, state)
