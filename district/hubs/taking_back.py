"""Facts of this very server that it has lost, from a node that still has them: known again by their marks, whoever brings them."""

from collections.abc import Iterator

from district.hubs.patrol import Patrol
from district.scope import Lane, Scope
from district.store.own import is_sound_item, known_again, runs
from district.store.port import Store
from offline.wire import Ack, Batch, Event

_AT_ONCE = 200
_GREATEST = "SELECT epoch, greatest FROM streams WHERE device = ? ORDER BY epoch"
_PLACES = "SELECT community, min(position) FROM facts WHERE device = ? AND epoch = ? AND seq > ? GROUP BY community"


def take_back(store: Store, patrol: Patrol, batch: Batch, now: int) -> Ack:
    """Those that this server has recorded stand again, at the end of their feeds; what it does not know again is named, and not
    kept: it is nobody's."""
    found = {e.seq: known_again(store.secret, store.node, batch.epoch, e) for e in batch.events}
    own = [item for item in found.values() if item is not None]
    for run in runs(own, now):
        if patrol.awaits(run):
            patrol.mend([run])
    store.absorb(own)
    through = max((e.seq for e in batch.events), default=0)
    return Ack(through, quarantined=sorted(seq for seq, item in found.items() if item is None))


def greatest_of(store: Store, node: str) -> list[tuple[int, int]]:
    """(epoch, greatest number that is here) of a node's facts."""
    return [(epoch, greatest) for epoch, greatest in store.read(_GREATEST, (node,))]


def beyond(store: Store, node: str, epoch: int, seq: int) -> Iterator[list[Event]]:
    """The facts of a node after a number of its, in the order of each feed."""
    for community, first in store.read_within(tuple(store.heads()), _PLACES, (node, epoch, seq)):
        scope, positions, more = Scope((community,), frozenset(Lane)), {community: first - 1}, True
        while more:
            page = store.feed_after(scope, positions, _AT_ONCE)
            yield [
                i.event
                for i in page.items
                if (i.device, i.epoch) == (node, epoch) and i.event.seq > seq and is_sound_item(i)
            ]
            positions, more = page.positions, page.more
