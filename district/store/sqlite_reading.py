"""Reading a district's SQLite file, beside the one that writes it: a few connections that cannot write, lent one at a time."""

import queue
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from district.scope import Scope, lanes_of
from district.store import own
from district.store.port import (
    GLIMPSE,
    Page,
    Row,
)  # fmt: skip
from district.store.reading import FACT, erased_by, merge
from district.store.sqlite_schema import OF_PERSON
from offline.wire import FeedItem

READERS = 6


class SqliteReading:
    """The reading half of the store. Nothing can be read before `open_readers`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()

    def open_readers(self) -> None:
        """Once the file is there."""
        for _ in range(READERS):
            self._readers.put(self._reader())

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._reading() as db:
            return rows_of(db, sql, parameters)

    def read_within(
        self,
        communities: Sequence[str],  # noqa: ARG002 - the port's: a second wall is PostgreSQL's alone
        sql: str,
        parameters: Sequence[Any] = (),
    ) -> list[Row]:
        return self.read(sql, parameters)

    def feed_after(self, scope: Scope, positions: Mapping[str, int], limit: int) -> Page:
        with self._reading() as db:
            db.execute("BEGIN")
            try:
                heads = dict(db.execute("SELECT community, position FROM feeds").fetchall())

                def lane(community: str, lane: int, after: int) -> list[Row]:
                    return rows_of(
                        db,
                        f"SELECT {FACT} FROM facts LEFT JOIN payloads ON fact = row WHERE community = ? AND lane = ?"
                        " AND position > ? ORDER BY position LIMIT ?",
                        (community, lane, after, limit),
                    )

                page = merge(scope, positions, heads, limit, lane)
                return erased_by(page, scope, lambda sql, given: rows_of(db, sql, given), OF_PERSON)
            finally:
                db.execute("ROLLBACK")

    def about(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[FeedItem]:
        only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        rows = self.read(
            f"SELECT {FACT} FROM {OF_PERSON} LEFT JOIN payloads ON fact = row WHERE subject = ? AND at >= ?{only} ORDER BY row",
            [subject, since, *kinds],
        )
        return [own.feed_item(r[0], r[1:-2], r[-2], r[-1]) for r in rows]

    def glimpses(self, subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Row]:
        only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        return self.read(
            f"SELECT {', '.join(GLIMPSE)} FROM {OF_PERSON} LEFT JOIN payloads ON fact = row"
            f" WHERE subject = ? AND at >= ?{only} ORDER BY row",
            [subject, since, *kinds],
        )

    def told(self, kinds: Sequence[str]) -> list[FeedItem]:
        lanes = ", ".join(map(str, lanes_of(kinds)))
        rows = self.read(
            f"SELECT {FACT} FROM feeds CROSS JOIN facts USING (community) LEFT JOIN payloads ON fact = row"
            f" WHERE lane IN ({lanes}) AND kind IN ({', '.join('?' * len(kinds))})"
            " ORDER BY community, facts.position",
            list(kinds),
        )
        return [own.feed_item(r[0], r[1:-2], r[-2], r[-1]) for r in rows]

    def heads(self) -> dict[str, int]:
        return dict(self.read("SELECT community, position FROM feeds"))

    def counts(self) -> dict[str, int]:
        tables = ("facts", "payloads", "quarantine", "evidence")
        return {t: self.read(f"SELECT count(*) FROM {t}")[0][0] for t in tables}

    def _reader(self) -> sqlite3.Connection:
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA query_only=ON")
        return db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        db = self._readers.get()
        try:
            yield db
        finally:
            self._readers.put(db)


def rows_of(db: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> list[Row]:
    """What a statement finds. A bad disk leaves bytes that are no text: they must not keep all the others from their readers."""
    try:
        return db.execute(sql, parameters).fetchall()
    except sqlite3.OperationalError as e:
        if "decode" not in str(e):
            raise
    db.text_factory = lambda raw: str(raw, "utf-8", "replace")  # of every word: three times as slow
    try:
        return db.execute(sql, parameters).fetchall()
    finally:
        db.text_factory = str
