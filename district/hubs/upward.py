"""A hub's way up: the facts of everybody enrolled here, under their own numbers, what somebody waits for before the rest."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from district.hubs.joined import Joined, Membership
from district.hubs.withheld import Withheld
from district.scope import Lane, Scope
from district.store.devices import node_of
from district.store.own import is_sound_item
from district.store.port import Page, Store
from district.store.registry import Registry
from domain.events import SCHEMA
from offline.journal.projections import read_payload
from offline.line.pushing import anew_id, is_of_a_fact
from offline.node_clock import NodeClock
from offline.transport.errors import Forked, Rejected
from offline.transport.http import HttpTransport
from offline.wire import Ack, Batch, FeedItem

log = logging.getLogger(__name__)

PAGE = 500
# What somebody waits for goes first, however much of the rest has gathered in the meantime.
FIRST = frozenset({Lane.ROSTER, Lane.URGENT, Lane.CALL, Lane.CARE})
THEN = frozenset(Lane) - FIRST
_WAITED_FOR = frozenset({Lane.ROSTER, Lane.URGENT, Lane.CALL})
_DISTRICTS_OWN = ("district.", "audit.")


class Upward:
    """Every call raises TryAgain, Rejected or Untrusted as the line does."""

    def __init__(self, store: Store, registry: Registry, clock: NodeClock, membership: Membership) -> None:
        self._store, self._registry, self._clock, self._membership = store, registry, clock, membership
        self.withheld = Withheld(store, registry, clock.now_ms)
        self.heard: Callable[[], None] = lambda: None  # the one above has answered, in the middle of a round
        # tells who is enrolled here; False where that was told just now
        self.declare: Callable[[HttpTransport], bool] = lambda _: False

    def pending(self) -> int:
        """How many positions of the feeds the one above has not been sent; among them what came from there."""
        joined = self._membership.joined
        if joined is None:
            return 0
        heads, sent = self._store.heads(), dict(joined.first)
        return sum(max(0, heads.get(c, 0) - sent.get(c, 0)) for c in joined.communities)

    def urgent(self) -> bool:
        """Whether something waits to be sent that somebody waits for: an alarm, an answer to one, a call, a consent."""
        joined = self._membership.joined
        if joined is None:
            return False
        scope, positions, more = Scope(joined.communities, _WAITED_FOR), dict(joined.first), True
        while more:
            page = self._store.feed_after(scope, positions, PAGE)
            if any(self._ours(page.items)):
                return True
            positions, more = page.positions, page.more
        return False

    def here(self) -> set[str]:
        """Whose facts go up: this hub's and those of whoever is enrolled here."""
        here = {d.id for d in self._registry.devices()}
        return here | {self._store.node, *map(node_of, here)}

    def push(self, transport: HttpTransport, joined: Joined) -> Joined:
        """Send what has not been sent."""
        for name, lanes in (("first", FIRST), ("then", THEN)):
            joined = self._push(transport, joined, name, lanes)
        return joined

    def _push(self, transport: HttpTransport, joined: Joined, name: str, lanes: frozenset[Lane]) -> Joined:
        scope, more = Scope(joined.communities, lanes), True
        while more:
            before = dict(getattr(joined, name))
            page: Page = self._store.feed_after(scope, before, PAGE)
            if page.positions == before:
                break
            probe = joined.probe
            for device, epoch, items in self._ours(page.items):
                probe = self._relay(transport, device, epoch, items) or probe
            sent = tuple(page.positions.items())
            moved = replace(joined, first=sent) if name == "first" else replace(joined, then=sent)
            joined = self._membership.keep(replace(moved, probe=probe))
            self.heard()
            more = page.more
        return joined

    def send_again(self, transport: HttpTransport, joined: Joined, device: str, epoch: int) -> None:
        """Post the facts of one device and epoch once more."""
        scope, positions, more = Scope(joined.communities, frozenset(Lane)), dict[str, int](), True
        while more:
            page = self._store.feed_after(scope, positions, PAGE)
            for each, its, items in self._ours(page.items):
                if (each, its) == (device, epoch):
                    self._relay(transport, device, epoch, items)
            positions, more = page.positions, page.more

    def offer_again(self, transport: HttpTransport) -> None:
        """What the one above has not taken as it is."""
        self.withheld.offer_again(transport.relay, self._tell_anew)

    def _ours(self, items: Sequence[FeedItem]) -> Iterator[tuple[str, int, list[FeedItem]]]:
        """What was recorded here or below, by device and epoch. What came from above goes nowhere."""
        here = self.here()
        mine = [i for i in items if i.device in here and not i.event.kind.startswith(_DISTRICTS_OWN)]
        # what was altered here goes when it is whole again: the checksums tell
        mine = list(filter(is_sound_item, mine))
        mine.sort(key=lambda i: (i.device, i.epoch))  # stable: in the order of the feed
        for (device, epoch), run in groupby(mine, key=lambda i: (i.device, i.epoch)):
            yield device, epoch, list(run)

    def _relay(
        self, transport: HttpTransport, device: str, epoch: int, items: list[FeedItem]
    ) -> tuple[str, int, int, int] | None:
        """Send them, in halves where they are not taken together; what cannot be taken under its number is told anew by the hub."""
        doubted = [i.event.seq for i in items if not i.trusted]
        batch = Batch(epoch, SCHEMA, items[0].event.seq, self._clock.now_ms(), [i.event for i in items], doubted)
        try:
            ack: Ack = transport.relay(device, batch)
        except Forked as e:
            if len(items) == 1:
                if device == self._store.node:
                    self._store.begin_epoch(e.epoch)
                self._tell_anew(items[0])
                return None
        except Rejected as e:
            if e.code == "origin_revoked":
                log.warning("%d facts of %s, which is revoked upstream, stay here", len(items), device)
                return None
            # not to be heard through us, whatever the reason: the others' facts do not wait for it
            if e.code == "out_of_scope":
                if self.declare(transport):  # one that was put back does not know whom it was told of since
                    return self._relay(transport, device, epoch, items)
                for item in items:
                    self._tell_anew(item)
                return None
            if not is_of_a_fact(e):
                raise
            if len(items) == 1:
                ack = self.withheld.pass_bare(transport.relay, device, batch, e)
                return (device, epoch, items[0].event.seq, ack.acked_through)
        else:
            if ack.quarantined:
                log.warning("put aside upstream, of %s: %s", device, ack.quarantined)
            return (device, epoch, items[-1].event.seq, ack.acked_through)
        half = len(items) // 2
        first = self._relay(transport, device, epoch, items[:half])
        return self._relay(transport, device, epoch, items[half:]) or first

    def _tell_anew(self, item: FeedItem) -> None:
        """Upstream another fact is known under this number (a disk was restored or cloned), or it is not ours to hand on: the hub
        says it again, as its own."""
        e = item.event
        payload = read_payload(None if e.payload is None else bytes(e.payload))
        if payload is None:
            return
        log.warning("%s %s of %s is told anew", e.kind, e.id, item.device)
        self._store.append_own(e.kind, e.community, e.subject, e.at, payload, anew_id(e.id), item.trusted)
