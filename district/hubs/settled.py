"""Altered facts of which an operator has said that nobody has them whole: they stay as they were found, count for nothing, and are
not found again. One that changes once more, or is whole after all, is settled no longer.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import msgspec

from district.hubs.giving_way import Copy
from district.store.registry import Registry
from offline.wire import FeedItem

NOTE = "settled"
Place = tuple[str, int]  # community, position


@dataclass(frozen=True, slots=True)
class Settlement:
    """`envelope` and `payload`: hashes of the row as it was found, hex. `at` ms."""

    copy: Copy
    envelope: str
    payload: str
    because: str
    at: int


class Settled:
    """Kept in the database: a restart forgets none. Any thread."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._lock = registry, threading.Lock()
        told = [_settlement(each) for each in json.loads(registry.note(NOTE) or "[]")]
        self._all = {(s.copy.community, s.copy.position): s for s in told}

    @property
    def all(self) -> list[Settlement]:
        with self._lock:
            return list(self._all.values())

    def __contains__(self, copy: Copy) -> bool:
        return (copy.community, copy.position) in self._all

    def add(self, copy: Copy, item: FeedItem, because: str, at: int) -> None:
        with self._lock:
            self._all[copy.community, copy.position] = Settlement(copy, *_found(item), because, at)
            self._keep()

    def look(self, place: Place, item: FeedItem, sound: bool) -> None:
        """What stands at a place now; retention may have taken its payload."""
        before = self._all.get(place)
        if before is None:
            return
        envelope, payload = _found(item)
        if sound or envelope != before.envelope or payload not in ("", before.payload):
            self.drop(place)

    def drop(self, place: Place) -> None:
        """What stands there is another matter now."""
        with self._lock:
            if self._all.pop(place, None) is not None:
                self._keep()

    def _keep(self) -> None:
        self._registry.put_note(NOTE, json.dumps([asdict(each) for each in self._all.values()]))


def _settlement(told: Mapping[str, Any]) -> Settlement:
    return Settlement(**{**told, "copy": Copy(**told["copy"])})


def _found(item: FeedItem) -> tuple[str, str]:
    """Hashes of what a row says, and of its payload ('' where it has none)."""
    e = item.event
    words = msgspec.structs.replace(item, event=msgspec.structs.replace(e, salt=None, payload=None))
    payload = "" if e.payload is None else sha256(f"{e.salt}|".encode() + bytes(e.payload)).hexdigest()
    return sha256(msgspec.json.encode(words)).hexdigest(), payload
