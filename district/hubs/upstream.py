"""A hub's line to the district above it: the same protocol as any node's, with a store in the place of a journal.

Up go the facts of everybody enrolled here, under their own numbers and hashes; down come roster, withdrawals, plans, incidents,
configuration. Cut off, the hub goes on serving those below it, and catches up.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from district.hubs.drift import Drift
from district.hubs.held import hand_up
from district.hubs.rescoping import leave
from district.scope import Lane, Scope
from district.store.own import is_sound_item, runs
from district.store.port import Page, Store
from district.store.registry import Registry, node_of
from domain.events import SCHEMA, derived_id
from offline.identity import Identity, unb64
from offline.key_exchange import KeyExchange
from offline.keystore import Keystore
from offline.node_clock import NodeClock
from offline.pass_keys import number_of
from offline.projections import read_payload
from offline.sync import COMPARE_EVERY_MS, FIRST_COMPARE_MS, HELLO_EVERY_MS
from offline.transport import Forked, HttpTransport, Rejected, TryAgain
from offline.wire import Ack, Batch, Below, FeedItem

log = logging.getLogger(__name__)

NOTE = "upstream"
PAGE = 500
DECLARE_EVERY_MS = 30_000
# What somebody waits for goes first, however much of the rest has gathered in the meantime.
FIRST = frozenset({Lane.ROSTER, Lane.URGENT, Lane.CALL, Lane.CARE})
THEN = frozenset(Lane) - FIRST
_DISTRICTS_OWN = ("district.", "audit.")


@dataclass(frozen=True, slots=True)
class Joined:
    """What a hub remembers of the one above, and how far each way has gone; in the database, so that a backup holds both."""

    url: str
    device: str
    sign_key: str
    box_key: str
    communities: tuple[str, ...]
    cursor: str = ""
    first: tuple[tuple[str, int], ...] = ()  # positions sent through, of the lanes in `FIRST`
    then: tuple[tuple[str, int], ...] = ()
    probe: tuple[str, int, int, int] | None = None  # (device, epoch, seq, acknowledged through) of the last batch
    mending: bool = False  # the feed is read anew: what is here and is not as it comes gives way to it


class Upstream:
    """One hub's rounds. `round` raises TryAgain, Rejected or Untrusted."""

    wanted = ""  # what runs here is its operator's to say

    def __init__(
        self, store: Store, registry: Registry, identity: Identity, keys: Keystore, clock: NodeClock,
        line: Callable[[Joined], HttpTransport],
    ) -> None:  # fmt: skip
        self._store, self._registry, self._identity, self._keys, self._clock = store, registry, identity, keys, clock
        self._line = line
        self._transport: HttpTransport | None = None
        self._last_hello: int | None = None
        self._greeted_keys = 0  # the number of the list of pass keys that came with the greeting
        self._declared = 0
        self._exchange: KeyExchange | None = None
        self._told: set[str] = set()  # ids of the devices declared
        self._compared: int | None = None
        self.drift = Drift(store)
        # told of communities that this hub no longer serves, and when facts came back that had been folded without them
        self.left: Callable[[str], None] = lambda _community: None
        self.mended: Callable[[], None] = lambda: None

    # ---- state ------------------------------------------------------------------------------------------------------

    @property
    def joined(self) -> Joined | None:
        """None until `join`."""
        noted = self._registry.note(NOTE)
        if noted is None:
            return None
        told = json.loads(noted)
        pairs = {name: tuple((c, p) for c, p in told[name]) for name in ("first", "then")}
        probe = tuple(told["probe"]) if told["probe"] else None
        return Joined(**{**told, **pairs, "communities": tuple(told["communities"]), "probe": probe})

    def _keep(self, joined: Joined) -> Joined:
        slots = {name: getattr(joined, name) for name in Joined.__dataclass_fields__}
        self._registry.put_note(NOTE, json.dumps(slots))
        return joined

    def became(self, joined: Joined) -> None:
        """Enrolled above, for the first time or anew: everything is compared from the beginning."""
        self._keep(joined)
        self._transport, self._exchange, self._last_hello = None, None, None

    def pending(self) -> int:
        """How many positions of the feeds the one above has not been sent; among them what came from there."""
        joined = self.joined
        if joined is None:
            return 0
        heads, sent = self._store.heads(), dict(joined.first)
        return sum(max(0, heads.get(c, 0) - sent.get(c, 0)) for c in joined.communities)

    def absorb(self, items: Sequence[FeedItem]) -> int:
        """Facts from above, off the feed or the stream; one that is not what its hash says is left out and logged."""
        mine = [item for item in items if item.event.kind.partition(".")[0] != "audit"]
        try:
            return self._store.absorb(mine)
        except ValueError:
            if len(mine) == 1:
                log.exception("a fact from upstream is passed over")
                return 0
            return sum(self.absorb([item]) for item in mine)

    # ---- a round ----------------------------------------------------------------------------------------------------

    def round(self) -> bool:
        """True where anything came down."""
        joined = self.joined
        if joined is None:
            raise TryAgain("not_joined")
        transport = self._transport = self._transport or self._line(joined)
        try:
            now = self._clock.now_ms()
            if self._last_hello is None or not 0 <= now - self._last_hello < HELLO_EVERY_MS:
                joined = self._hello(transport, joined)
            self._declare(transport)
            box = unb64(joined.box_key)
            exchange = self._exchange = self._exchange or KeyExchange(self._keys, self._identity, lambda: box)
            exchange.share(transport)
            for name, lanes in (("first", FIRST), ("then", THEN)):
                joined = self._push(transport, joined, name, lanes)
            hand_up(self._store, transport.relay, self._clock.now_ms())
            came = self._pull(transport, joined)
            self._compare(transport)
            exchange.fetch(transport, self._unreadable(), self._clock.now_ms())
        except Rejected as e:
            if e.status == 401:
                self._last_hello = None
            raise
        return came

    def _hello(self, transport: HttpTransport, joined: Joined) -> Joined:
        hello, trip = transport.hello()
        if not hello.schema[0] <= SCHEMA <= hello.schema[1]:
            raise Rejected("upgrade_required", 426)
        self._clock.learn(hello.time, trip)
        self._last_hello, self._greeted_keys = self._clock.now_ms(), number_of(hello)
        if joined.probe is not None:
            device, epoch, seq, through = joined.probe
            try:
                ack = transport.relay(device, Batch(epoch, SCHEMA, seq, self._last_hello, []))
            except Rejected as e:
                if e.status != 403:
                    raise
                return joined
            if ack.acked_through < through:
                log.warning(
                    "the one above was restored to %s of %s of %s: sending all again",
                    ack.acked_through,
                    through,
                    device,
                )
                return self._keep(replace(joined, first=(), then=(), probe=None))
        return joined

    def _unreadable(self) -> set[str]:
        """People of the roster whose keys are not here."""
        people = self._store.read("SELECT DISTINCT person FROM people WHERE erased IS NULL")
        return {row[0] for row in people if self._keys.find(row[0]) is None}

    def _declare(self, transport: HttpTransport) -> None:
        """Tell who is enrolled here, and heed whom the one above has revoked."""
        now = self._clock.now_ms()
        if 0 <= now - self._declared < DECLARE_EVERY_MS and not self._new_devices():
            return
        devices = self._registry.devices()
        told = [
            Below(
                d.id, d.role.value, d.name, list(d.communities), d.gate_log, d.sign_key, d.box_key, d.epoch, d.enrolled,
                d.revoked, self._registry.heard.get(d.id), self._registry.nearest.get(d.id, d.via or ""),
            )
            for d in devices
        ]  # fmt: skip
        for id in transport.declare(now, told):
            device = self._registry.device(id)
            if device is not None and device.revoked is None:
                log.warning("revoked upstream: %s", id)
                self._registry.revoke(id, now)
        self._declared, self._told = now, {d.id for d in devices}

    def _new_devices(self) -> bool:
        return any(d.id not in self._told for d in self._registry.devices())

    # ---- up ---------------------------------------------------------------------------------------------------------

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
            joined = self._keep(replace(moved, probe=probe))
            more = page.more
        return joined

    def _here(self) -> set[str]:
        """Whose facts go up: this hub's and those of whoever is enrolled here."""
        here = {d.id for d in self._registry.devices()}
        return here | {self._store.node, *map(node_of, here)}

    def _ours(self, items: Sequence[FeedItem]) -> Iterator[tuple[str, int, list[FeedItem]]]:
        """What was recorded here or below, by device and epoch. What came from above goes nowhere."""
        here = self._here()
        mine = [i for i in items if i.device in here and not i.event.kind.startswith(_DISTRICTS_OWN)]
        mine = list(
            filter(is_sound_item, mine)
        )  # what was altered here goes when it is whole again: the checksums tell
        mine.sort(key=lambda i: (i.device, i.epoch))  # stable: in the order of the feed
        for (device, epoch), run in groupby(mine, key=lambda i: (i.device, i.epoch)):
            yield device, epoch, list(run)

    def _relay(
        self, transport: HttpTransport, device: str, epoch: int, items: list[FeedItem]
    ) -> tuple[str, int, int, int] | None:
        """Send them, in halves where they are too much; what the one above has other facts for is told anew by the hub."""
        doubted = [i.event.seq for i in items if not i.trusted]
        batch = Batch(epoch, SCHEMA, items[0].event.seq, self._clock.now_ms(), [i.event for i in items], doubted)
        try:
            ack: Ack = transport.relay(device, batch)
        except Forked as e:
            if len(items) == 1:
                self._tell_anew(items[0], e.epoch)
                return None
        except Rejected as e:
            if e.code == "origin_revoked":
                log.warning("%d facts of %s, which is revoked upstream, stay here", len(items), device)
                return None
            if e.status != 413 or len(items) == 1:
                raise
        else:
            if ack.quarantined:
                log.warning("put aside upstream, of %s: %s", device, ack.quarantined)
            return (device, epoch, items[-1].event.seq, ack.acked_through)
        half = len(items) // 2
        first = self._relay(transport, device, epoch, items[:half])
        return self._relay(transport, device, epoch, items[half:]) or first

    def _tell_anew(self, item: FeedItem, epoch: int) -> None:
        """Another fact is known upstream under this number (a disk was restored or cloned): the hub says it again, as its own."""
        e = item.event
        if item.device == self._store.node:
            self._store.begin_epoch(epoch)
        payload = read_payload(None if e.payload is None else bytes(e.payload))
        if payload is None:
            return
        log.warning("%s %s of %s is told anew", e.kind, e.id, item.device)
        self._store.append_own(e.kind, e.community, e.subject, e.at, payload, derived_id(e.id, "anew"), item.trusted)

    # ---- down -------------------------------------------------------------------------------------------------------

    def _pull(self, transport: HttpTransport, joined: Joined) -> bool:
        came, more = False, True
        while more:
            try:
                page = transport.feed(joined.cursor, 0.0)
            except Rejected as e:
                if e.status != 410 or not joined.cursor:
                    raise
                log.warning("the one above does not know our place in its feed: beginning anew, both ways")
                joined = self._keep(replace(joined, cursor="", first=(), then=()))
                raise TryAgain("cursor") from e
            more = page.more
            if page.pass_keys != self._greeted_keys:
                self._last_hello = None  # another list is in force: the next round greets
            told = page.communities or page.tombstones  # of none at all only where all of it is taken from here
            communities = tuple(page.communities) if told else joined.communities
            if page.cursor == joined.cursor and communities == joined.communities:
                break
            if page.tombstones:
                self._store.forget(page.tombstones)
            for community in set(joined.communities) - set(communities):
                self._leave(community)
            if not set(communities) <= set(joined.communities):  # it may have been served before
                joined = replace(joined, mending=True)
            if joined.mending:
                self.drift.patrol.mend(list(runs(filter(is_sound_item, page.items), self._clock.now_ms())))
            came = bool(self.absorb(page.items)) or came
            joined = self._keep(replace(joined, cursor=page.cursor, communities=communities))
            transport.put_cursor(page.cursor)
        if joined.mending:
            self._keep(replace(joined, mending=False))
            self.mended()
        return came

    def _leave(self, community: str) -> None:
        log.warning("%s is served here no longer", community)
        for person in leave(self._store, self._registry, community, self._here()):
            self._keys.destroy(person)
        self.left(community)

    def _compare(self, transport: HttpTransport) -> None:
        """Now and then, hold what is here against the checksums of the one above, and mend whichever has drifted."""
        now, joined = self._clock.now_ms(), self.joined
        if self._compared is None:
            self._compared = now - COMPARE_EVERY_MS + FIRST_COMPARE_MS
        if joined is None or 0 <= now - self._compared < COMPARE_EVERY_MS:
            return
        self._compared = now
        try:
            told = transport.checksums(joined.cursor)
        except Rejected as e:
            log.info("no checksums: %s", e)  # an older version above, or a scope that has just changed
            return
        sent = ((FIRST, dict(joined.first)), (THEN, dict(joined.then)))
        found = self.drift.compare(told, joined.communities, self._here(), sent)
        for device, epoch in sorted(found.lacking):
            log.warning("the one above lacks facts of %s, epoch %s: sending them again", device, epoch)
            self._send_again(transport, joined, device, epoch)
        if found.wanting:
            log.warning("what is here is not what the one above has: reading its feed anew")
            self._keep(replace(joined, cursor="", mending=True))

    def _send_again(self, transport: HttpTransport, joined: Joined, device: str, epoch: int) -> None:
        scope, positions, more = Scope(joined.communities, frozenset(Lane)), dict[str, int](), True
        while more:
            page = self._store.feed_after(scope, positions, PAGE)
            for each, its, items in self._ours(page.items):
                if (each, its) == (device, epoch):
                    self._relay(transport, device, epoch, items)
            positions, more = page.positions, page.more
