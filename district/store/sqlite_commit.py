"""What one transaction on SQLite leaves to be told: what grew, and what the stream must hear of."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from district.scope import STREAMED
from district.store import own
from district.store.port import (
    LANE,
    Row,
)  # fmt: skip
from offline.wire import FeedItem


class Commit:
    """One transaction's bookkeeping: what grew, and what the stream must hear of."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.grown: set[str] = set()
        self.lanes: dict[str, set[int]] = {}
        self.streams: set[tuple[str, int]] = set()
        self.streamed: list[FeedItem] = []
        self.erased: list[tuple[str, str]] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._db.execute(sql, parameters).fetchall()

    def note(
        self,
        rows: Sequence[Row],
        payloads: Sequence[tuple[bytes | None, bytes | None]],
        lanes: Iterable[tuple[str, int]],
    ) -> None:
        """`rows` are (row, position, fact …)."""
        for community, lane in lanes:
            self.grown.add(community)
            self.lanes.setdefault(community, set()).add(lane)
        if any(lane in STREAMED for _, lane in lanes):
            self.streamed += [
                own.feed_item(row[1], row[2:], *payload)
                for row, payload in zip(rows, payloads, strict=True)
                if row[2 + LANE] in STREAMED
            ]

    def finish(self, heads: Mapping[str, int], streams: Mapping[tuple[str, int], tuple[int, int]]) -> None:
        self._db.executemany(
            "INSERT INTO feeds VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position",
            [(c, heads[c]) for c in self.grown],
        )
        self._db.executemany(
            "INSERT INTO streams VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET through = excluded.through,"
            " greatest = excluded.greatest",
            [(*key, *streams[key]) for key in self.streams if key in streams],
        )
