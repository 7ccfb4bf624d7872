"""A fact by its number, as it is stored here."""

from district.scope import Lane, Scope
from district.store.port import Store
from offline.wire import FeedItem


def find(store: Store, device: str, epoch: int, seq: int) -> tuple[FeedItem, Lane] | None:
    """The fact, and the lane in which it lies; None where it is not here."""
    rows = store.read_within(
        tuple(store.heads()),
        "SELECT community, lane, position FROM facts WHERE device = ? AND epoch = ? AND seq = ?",
        (device, epoch, seq),
    )
    for community, lane, position in rows:
        page = store.feed_after(Scope((community,), frozenset({Lane(lane)})), {community: position - 1}, 1)
        return page.items[0], Lane(lane)
    return None
