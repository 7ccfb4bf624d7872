"""Reading the feed: lanes merged into one order, and what an erasure on the page takes with it."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from district.scope import Scope
from district.store.own import feed_item
from district.store.people import ERASED
from district.store.port import COLUMNS, Page, Row
from offline.wire import FeedItem

FACT = f"facts.position, {', '.join(COLUMNS)}, salt, body"
ReadLane = Callable[[str, int, int], Sequence[Row]]  # community, lane, after -> rows of FACT, in order


def merge(scope: Scope, positions: Mapping[str, int], heads: Mapping[str, int], limit: int, read: ReadLane) -> Page:
    """Up to `limit` items beyond `positions`. Rows beyond the head that was read first are left for the next page.

    A position beyond the head means that this district was restored from an older backup: the reader starts over.
    """
    items, reached, more = list[FeedItem](), dict[str, int](), False
    for community in scope.communities:
        head, after = heads.get(community, 0), positions.get(community, 0)
        after = after if after <= head else 0
        room = limit - len(items)
        lanes = [read(community, int(lane), after) for lane in sorted(scope.lanes)] if room > 0 and head > after else []
        placed = ([r for r in lane if type(r[0]) is int] for lane in lanes)  # a bad disk leaves what is no place
        rows = [r for r in heapq.merge(*placed, key=lambda r: r[0]) if r[0] <= head]
        taken = rows[:room] if room > 0 else []
        full = len(rows) > room or any(len(lane) == limit for lane in lanes)
        items += [feed_item(r[0], r[1:-2], r[-2], r[-1]) for r in taken]
        if room <= 0:
            reached[community], more = after, more or head > after
        else:
            reached[community] = taken[-1][0] if full and taken else head
            more = more or full
    return Page(items, reached, more)


def erased_by(
    page: Page, scope: Scope, execute: Callable[[str, Sequence[Any]], list[Row]], facts: str = "facts"
) -> Page:
    """The page with the ids of facts whose payloads an erasure on it takes away. `facts`: where to look for a person's."""
    lanes = ", ".join(str(int(lane)) for lane in sorted(scope.lanes))
    lost = [
        row[0]
        for item in page.items
        if item.event.kind == ERASED and item.event.subject is not None
        for row in execute(
            f"SELECT id FROM {facts} WHERE subject = ? AND community = ? AND lane IN ({lanes}) AND id <> ?",
            (item.event.subject, item.event.community, item.event.id),
        )
    ]
    return replace(page, erased=lost) if lost else page
