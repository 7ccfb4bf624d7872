"""The receipt of a withdrawal: a fact that says that every gate has applied it. Until then screens say *pending*.

A hub says it of the gates below it alone; the one at the top, of all.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass, field

from district.feeds.feed import read_cursor
from district.scope import DeviceRole, Lane, Scope
from district.store.devices import Device, node_of
from district.store.port import Store
from district.store.registry import Registry
from domain.consent import APPLIED, WITHDRAWN
from domain.events import derived_id
from offline.journal.projections import read_payload
from offline.wire import FeedItem

NOTE = "receipts"
_PAGE = 1_000
_KEEPING = (DeviceRole.KIOSK, DeviceRole.HUB)


@dataclass(slots=True)
class _Open:
    community: str
    position: int  # in the community's feed
    person: str | None
    said: list[str] = field(default_factory=list)  # nodes of hubs whose gates have all applied it


class Receipts:
    """`look` after a device has said how far it is. One a process; any thread."""

    def __init__(self, store: Store, registry: Registry, now_ms: Callable[[], int], hub: bool) -> None:
        self._store, self._registry, self._now, self._lock = store, registry, now_ms, threading.Lock()
        self._below = {"below": store.node} if hub else {}
        noted = json.loads(registry.note(NOTE) or '{"positions": {}, "open": {}}')
        self._positions: dict[str, int] = noted["positions"]
        self._open = {id: _Open(*of) for id, of in noted["open"].items()}

    def look(self) -> int:
        """Write the receipts that are due; how many."""
        with self._lock:
            changed = self._read()
            due = self._due() if self._open else []
            for id in due:
                of, told = self._open.pop(id), {"withdrawal": id} | self._below
                fact = derived_id(id, "applied", *self._below.values())
                self._store.append_own(APPLIED, of.community, of.person, self._now(), told, fact)
            if changed or due:
                still = {id: astuple(of) for id, of in self._open.items()}
                self._registry.put_note(NOTE, json.dumps({"positions": self._positions, "open": still}))
            return len(due)

    def _read(self) -> bool:
        """Withdrawals and receipts that have come since; whether anything changed."""
        heads, changed, more = self._store.heads(), False, True
        while more and any(head > self._positions.get(c, 0) for c, head in heads.items()):
            page = self._store.feed_after(Scope(tuple(heads), frozenset({Lane.ROSTER})), self._positions, _PAGE)
            for item in page.items:
                if item.event.kind == WITHDRAWN:
                    self._open[item.event.id] = _Open(item.event.community, item.position, item.event.subject)
                    changed = True
                elif item.event.kind == APPLIED:
                    changed = self._heard(item) or changed
            self._positions, more = self._positions | page.positions, page.more
        return changed

    def _heard(self, item: FeedItem) -> bool:
        told = read_payload(None if item.event.payload is None else bytes(item.event.payload)) or {}
        withdrawal = str(told.get("withdrawal"))
        if withdrawal not in self._open:
            return False
        if told.get("below"):
            self._open[withdrawal].said.append(item.device)
        else:
            del self._open[withdrawal]
        return True

    def _due(self) -> list[str]:
        # A hub is a gate too: one that is cut off has gates that nobody here has heard of yet.
        gates = [d for d in self._registry.devices() if d.role in _KEEPING and d.revoked is None]
        cursors = self._registry.cursors()
        reached = {d.id: _reached(d, cursors.get(d.id, ("", 0))[0]) for d in gates}
        due = []
        for id, of in self._open.items():
            here = [d for d in gates if of.community in d.communities]
            hubs = {node_of(d.via) for d in here if d.via}
            applied = all(d.via or reached[d.id].get(of.community, 0) >= of.position for d in here)
            if applied and hubs <= set(of.said):
                due.append(id)
        return due


def _reached(device: Device, cursor: str) -> dict[str, int]:
    scope_epoch, positions = read_cursor(cursor)
    return positions if scope_epoch == device.scope_epoch else {}
