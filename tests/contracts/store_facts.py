"""Facts for the stores' tests, made as devices make them; put in, and read again."""

import json
import secrets
from typing import Any

import msgspec

from district.ingest import prepare
from district.scope import DeviceRole, Lane, Scope
from district.store.port import Appended, Prepared, Store
from domain.events import Clock, payload_digest
from offline.keys.identity import b64
from offline.wire import Batch, Event, FeedItem

NOW = 1_795_000_000_000  # 2026-11-18
COMMUNITIES = ("jinxiu", "yulan")
ALL = Scope(COMMUNITIES, frozenset(Lane))


def event(
    seq: int, kind: str = "passage.recorded", community: str = "jinxiu", subject: str | None = None, **more: Any
) -> Event:
    body = json.dumps(more.pop("payload", {"n": seq})).encode()
    salt = secrets.token_bytes(16)
    return Event(
        seq, more.pop("id", secrets.token_hex(16)), kind, 1, community, more.pop("at", NOW + seq),
        Clock.SYNCED, f"{NOW + seq:012x}.0000", payload_digest(salt, body), subject, b64(salt), msgspec.Raw(body),
    )  # fmt: skip


def batch(events: list[Event], device: str = "v1", epoch: int = 1, role: str = "hub") -> Prepared:
    first = events[0].seq if events else 1
    sent = Batch(epoch, 1, first, NOW, events)
    return prepare(sent, [], device, DeviceRole(role), COMMUNITIES, NOW + 10_000)


def put(store: Store, events: list[Event], device: str = "v1", epoch: int = 1) -> Appended:
    return store.append_batch(batch(events, device, epoch)).result(20)


def everything(store: Store, scope: Scope = ALL, limit: int = 100) -> list[FeedItem]:
    """What the scope may read from the beginning, page by page."""
    items, positions, more = list[FeedItem](), dict[str, int](), True
    while more:
        page = store.feed_after(scope, positions, limit)
        items += page.items
        positions, more = page.positions, page.more
    return items
