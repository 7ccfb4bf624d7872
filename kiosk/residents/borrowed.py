"""Face templates that another gate of the community has lent to this one: sealed under each person's key, until the lease ends."""

import json
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from kiosk.erasing import add_column, begin_anew_where_damaged, fill_in_what_was_known, open_erasing
from kiosk.known_time import KnownTime
from kiosk.residents.templates import Embeddings
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal


class Borrowed:
    """Safe to use from any thread. A lease rests once it may be over (`KnownTime.most_ms`), and what was lent is erased once it is
    for sure (`least_ms`), so that the district's next word brings back what only a wrong clock had ended."""

    def __init__(self, path: Path, keys: Keystore, time: KnownTime) -> None:
        self._keys, self._time = keys, time
        self._lock = threading.RLock()
        begin_anew_where_damaged(path)
        self._db = open_erasing(path)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS borrowed (person TEXT PRIMARY KEY, engine TEXT, version TEXT, dim INTEGER,"
            " origin TEXT, until INTEGER, sealed BLOB)"
        )
        add_column(self._db, "borrowed", "knew", "TEXT")  # NULL until it is filled in

    def fill_in(self, agreeing: Mapping[str, frozenset[str]]) -> None:
        """What an older program took was lent in the knowledge of what is known now; before any withdrawal is heard."""
        with self._lock:
            fill_in_what_was_known(self._db, "borrowed", agreeing)

    def now_ms(self) -> int:
        return self._time.most_ms()

    def save(
        self,
        person: str,
        engine: tuple[str, str],
        rows: Embeddings,
        origin: str,
        until: int,
        knew: Collection[str] = (),
    ) -> bool:
        """Keep it in place of what was there; False where the person has no key here (yet). `knew`: the withdrawals that it was
        lent in the knowledge of; any other takes it."""
        if (key := self._keys.find(person)) is None:
            return False
        sealed = seal(key, rows.astype("<f4").tobytes(), _context(person))
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO borrowed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (person, *engine, rows.shape[1], origin, until, sealed, json.dumps(sorted(knew))),
            )
        return True

    def until(self, person: str) -> int:
        """When the lease ends, ms; 0 where nothing is held."""
        with self._lock:
            row = self._db.execute("SELECT until FROM borrowed WHERE person = ?", (person,)).fetchone()
        return int(row[0]) if row else 0

    def gallery(
        self, engine: str, version: str, agreeing: Mapping[str, frozenset[str]]
    ) -> list[tuple[str, Embeddings]]:
        """The embeddings of everybody who consents (as `Roster.agreeing`) and whose lease holds now; what does not open is left
        out."""
        with self._lock:
            rows = self._db.execute(
                "SELECT person, dim, sealed, knew FROM borrowed WHERE engine = ? AND version = ? AND until > ? ORDER BY person",
                (engine, version, self.now_ms()),
            ).fetchall()
        found: list[tuple[str, Embeddings]] = []
        for person, dim, sealed, knew in rows:
            key = self._keys.find(person) if _stays(person, knew, agreeing) else None
            if key is None:
                continue
            try:
                raw = unseal(key, sealed, _context(person))
            except SealBroken:
                continue
            found.append((person, np.frombuffer(raw, "<f4").reshape(-1, dim)))
        return found

    def keep_only(self, agreeing: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
        """Erase what nobody (as `Roster.agreeing`) consents to any more, or not by the same consent, and what has run out;
        (person, why) of each, why `withdrawn` or `lease`."""
        with self._lock:
            self._time.note()
            now = self._time.least_ms()
            gone = [
                (person, "lease" if _stays(person, knew, agreeing) else "withdrawn")
                for person, until, knew in self._db.execute("SELECT person, until, knew FROM borrowed ORDER BY person")
                if until <= now or not _stays(person, knew, agreeing)
            ]
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM borrowed WHERE person = ?", [(person,) for person, _ in gone])
            self._db.execute("COMMIT")
        return gone

    def resting(self) -> frozenset[str]:
        """Whose lease may be over, and is not for sure."""
        with self._lock:
            rows = self._db.execute("SELECT person FROM borrowed WHERE until <= ?", (self.now_ms(),))
            return frozenset(row[0] for row in rows)

    def count(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM borrowed").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _stays(person: str, knew: str | None, agreeing: Mapping[str, frozenset[str]]) -> bool:
    return person in agreeing and (knew is None or agreeing[person].issubset(json.loads(knew)))


def _context(person: str) -> bytes:
    return f"borrowed|{person}".encode()
