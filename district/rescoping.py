"""What a changed scope means for a reader under way: tombstones for what it may no longer read, then on from where it was."""

from dataclasses import dataclass

from district.scope import Scope
from district.store.port import Store

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


def onward(before: Scope, now: Scope, positions: dict[str, int]) -> dict[str, int]:
    """Where to read on: from the beginning of a community of which more lanes are read now, what is known being passed over."""
    grown = now.lanes - before.lanes
    return {} if grown else {c: p for c, p in positions.items() if c in now.communities and c in before.communities}
