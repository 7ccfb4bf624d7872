"""Has a hub's copy drifted from what the one above has, or that one's from what the hub has sent? Found by checksums, mended by
sending again: down by reading the feed from its beginning, up by posting the facts of a device once more.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from district.hubs.checksums import Checksums
from district.hubs.patrol import Patrol
from district.scope import Lane, Scope
from district.store.port import Store
from offline.wire import Checksums as Told

log = logging.getLogger(__name__)
Held = dict[tuple[str, str, int], tuple[int, int]]  # (community, device, epoch) -> count and fold of hashes


@dataclass(frozen=True, slots=True)
class Difference:
    """`wanting`: whether facts are not here as the one above has them. `lacking`: whose, of those that this hub has sent, are not
    there as they are here, as (device, epoch)."""

    wanting: bool
    lacking: frozenset[tuple[str, int]]


class Drift:
    """What is found a second time as it was found before could not be mended, and is said instead of tried for ever."""

    def __init__(self, store: Store) -> None:
        self._store, self._sums, self.patrol = store, Checksums(store), Patrol(store)
        self._before: dict[tuple[str, str, int], tuple[object, object]] = {}

    @property
    def unmended(self) -> bool:
        return bool(self._before)

    def compare(
        self,
        told: Told,
        communities: tuple[str, ...],
        here: Collection[str],
        sent: Collection[tuple[frozenset[Lane], dict[str, int]]],
    ) -> Difference:
        """`told` by the one above, as of a cursor that has been applied; `here`: whose facts this hub hands up; `sent`: through
        which positions, by lanes. More than it tells of is no drift below: the stream runs ahead of the cursor."""
        above: Held = {(s.community, s.device, s.epoch): (s.count, s.sum) for s in told.sums}
        up: Held = {}
        for lanes, positions in sent:
            for key, (count, folded) in self._held(Scope(communities, lanes), positions).items():
                if key[1] in here:
                    before = up.get(key, (0, 0))
                    up[key] = (before[0] + count, before[1] ^ folded)
        held = self._held(Scope(communities, frozenset(Lane)), self._store.heads())
        found: dict[tuple[str, str, int], tuple[object, object]] = {}
        wanting, lacking = False, set[tuple[str, int]]()
        for key in above.keys() | up.keys():
            should, have, handed = above.get(key, (0, 0)), held.get(key, (0, 0)), up.get(key, (0, 0))
            down = have[0] < should[0] or (have[0] == should[0] and have[1] != should[1])
            not_there = handed[0] > should[0]
            if not down and not not_there:
                continue
            found[key] = (should, have)
            if self._before.get(key) == found[key]:
                log.error("the facts of %s are still not what the one above has: %s there, %s here", key, should, have)
                continue
            wanting = wanting or down
            if not_there:
                lacking.add(key[1:])
        self._before = found
        return Difference(wanting, frozenset(lacking))

    def _held(self, scope: Scope, positions: dict[str, int]) -> Held:
        sums = self.patrol.sums(self._sums.of(scope, positions), scope, positions)
        return {(s.community, s.device, s.epoch): (s.count, s.sum) for s in sums}
