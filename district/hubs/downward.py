"""A hub's way down: roster, withdrawals, plans, incidents and configuration as they come from above; what left the scope goes."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from district.hubs.drift import Drift
from district.hubs.joined import Joined, Membership
from district.hubs.rescoping import leave
from district.store.own import is_sound_item, runs
from district.store.port import Store, Unkeepable
from district.store.registry import Registry
from offline.keys.keystore import Keystore
from offline.node_clock import NodeClock
from offline.transport.errors import Rejected
from offline.transport.http import HttpTransport
from offline.wire import FeedItem

log = logging.getLogger(__name__)


class Displaced(Exception):
    """The one above does not know our place in its feed. `joined`: all goes up and comes down from the beginning."""

    def __init__(self, joined: Joined) -> None:
        super().__init__("cursor")
        self.joined = joined


class Downward:
    """`here` tells whose facts this hub hands up. Every call raises TryAgain, Rejected or Untrusted as the line does."""

    def __init__(
        self, store: Store, registry: Registry, keys: Keystore, clock: NodeClock, membership: Membership, drift: Drift,
        here: Callable[[], Collection[str]],
    ) -> None:  # fmt: skip
        self._store, self._registry, self._keys, self._clock = store, registry, keys, clock
        self._membership, self._drift, self._here = membership, drift, here
        self.heard: Callable[[], None] = lambda: None  # the one above has answered, in the middle of a round
        self.pass_keys = 0  # the number of the list that came with the last page
        self.watching = True  # the one above, or who watches for it; likewise
        # told of communities that this hub no longer serves, and when facts came back that had been folded without them
        self.left: Callable[[str], None] = lambda _community: None
        self.mended: Callable[[], None] = lambda: None

    def absorb(self, items: Sequence[FeedItem]) -> int:
        """Facts from above, off the feed or the stream; one that is not what its hash says is left out and logged."""
        mine = [item for item in items if item.event.kind.partition(".")[0] != "audit"]
        try:
            return self._store.absorb(mine)
        except Unkeepable:
            if len(mine) == 1:
                log.exception("a fact from upstream is passed over")
                return 0
            return sum(self.absorb([item]) for item in mine)

    def pull(self, transport: HttpTransport, joined: Joined) -> bool:
        """Take in what is new; True where anything came. Raises Displaced as well as what a line raises."""
        came, more = False, True
        while more:
            try:
                page = transport.feed(joined.cursor, 0.0)
            except Rejected as e:
                if e.status != 410 or not joined.cursor:
                    raise
                log.warning("the one above does not know our place in its feed: beginning anew, both ways")
                raise Displaced(self._membership.keep(replace(joined, cursor="", first=(), then=()))) from e
            more = page.more
            self.pass_keys, self.watching = page.pass_keys, page.watching
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
                self._mend(page.items)
            came = bool(self.absorb(page.items)) or came
            joined = self._membership.keep(replace(joined, cursor=page.cursor, communities=communities))
            transport.put_cursor(page.cursor)
            self.heard()
        if joined.mending:
            self._membership.keep(replace(joined, mending=False))
            self.mended()
        return came

    def _leave(self, community: str) -> None:
        log.warning("%s is served here no longer", community)
        for person in leave(self._store, self._registry, community, self._here()):
            self._keys.destroy(person)
        self.left(community)

    def _mend(self, items: Sequence[FeedItem]) -> None:
        """What came from above gives way to what is there now; what is ours, only where it is not what its hash says (0079)."""
        here, now = self._here(), self._clock.now_ms()
        sound = list(filter(is_sound_item, items))
        ours, theirs = [i for i in sound if i.device in here], [i for i in sound if i.device not in here]
        self._drift.look(ours, theirs)
        self._drift.patrol.mend(list(runs(ours, now)))
        self._drift.patrol.mend(list(runs(theirs, now)), source=True)
