"""A hub's line to the district above it: the same protocol as any node's, with a store in the place of a journal.

A round greets, declares who is enrolled here, sends up (`upward`), takes in what comes down (`downward`), now and then compares.
Cut off, the hub goes on serving those below it, and catches up.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from district.hubs.downward import Displaced, Downward
from district.hubs.drift import Drift
from district.hubs.held import hand_up
from district.hubs.joined import Joined, Membership
from district.hubs.taking_back import beyond, greatest_of
from district.hubs.upward import FIRST, THEN, Upward
from district.hubs.withheld import Number
from district.store.devices import device_id, node_of
from district.store.port import Store
from district.store.registry import Registry
from domain.events import SCHEMA
from offline.keys.identity import Identity, unb64
from offline.keys.keystore import Keystore
from offline.letters.pass_keys import number_of
from offline.line.giving_back import GivingBack
from offline.line.key_exchange import KeyExchange
from offline.line.sync import COMPARE_EVERY_MS, FIRST_COMPARE_MS, HELLO_EVERY_MS
from offline.node_clock import NodeClock
from offline.transport.errors import Rejected, TryAgain
from offline.transport.http import HttpTransport
from offline.wire import Batch, Below, FeedItem

log = logging.getLogger(__name__)

DECLARE_EVERY_MS = 30_000
MOST_AT_ONCE = 1_000  # devices declared in one request: a street has eight thousand


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
        self._told: dict[str, int] = {}  # epochs of the devices declared, by id
        self._declared_anew = False  # in this round
        self._compared: int | None = None
        self._giving = GivingBack(clock.now_ms, registry)
        self._membership, self.drift = Membership(registry), Drift(store, registry)
        self._upward = Upward(store, registry, clock, self._membership)
        self._upward.declare = self._declare_anew
        self.downward = Downward(store, registry, keys, clock, self._membership, self.drift, self._upward.here)

    @property
    def watching(self) -> bool:
        return self.downward.watching

    @property
    def withheld(self) -> list[Number]:
        """Numbers of facts of which the one above has the envelopes alone."""
        return self._upward.withheld.waiting

    def heard(self, say: Callable[[], None]) -> None:
        """Call `say` whenever the one above has answered in the middle of a round: after a week away one takes minutes."""
        self._upward.heard = self.downward.heard = say

    @property
    def joined(self) -> Joined | None:
        """None until `join`."""
        return self._membership.joined

    def became(self, joined: Joined) -> None:
        """Enrolled above, for the first time or anew: everything is compared from the beginning."""
        self._membership.keep(joined)
        self._transport, self._exchange, self._last_hello = None, None, None

    @property
    def cursor(self) -> str:
        """Where the feed of the one above has been applied through."""
        return "" if self.joined is None else self.joined.cursor

    def urgent(self) -> bool:
        """Whether something that somebody waits for has not been sent yet."""
        return self._upward.urgent()

    def pending(self) -> int:
        """How many positions of the feeds the one above has not been sent; among them what came from there."""
        return self._upward.pending()

    def absorb(self, items: Sequence[FeedItem]) -> int:
        """Facts from above, off the stream."""
        return self.downward.absorb(items)

    def round(self) -> bool:
        """True where anything came down."""
        joined = self.joined
        if joined is None:
            raise TryAgain("not_joined")
        transport = self._transport = self._transport or self._line(joined)
        self._declared_anew = False
        try:
            now = self._clock.now_ms()
            if self._last_hello is None or not 0 <= now - self._last_hello < HELLO_EVERY_MS:
                joined = self._hello(transport, joined)
            self._declare(transport)
            box = unb64(joined.box_key)
            exchange = self._exchange = self._exchange or KeyExchange(self._keys, self._identity, lambda: box)
            exchange.share(transport)
            joined = self._upward.push(transport, joined)
            hand_up(self._store, transport.relay, self._clock.now_ms(), self._upward.withheld)
            try:
                came = self.downward.pull(transport, joined)
            except Displaced as e:  # at once: it is no failure to wait after, and an alarm may be what comes
                self.compare_soon()
                came = self.downward.pull(transport, self._upward.push(transport, e.joined))
            if self.downward.pass_keys != self._greeted_keys:
                self._last_hello = None  # another list is in force: the next round greets
            exchange.fetch(transport, self._unreadable(), self._clock.now_ms())
            self._compare(transport)
            if self._keys.incomplete and not self._unreadable():
                self._keys.complete()
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
                self.compare_soon()
                return self._membership.keep(replace(joined, first=(), then=(), probe=None))
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
        epochs = {d.id: d.epoch for d in devices}
        pages = [told[i : i + MOST_AT_ONCE] for i in range(0, len(told), MOST_AT_ONCE)] or [told]
        for id in [id for page in pages for id in transport.declare(now, page)]:
            device = self._registry.device(id)
            if device is None or device.revoked is not None:
                continue
            if self._registry.revoke(id, now, epochs.get(id, 0)):  # else it has enrolled here anew since it was told of
                log.warning("revoked upstream: %s", id)
        self._declared, self._told = now, epochs

    def _declare_anew(self, transport: HttpTransport) -> bool:
        """Once a round."""
        if again := not self._declared_anew:
            self._declared_anew, self._told = True, {}
            self._declare(transport)
        return again

    def _new_devices(self) -> bool:
        return any(self._told.get(d.id) != d.epoch for d in self._registry.devices())

    def compare_soon(self) -> None:
        """With the next round, however long ago the last comparison was."""
        self._compared = self._clock.now_ms() - COMPARE_EVERY_MS

    def _compare(self, transport: HttpTransport) -> None:
        """Now and then, hold what is here against the checksums of the one above, and mend whichever has drifted."""
        now, joined = self._clock.now_ms(), self.joined
        if self._compared is None:
            self._compared = now - COMPARE_EVERY_MS + FIRST_COMPARE_MS
        if joined is None or 0 <= now - self._compared < COMPARE_EVERY_MS:
            return
        self._compared = now
        try:
            self._compare_now(transport, joined)
        except Exception:  # the line goes in between: all of it is found, and tried, anew with the next round
            self.drift.forget_found()
            self.compare_soon()
            raise

    def _compare_now(self, transport: HttpTransport, joined: Joined) -> None:
        self._upward.offer_again(transport)
        above = node_of(device_id(unb64(joined.sign_key)))
        here = greatest_of(self._store, above)  # before it is asked: what comes meanwhile it has
        try:
            told = transport.checksums(joined.cursor)
        except Rejected as e:
            log.info("no checksums: %s", e)  # an older version above, or a scope that has just changed
            return
        sent = ((FIRST, dict(joined.first)), (THEN, dict(joined.then)))
        found = self.drift.compare(told, joined.communities, self._upward.here(), sent, above)
        for device, epoch in sorted(found.lacking):
            log.warning("the one above lacks facts of %s, epoch %s: sending them again", device, epoch)
            self._upward.send_again(transport, joined, device, epoch)
        self._giving.give(transport.relay, above, told, here, partial(beyond, self._store, above), found.over)
        if found.wanting:
            log.warning("what is here is not what the one above has: reading its feed anew")
            self._membership.keep(replace(joined, cursor="", mending=True))
