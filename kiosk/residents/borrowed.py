"""Face templates that another gate of the community has lent to this one: sealed under each person's key, until the lease ends."""

import threading
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from kiosk.erasing import begin_anew_where_damaged, open_erasing
from kiosk.residents.templates import Embeddings
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal
from offline.node_clock import elapsed


class Borrowed:
    """Safe to use from any thread. `clock` gives ms; `sure` says whether it is the district's time.

    A lease ends by whichever says more: the clock, or the latest time ever seen here with what has passed since this program
    started. A machine that wakes in 1970 keeps nobody's face for longer; one that wakes in 2050 remembers only what it was sure of.
    """

    def __init__(
        self,
        path: Path,
        keys: Keystore,
        clock: Callable[[], int],
        sure: Callable[[], bool],
        monotonic: Callable[[], float] = elapsed,
    ) -> None:
        self._keys, self._clock, self._sure, self._monotonic = keys, clock, sure, monotonic
        self._lock = threading.RLock()
        begin_anew_where_damaged(path)
        self._db = open_erasing(path)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS borrowed (person TEXT PRIMARY KEY, engine TEXT, version TEXT, dim INTEGER,"
            " origin TEXT, until INTEGER, sealed BLOB)"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS latest (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER)")
        row = self._db.execute("SELECT at FROM latest").fetchone()
        self._latest, self._opened = (row[0] if row else 0), monotonic()

    def now_ms(self) -> int:
        return self._now()[0]

    def _now(self) -> tuple[int, float]:
        """The time, ms, and what the clock that nobody can set showed then."""
        shown = self._monotonic()
        return max(self._clock(), self._latest + int(1000 * (shown - self._opened))), shown

    def save(self, person: str, engine: tuple[str, str], rows: Embeddings, origin: str, until: int) -> bool:
        """Keep it in place of what was there; False where the person has no key here (yet)."""
        if (key := self._keys.find(person)) is None:
            return False
        sealed = seal(key, rows.astype("<f4").tobytes(), _context(person))
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO borrowed VALUES (?, ?, ?, ?, ?, ?, ?)",
                (person, *engine, rows.shape[1], origin, until, sealed),
            )
        return True

    def until(self, person: str) -> int:
        """When the lease ends, ms; 0 where nothing is held."""
        with self._lock:
            row = self._db.execute("SELECT until FROM borrowed WHERE person = ?", (person,)).fetchone()
        return int(row[0]) if row else 0

    def gallery(self, engine: str, version: str, consenting: Collection[str]) -> list[tuple[str, Embeddings]]:
        """The embeddings of everybody who consents and whose lease holds now; what does not open is left out."""
        with self._lock:
            rows = self._db.execute(
                "SELECT person, dim, sealed FROM borrowed WHERE engine = ? AND version = ? AND until > ? ORDER BY person",
                (engine, version, self.now_ms()),
            ).fetchall()
        found: list[tuple[str, Embeddings]] = []
        for person, dim, sealed in rows:
            key = self._keys.find(person) if person in consenting else None
            if key is None:
                continue
            try:
                raw = unseal(key, sealed, _context(person))
            except SealBroken:
                continue
            found.append((person, np.frombuffer(raw, "<f4").reshape(-1, dim)))
        return found

    def keep_only(self, consenting: Collection[str]) -> list[tuple[str, str]]:
        """Erase what nobody consents to any more and what has run out; (person, why) of each, why `withdrawn` or `lease`."""
        with self._lock:
            now, shown = self._now()
            if self._sure():
                self._db.execute("INSERT OR REPLACE INTO latest VALUES (1, ?)", (now,))
                self._latest, self._opened = now, shown  # not what it shows by now: a machine may have slept since
            gone = [
                (person, "lease" if person in consenting else "withdrawn")
                for person, until in self._db.execute("SELECT person, until FROM borrowed ORDER BY person")
                if until <= now or person not in consenting
            ]
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM borrowed WHERE person = ?", [(person,) for person, _ in gone])
            self._db.execute("COMMIT")
        return gone

    def count(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM borrowed").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _context(person: str) -> bytes:
    return f"borrowed|{person}".encode()
