"""What the server that is asked has recorded itself and has lost (an older backup was put back), it gets again from whoever has it.

The server knows its own facts again by a mark in their salts (`district.store.own`), so that nobody need be believed.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence

from domain.events import SCHEMA
from offline.line.pushing import is_of_a_fact
from offline.transport.errors import Rejected
from offline.wire import Ack, Batch, Checksums, Event

log = logging.getLogger(__name__)

Relay = Callable[[str, Batch], Ack]


class GivingBack:
    """Each difference is tried once: what a server does not know again it never will. Raises TryAgain, Rejected or Untrusted as
    `relay` does."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now = now_ms
        self._tried = set[tuple[str, int, int, int]]()

    def give(
        self, relay: Relay, server: str, told: Checksums, here: Iterable[tuple[int, int]],
        beyond: Callable[[int, int], Iterable[Sequence[Event]]], whole: Collection[int] = (),
    ) -> int:  # fmt: skip
        """`here`: the greatest number of the server's facts that is here, by epoch; `beyond(epoch, seq)`: those after it; `whole`:
        epochs of which it lacks some or has them otherwise, nobody knows which. How many it took back or had."""
        if told.own is None:  # of an older version
            return 0
        known, taken = dict(told.own), 0
        for epoch, greatest in here:
            after = 0 if epoch in whole else known.get(epoch, 0)
            difference = (server, epoch, after, 0 if epoch in whole else greatest)
            if greatest <= after or difference in self._tried:
                continue
            came = sum(self._hand(relay, server, epoch, events) for events in beyond(epoch, after))
            log.warning("%s has lost facts of its own after %d of epoch %d: %d given back", server, after, epoch, came)
            self._tried.add(difference)
            taken += came
        return taken

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
