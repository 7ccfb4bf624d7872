"""What a changed scope means for a reader under way: tombstones for what it may no longer read, then on from where it was; and
for a hub, that those below it read it no longer either.
"""

from collections.abc import Collection
from dataclasses import dataclass

from district.scope import Lane, Scope
from district.store.port import Store
from district.store.registry import Registry

PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Leaving:
    """A page of tombstones. `reached` says how far each (community, lane) has been told of; None where all of it has."""

    tombstones: list[str]
    reached: dict[str, int] | None


def leaving(store: Store, before: Scope, now: Scope, positions: dict[str, int], reached: dict[str, int]) -> Leaving:
    """The next ids of facts that the reader may have read in `before` and may not in `now`."""
    found: list[str] = []
    for community in before.communities:
        gone = before.lanes - now.lanes if community in now.communities else before.lanes
        for lane in sorted(gone):
            key = f"{community}/{int(lane)}"
            rows = store.read_within(
                (community,),
                "SELECT position, id FROM facts WHERE community = ? AND lane = ? AND position > ? AND position <= ?"
                " ORDER BY position LIMIT ?",
                (community, int(lane), reached.get(key, 0), positions.get(community, 0), PAGE - len(found)),
            )
            found += [str(getattr(row[1], "hex", row[1])) for row in rows]  # PostgreSQL has a type for them
            if len(found) >= PAGE:
                return Leaving(found, {**reached, key: rows[-1][0]})
    return Leaving(found, None)


def leave(store: Store, registry: Registry, community: str, here: Collection[str]) -> list[str]:
    """This hub no longer serves a community: what came from above goes, and those enrolled here read of it no longer. What was
    recorded by those `here` and has not arrived above stays, for nowhere else is it known. Whose keys nobody needs any more."""
    for d in registry.devices():
        if community in d.communities and d.via is None:
            registry.rescope(d.id, [c for c in d.communities if c != community], d.gate_log)
    scope, positions, more = Scope((community,), frozenset(Lane)), dict[str, int](), True
    while more:
        page = store.feed_after(scope, positions, PAGE)
        if ids := [item.event.id for item in page.items if item.device not in here]:
            store.forget(ids)  # the stream runs ahead of the cursor: not all of it has a tombstone
        positions, more = page.positions, page.more
    return store.leave(community)


def onward(before: Scope, now: Scope, positions: dict[str, int]) -> dict[str, int]:
    """Where to read on: from the beginning of a community of which more lanes are read now, what is known being passed over."""
    grown = now.lanes - before.lanes
    return {} if grown else {c: p for c, p in positions.items() if c in now.communities and c in before.communities}
