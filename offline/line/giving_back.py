"""What the server that is asked has recorded itself and has lost (an older backup was put back), it gets again from whoever has it.

The server knows its own facts again by a mark in their salts (`district.store.own`), so that nobody need be believed.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from domain.events import SCHEMA
from offline.line.pushing import is_of_a_fact
from offline.transport.errors import Rejected
from offline.wire import Ack, Batch, Checksums, Event

log = logging.getLogger(__name__)

TRIED, MOST_TRIED = "given_back", 100  # the note on what was tried, and how many differences it holds
Relay = Callable[[str, Batch], Ack]


class Notes(Protocol):
    """What is kept over restarts, by name."""

    def note(self, key: str) -> str | None: ...

    def put_note(self, key: str, value: str) -> None: ...


class GivingBack:
    """What was brought in vain is not brought again, over restarts too: what a server does not know again it never will. It may
    be put back a second time, and lack then what it took. Raises TryAgain or Untrusted as `relay` does, and Rejected where that is
    for the time that is signed with."""

    def __init__(self, now_ms: Callable[[], int], notes: Notes) -> None:
        self._now, self._notes = now_ms, notes
        self._whole: list[list[object]] = []  # brought in this run, and known again

    def give(
        self, relay: Relay, server: str, told: Checksums, here: Iterable[tuple[int, int]],
        beyond: Callable[[int, int], Iterable[Sequence[Event]]], whole: Mapping[int, int] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """`here`: the greatest number of the server's facts that is here, by epoch; `beyond(epoch, seq)`: those after it; `whole`:
        epochs of which it lacks some or has them otherwise, nobody knows which, and by how many facts."""
        if told.own is None:  # of an older version
            return
        known, tried = dict(told.own), json.loads(self._notes.note(TRIED) or "[]")
        for epoch, greatest in here:
            lacking = whole.get(epoch, 0)
            after = 0 if lacking else known.get(epoch, 0)
            difference = [server, epoch, after, -lacking or greatest]
            if greatest <= after or difference in (*tried, *self._whole):
                continue
            brought = came = 0
            try:
                for events in beyond(epoch, after):
                    brought += len(events)
                    came += self._hand(relay, server, epoch, events)
            except Rejected as e:
                if e.status == 401:
                    raise
                log.warning("%s takes none of its own facts back: %s", server, e)
                continue
            log.warning("%s has lost facts of its own after %d of epoch %d: %d given back", server, after, epoch, came)
            if brought - came >= lacking if lacking else not came:
                tried = [*tried[1 - MOST_TRIED :], difference]
                self._notes.put_note(TRIED, json.dumps(tried))
            elif lacking:
                self._whole.append(difference)

    def _hand(self, relay: Relay, server: str, epoch: int, events: Sequence[Event]) -> int:
        # without what it says nothing proves an envelope
        whole = [event for event in events if event.payload is not None]
        if not whole:
            return 0
        try:
            ack = relay(server, Batch(epoch, SCHEMA, whole[0].seq, self._now(), whole))
        except Rejected as e:
            if not is_of_a_fact(e):
                raise
            if (half := len(whole) // 2) == 0:
                return 0
            return sum(self._hand(relay, server, epoch, part) for part in (whole[:half], whole[half:]))
        return len(whole) - len(ack.quarantined)
