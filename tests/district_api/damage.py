"""What stands in a server's database, and what a bad disk does to it."""

from district.scope import Lane, Scope
from offline.wire import FeedItem
from tests.fakes import spoiling
from tests.fakes.serving import Serving

WHOLE = frozenset(Lane)


def items(server: Serving, community: str) -> list[FeedItem]:
    return server.office.store.feed_after(Scope((community,), WHOLE), {}, 1000).items


def spoil(server: Serving, *statements: str) -> None:
    spoiling.spoil(server.office.store, *statements)


def evidence(server: Serving) -> int:
    return server.office.store.counts()["evidence"]
