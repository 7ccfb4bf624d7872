"""The district's store as the watch reads and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from district.feeds.feed import read_cursor, write_cursor
from district.scope import Lane, Scope, lane_of
from district.store.own import blob_of, times_of
from district.store.port import Row, Store
from offline.journal.projections import read_payload
from offline.wire import FeedItem
from watch.ledger import Seen


class StoreLedger:
    """Every fact of every community; the cursor is a vector of their feeds' positions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def device(self) -> str:
        return self._store.node

    def since(self, cursor: str, limit: int = 1000) -> tuple[list[Seen], str]:
        positions = read_cursor(cursor)[1]
        # of whom no home is watched
        scope = Scope(tuple(sorted(self._store.heads())), frozenset(Lane) - {Lane.PASSAGE})
        page = self._store.feed_after(scope, positions, limit)
        return [self._seen(item) for item in page.items], write_cursor(0, positions | page.positions)

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        return [self._glimpsed(row) for row in self._store.glimpses(subject, kinds, since)]

    def told(self, kinds: Sequence[str]) -> list[Seen]:
        lanes = frozenset(lane_of(kind, "somebody", ()) for kind in kinds)
        scope = Scope(tuple(sorted(self._store.heads())), lanes)
        found: list[Seen] = []
        positions: dict[str, int] = {}
        more = True
        while more:
            page = self._store.feed_after(scope, positions, 1000)
            found += [self._seen(item) for item in page.items if item.event.kind in kinds]
            positions, more = positions | page.positions, page.more
        return found

    def add(
        self, kind: str, payload: Mapping[str, Any], community: str, subject: str | None, at: int, id: str | None = None
    ) -> Seen:
        return seen(self._store.append_own(kind, community, subject, at, payload, id))

    def _glimpsed(self, row: Row) -> Seen:
        place, id, kind, community, subject, at, received, trusted, body, hlc, device = row
        at, received, trusted = times_of(at, received, trusted)
        payload = read_payload(None if body is None else blob_of(body)) or {}
        return Seen(place, id, kind, community, subject, at, received, self._trusted(id, trusted), payload, hlc, device)

    def _seen(self, item: FeedItem) -> Seen:
        return replace(seen(item), trusted=self._trusted(item.event.id, item.trusted))

    def _trusted(self, id: str, trusted: bool) -> bool:
        """What is altered where it lies may still be a call for help; it is no all-clear."""
        return trusted and id not in self._store.doubted


def seen(item: FeedItem) -> Seen:
    e = item.event
    payload = read_payload(None if e.payload is None else bytes(e.payload)) or {}
    return Seen(
        item.position,
        e.id,
        e.kind,
        e.community,
        e.subject,
        e.at,
        item.received,
        item.trusted,
        payload,
        e.hlc,
        item.device,
    )
