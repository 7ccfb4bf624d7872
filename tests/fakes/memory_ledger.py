"""A ledger in memory: keeps what a journal keeps, for histories too many for a disk."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from watch.ledger import Seen


class MemoryLedger:
    """`before` is called with every fact about to be kept; what it raises keeps the fact out."""

    device = ""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now = now_ms
        self._all: list[Seen] = []
        self._by_id: dict[str, Seen] = {}
        self._by_subject: dict[str | None, list[Seen]] = {}
        self.before: Callable[[str, Mapping[str, Any]], None] = lambda kind, payload: None

    def since(self, cursor: str, limit: int = 1000) -> tuple[list[Seen], str]:
        start = int(cursor or 0)
        found = self._all[start : start + limit]
        return found, str(start + len(found))

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        return [f for f in self._by_subject.get(subject, ()) if (not kinds or f.kind in kinds) and f.at >= since]

    def told(self, kinds: Sequence[str]) -> list[Seen]:
        return [f for f in self._all if f.kind in kinds]

    def add(
        self, kind: str, payload: Mapping[str, Any], community: str, subject: str | None, at: int, id: str | None = None
    ) -> Seen:
        if id is not None and id in self._by_id:
            return self._by_id[id]
        self.before(kind, payload)
        position = len(self._all) + 1
        fact = Seen(position, id or f"f{position}", kind, community, subject, at, self._now(), True, dict(payload))
        self._all.append(fact)
        self._by_id[fact.id] = fact
        self._by_subject.setdefault(subject, []).append(fact)
        return fact
