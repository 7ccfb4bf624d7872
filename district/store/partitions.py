"""Partitions by the fact's own day, made before they are needed. Days far from today share one that takes the rest."""

import threading
from collections.abc import Iterable

import psycopg
from psycopg import sql

from domain.events import from_ms

DAY_MS = 86_400_000
KEPT_BACK, AHEAD = 45, 2  # days around today that get a partition of their own
_LOCK = 0x5348_4F56


class Partitions:
    """Knows which days have a partition. `url` is for a connection outside the writers' transactions."""

    def __init__(self, url: str) -> None:
        self._url, self._have, self._lock = url, set[int](), threading.Lock()

    def ensure(self, times: Iterable[int], now_ms: int) -> None:
        """A partition for the day of each of `times` (ms) that is near enough."""
        today = now_ms // DAY_MS
        wanted = {day for day in {t // DAY_MS for t in times} if today - KEPT_BACK <= day <= today + AHEAD}
        if wanted <= self._have:
            return
        with self._lock, psycopg.connect(self._url, autocommit=True) as db:
            for day in sorted(wanted - self._have):
                self._make(db, day)
                self._have.add(day)

    @staticmethod
    def _make(db: psycopg.Connection[tuple[object, ...]], day: int) -> None:
        name = f"{from_ms(day * DAY_MS):%Y%m%d}"
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            for table in ("facts", "payloads"):
                make = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(f"{table}_{name}"),
                    sql.Identifier(table),
                    sql.Literal(day * DAY_MS),
                    sql.Literal((day + 1) * DAY_MS),
                )
                alone = sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(f"{table}_{name}"))
                try:
                    with db.transaction():
                        db.execute(make)
                        db.execute(alone)  # asked directly it shows nothing (`district.store.wall`)
                # facts of that day came when it was far ahead: they stay where they are
                except psycopg.errors.CheckViolation:
                    continue
