"""The receipt of a withdrawal: a fact that says that every gate has applied it. Until then screens say *pending*."""

import json
import threading
from collections.abc import Callable

from district.feed import read_cursor
from district.scope import DeviceRole, Lane, Scope
from district.store.devices import Device
from district.store.port import Store
from district.store.registry import Registry
from domain.consent import APPLIED, WITHDRAWN
from domain.events import derived_id
from offline.projections import read_payload

NOTE = "receipts"
_PAGE = 1_000
Open = dict[str, tuple[str, int, str | None]]  # withdrawal -> community, position in its feed, person


class Receipts:
    """`look` after a device has said how far it is. One a process; any thread."""

    def __init__(self, store: Store, registry: Registry, now_ms: Callable[[], int]) -> None:
        self._store, self._registry, self._now, self._lock = store, registry, now_ms, threading.Lock()
        noted = json.loads(registry.note(NOTE) or '{"positions": {}, "open": {}}')
        self._positions: dict[str, int] = noted["positions"]
        self._open: Open = {id: (c, p, person) for id, (c, p, person) in noted["open"].items()}

    def look(self) -> int:
        """Write the receipts that are due; how many."""
        with self._lock:
            changed = self._read()
            due = self._due() if self._open else []
            for id in due:
                community, _, person = self._open[id]
                told = {"withdrawal": id}
                self._store.append_own(APPLIED, community, person, self._now(), told, derived_id(id, "applied"))
                del self._open[id]
            if changed or due:
                self._registry.put_note(NOTE, json.dumps({"positions": self._positions, "open": self._open}))
            return len(due)

    def _read(self) -> bool:
        """Withdrawals that have come since; whether there are any."""
        heads, changed, more = self._store.heads(), False, True
        while more and any(head > self._positions.get(c, 0) for c, head in heads.items()):
            page = self._store.feed_after(Scope(tuple(heads), frozenset({Lane.ROSTER})), self._positions, _PAGE)
            for item in page.items:
                if item.event.kind == WITHDRAWN:
                    self._open[item.event.id] = (item.event.community, item.position, item.event.subject)
                    changed = True
                elif item.event.kind == APPLIED:  # a hub has said so of the gates below it
                    told = read_payload(None if item.event.payload is None else bytes(item.event.payload)) or {}
                    changed = self._open.pop(str(told.get("withdrawal")), None) is not None or changed
            self._positions, more = self._positions | page.positions, page.more
        return changed

    def _due(self) -> list[str]:
        gates = [d for d in self._registry.devices() if d.role is DeviceRole.KIOSK and d.revoked is None]
        cursors = self._registry.cursors()
        reached = {d.id: _reached(d, cursors.get(d.id, ("", 0))[0]) for d in gates}
        due = []
        for id, (community, position, _) in self._open.items():
            of_it = [d for d in gates if community in d.communities]
            if any(d.via for d in of_it):
                continue  # the hub they are enrolled with says so
            if all(reached[d.id].get(community, 0) >= position for d in of_it):
                due.append(id)
        return due


def _reached(device: Device, cursor: str) -> dict[str, int]:
    scope_epoch, positions = read_cursor(cursor)
    return positions if scope_epoch == device.scope_epoch else {}
