"""What the one above does not take as it is, of a hub's own facts and of those below it: the envelope goes alone, so that all else
goes on. What it says stays here, people are told, and it is offered again with every comparison (as `offline.line.pushing`).
"""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from district.store.numbered import find
from district.store.port import Store
from district.store.registry import Registry
from domain.events import SCHEMA, derived_id
from offline.line.pushing import WITHHELD, bare, is_of_a_fact, withheld
from offline.transport.errors import Forked, Rejected
from offline.wire import Ack, Batch, Event, FeedItem

log = logging.getLogger(__name__)
NOTE = "withheld"  # their numbers, as JSON
Number = tuple[str, int, int]
Relay = Callable[[str, Batch], Ack]


class Withheld:
    """Every call raises TryAgain, Rejected or Untrusted as `relay` does."""

    def __init__(self, store: Store, registry: Registry, now_ms: Callable[[], int]) -> None:
        self._store, self._registry, self._now = store, registry, now_ms

    @property
    def waiting(self) -> list[Number]:
        """Whose facts wait here: device, epoch, seq."""
        return [(device, epoch, seq) for device, epoch, seq in json.loads(self._registry.note(NOTE) or "[]")]

    def pass_bare(self, relay: Relay, device: str, batch: Batch, refused: Rejected) -> Ack:
        """Hand on the envelope of the only fact of a batch, once that was told and the telling was taken: else it is the line that
        takes nothing."""
        (event,) = batch.events
        if event.payload is None or event.kind == WITHHELD:
            raise refused
        self.tell(relay, device, batch.epoch, event, refused)
        try:
            return relay(device, batch)  # a line that took nothing may have come back since: then it was not this one
        except Rejected as again:
            if not is_of_a_fact(again):
                raise
        log.error("%s %d/%d of %s is not taken above (%s)", event.kind, batch.epoch, event.seq, device, refused)
        number = (device, batch.epoch, event.seq)
        self._keep([*(one for one in self.waiting if one != number), number])
        return relay(device, Batch(batch.epoch, SCHEMA, event.seq, batch.sent_at, [bare(event)], batch.doubted))

    def tell(self, relay: Relay, device: str, epoch: int, event: Event, refused: Rejected) -> None:
        """Tell people of it, and the one above at once; in the next epoch where others are known above under this hub's numbers."""
        told, id = withheld(device, epoch, event, refused), derived_id(WITHHELD, event.id)
        try:
            self._say(relay, event.community, told, id)
        except Forked as e:
            self._store.begin_epoch(e.epoch)
            self._say(relay, event.community, told, derived_id(id, str(e.epoch)))

    def _say(self, relay: Relay, community: str, told: dict[str, Any], id: str) -> None:
        ours = self._store.append_own(WITHHELD, community, None, self._now(), told, id)
        relay(ours.device, Batch(ours.epoch, SCHEMA, ours.event.seq, self._now(), [ours.event]))

    def offer_again(self, relay: Relay, tell_anew: Callable[[FeedItem], None]) -> None:
        """Where one would be taken by now, `tell_anew` says it again: its number says nothing any more above."""
        for number in self.waiting:
            found = find(self._store, *number)
            if found is not None and (event := found[0].event).payload is not None:
                try:
                    ack = relay(number[0], Batch(number[1], SCHEMA, event.seq, self._now(), [event]))
                except Rejected:
                    continue
                if ack.quarantined:  # altered here meanwhile: it is not to be said in the hub's own name
                    continue
                tell_anew(found[0])
            self._keep([one for one in self.waiting if one != number])

    def _keep(self, numbers: Sequence[Number]) -> None:
        self._registry.put_note(NOTE, json.dumps(numbers))
