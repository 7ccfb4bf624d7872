"""The district's store as the watch's ledger: every community's feed, one cursor over all of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from district.scope import Lane, Scope
from district.store.port import Store
from offline.wire import FeedItem
from watch.ledger import Seen


class StoreLedger:
    def __init__(self, store: Store) -> None:
        self._store = store

    def since(self, cursor: str, limit: int = 1000) -> tuple[list[Seen], str]:
        positions: dict[str, int] = json.loads(cursor) if cursor else {}
        scope = Scope(tuple(sorted(self._store.heads())), frozenset(Lane))
        page = self._store.feed_after(scope, positions, limit)
        return [seen(item) for item in page.items], json.dumps({**positions, **page.positions}, sort_keys=True)

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        found: list[Seen] = []
        for community in sorted(self._store.heads()):
            after = 0
            while items := self._store.facts_about(community, subject, kinds, since, after):
                found += map(seen, items)
                after = items[-1].position
        return found

    def add(
        self, kind: str, payload: Mapping[str, Any], community: str, subject: str | None, at: int, id: str | None = None
    ) -> Seen:
        return seen(self._store.append_own(kind, community, subject, at, payload, id))


def seen(item: FeedItem) -> Seen:
    """A feed item as the rules read it."""
    e = item.event
    payload = msgspec.json.decode(e.payload, type=dict[str, Any]) if e.payload is not None else {}
    return Seen(item.position, e.id, e.kind, e.community, e.subject, e.at, item.received, item.trusted, payload)
