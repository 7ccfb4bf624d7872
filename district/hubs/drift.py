"""Has a hub's copy drifted from what the one above has, or that one's from what the hub has sent? Found by checksums, mended by
sending again: down by reading the feed from its beginning, up by posting the facts of a device once more.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from district.hubs.checksums import Checksums
from district.hubs.patrol import Patrol
from district.scope import Lane, Scope
from district.store.own import blob_of
from district.store.port import Store
from district.store.registry import Registry
from offline.wire import Checksums as Told
from offline.wire import FeedItem, apart

log = logging.getLogger(__name__)
Held = dict[tuple[str, str, int], tuple[int, int]]  # (community, device, epoch) -> count and fold of hashes


@dataclass(frozen=True, slots=True)
class Difference:
    """`wanting`: whether facts are not here as the one above has them. `lacking`: whose, of those that this hub has sent, are not
    there as they are here, as (device, epoch). `over`: by how many there are more of the server's own facts here than there, by
    epoch."""

    wanting: bool
    lacking: frozenset[tuple[str, int]]
    over: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sides:
    """A fact of which two sound copies differ: each is what its own hash says. Hashes hex."""

    id: str
    device: str
    epoch: int
    seq: int
    community: str
    here: str
    above: str


class Drift:
    """What is found a second time as it was found before could not be mended, and is said instead of tried for ever. Facts that
    have come to both sides since change nothing about it.

    `differing`: of facts recorded here or below, both copies are kept until somebody has looked (0079). `given_way`: of facts
    that came from above, how often the copy here was another one and gave way, by community.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._sums, self.patrol = store, Checksums(store), Patrol(store, registry)
        self._before: dict[tuple[str, str, int], tuple[int, int]] = {}
        self._over: dict[tuple[str, str, int], int] = {}
        self.compared = 0  # since this program started
        self.differing: dict[str, Sides] = {}  # by id
        self.given_way: Counter[str] = Counter()

    @property
    def unmended(self) -> bool:
        return bool(self._before)

    def compare(
        self,
        told: Told,
        communities: tuple[str, ...],
        here: Collection[str],
        sent: Collection[tuple[frozenset[Lane], dict[str, int]]],
        server: str = "",
    ) -> Difference:
        """`told` by the one above, which is `server`, as of a cursor that has been applied; `here`: whose facts this hub hands up;
        `sent`: through which positions, by lanes. More than it tells of is no drift below: the stream runs ahead of the cursor, but
        not twice by as much."""
        above: Held = {(s.community, s.device, s.epoch): (s.count, s.sum) for s in told.sums}
        up: Held = {}
        for lanes, positions in sent:
            for key, (count, folded) in self._held(Scope(communities, lanes), positions).items():
                if key[1] in here:
                    before = up.get(key, (0, 0))
                    up[key] = (before[0] + count, before[1] ^ folded)
        held = self._held(Scope(communities, frozenset(Lane)), self._store.heads())
        found: dict[tuple[str, str, int], tuple[int, int]] = {}
        wanting, lacking = False, set[tuple[str, int]]()
        for key in above.keys() | up.keys():
            should, have, handed = above.get(key, (0, 0)), held.get(key, (0, 0)), up.get(key, (0, 0))
            down = have[0] < should[0] or (have[0] == should[0] and have[1] != should[1])
            not_there = handed[0] > should[0]
            if not down and not not_there:
                continue
            found[key] = apart(have, should)
            if self._before.get(key) == found[key]:
                log.error("the facts of %s are still not what the one above has: %s there, %s here", key, should, have)
                continue
            wanting = wanting or down
            if not_there:
                lacking.add(key[1:])
        more = {key: held[key][0] - above.get(key, (0, 0))[0] for key in held if key[1] == server}
        over = {key: by for key, by in more.items() if by > 0}
        again = Counter[int]()
        for (*_, epoch), by in ((key, by) for key, by in over.items() if self._over.get(key) == by):
            again[epoch] += by
        self._before, self._over = found, over
        self.compared += 1
        self.differing = {id: s for id, s in self.differing.items() if (s.community, s.device, s.epoch) in found}
        return Difference(wanting, frozenset(lacking), again)

    def forget_found(self) -> None:
        """What was found could not be sent: found again, it is found for the first time."""
        self._before = {}

    def forget_sums(self) -> None:
        """Sum everything anew for the next comparison."""
        self._sums.forget()

    def look(self, ours: Sequence[FeedItem], theirs: Sequence[FeedItem]) -> None:
        """Sound facts as the one above has them, before anything gives way: which are here as other sound ones?"""
        for item in ours:
            self.differing.pop(item.event.id, None)
        for sides in self._other(ours):
            log.error("%s of %s is here %s and above %s, both sound", sides.id, sides.device, sides.here, sides.above)
            self.differing[sides.id] = sides
        for sides in self._other(theirs):
            log.error("%s of %s was %s here, gives way to %s", sides.id, sides.device, sides.here, sides.above)
            self.given_way[sides.community] += 1

    def _other(self, items: Sequence[FeedItem]) -> Iterator[Sides]:
        known = {copy.number for copy in self.patrol.discounted}
        ordered = sorted(items, key=lambda i: (i.event.community, i.device, i.epoch))
        for (community, device, epoch), run in groupby(ordered, key=lambda i: (i.event.community, i.device, i.epoch)):
            told = {i.event.seq: i for i in run}
            rows = self._store.read_within(
                (community,),
                "SELECT seq, hash FROM facts WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ?",
                (device, epoch, min(told), max(told)),
            )
            for seq, content in rows:
                item, here = told.get(seq), blob_of(content).hex()
                if item is not None and here != item.hash and (device, epoch, seq) not in known:
                    yield Sides(item.event.id, device, epoch, seq, community, here, item.hash)

    def _held(self, scope: Scope, positions: dict[str, int]) -> Held:
        sums = self.patrol.sums(self._sums.of(scope, positions), scope, positions)
        return {(s.community, s.device, s.epoch): (s.count, s.sum) for s in sums}
