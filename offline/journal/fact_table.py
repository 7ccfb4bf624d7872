"""Facts as rows: envelopes, payloads and places, and what may be done to them: put in, erased, taken out where they have left."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import msgspec

from domain.events import Clock, Envelope
from offline.journal.database import Database
from offline.journal.projections import StoredFact, read_payload
from offline.journal.writer import Writer
from offline.keys.identity import b64
from offline.wire import Event, fold_hash

ENVELOPE = "rowid, id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, received, trusted"
COUNTED = "facts.rowid NOT IN (SELECT fact FROM superseded)"


class FactTable:
    """Over one writer; what it changes is part of the caller's transaction."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._newest = self._last()  # row of the newest fact that this program has put in or read

    def held(self) -> Callable[[], None]:
        """How to go back to what is held now."""
        newest = self._newest

        def go_back() -> None:
            self._newest = newest

        return go_back

    def find(self, id: str) -> StoredFact | None:
        return next(self.select("WHERE facts.id = ?", (id,)), None)

    def select(self, where: str, parameters: Sequence[Any] = ()) -> Iterator[StoredFact]:
        """The facts of a WHERE clause."""
        rows = self._writer.read(
            f"SELECT facts.{ENVELOPE}, p.body, position FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            f" LEFT JOIN places ON places.fact = facts.rowid {where}",
            parameters,
        )
        for row in rows:
            yield StoredFact(row[0], envelope_of(row), read_payload(row[15]), row[13], bool(row[14]), row[16])

    def _last(self) -> int:
        return int(self._writer.read("SELECT coalesce(max(rowid), 0) FROM facts")[0][0])

    def put_in_elsewhere(self) -> list[StoredFact]:
        """What another program has put in since this was last asked, or since something was put in here."""
        found = list(self.select("WHERE facts.rowid > ? ORDER BY facts.rowid", (self._newest,)))
        self._newest = self._last()
        return found

    def all(self, page: int = 5_000) -> Iterator[StoredFact]:
        """Every fact in the order it came, a page of them in memory at a time."""
        last = 0
        while facts := list(
            self.select(f"WHERE facts.rowid > ? AND {COUNTED} ORDER BY facts.rowid LIMIT ?", (last, page))
        ):
            yield from facts
            last = facts[-1].rowid

    def insert(
        self, e: Envelope, salt: bytes | None, body: bytes | None, received: int, trusted: bool, chain: str | None,
        position: int | None = None,
    ) -> StoredFact:  # fmt: skip
        db = self._writer.db
        rowid = db.execute(
            "INSERT INTO facts (id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, chain,"
            " received, trusted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (e.id, e.device, e.epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock, e.hlc, e.digest,
             chain, received, trusted),
        ).lastrowid  # fmt: skip
        self._newest = rowid or 0
        db.execute("INSERT INTO payloads VALUES (?, ?, ?)", (rowid, salt, body))
        if position is not None:
            db.execute("INSERT INTO places VALUES (?, ?)", (rowid, position))
        return StoredFact(rowid or 0, e, read_payload(body), received, trusted, position)

    def place(self, fact: StoredFact, position: int) -> None:
        """Where the district has put it in its feed."""
        self._writer.db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (fact.rowid, position))

    def erase(self, id: str) -> StoredFact | None:
        """Null its payload; the fact as it is now, None where there was none to erase."""
        row = self._writer.db.execute("SELECT rowid FROM facts WHERE id = ?", (id,)).fetchone()
        if row is None:
            return None
        changed = self._writer.db.execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE fact = ? AND body IS NOT NULL", row
        ).rowcount
        return self.find(id) if changed else None

    def delete(self, facts: Sequence[StoredFact]) -> None:
        db, rows = self._writer.db, [(fact.rowid,) for fact in facts]
        db.executemany("INSERT INTO leaving VALUES (?)", rows)
        for table, column in (("payloads", "fact"), ("places", "fact"), ("superseded", "fact"), ("facts", "rowid")):
            db.executemany(f"DELETE FROM {table} WHERE {column} = ?", rows)
        db.execute("DELETE FROM leaving")
        self._newest = self._last()  # a row that has gone may be another's next

    def supersede(self, facts: Sequence[StoredFact]) -> None:
        """They were recorded anew and count no more."""
        self._writer.db.executemany("INSERT INTO superseded VALUES (?)", [(fact.rowid,) for fact in facts])


def sums(file: Database, device: str, through: Mapping[str, int]) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(community, device, epoch) -> count and fold of the hashes of others' facts than `device`'s, as the feed had them at
    `through`."""
    found: dict[tuple[str, str, int], tuple[int, int]] = {}
    with closing(file.reader()) as db:
        for n, row in enumerate(
            db.execute(
                f"SELECT {ENVELOPE}, position FROM facts LEFT JOIN places ON places.fact = facts.rowid"
                f" WHERE device <> ? AND {COUNTED}",
                (device,),
            )
        ):
            if n % 250 == 249:
                time.sleep(0.001)  # nobody waits for this, and windows want the interpreter
            e, position = envelope_of(row), row[-1]
            if position is None or position <= through.get(e.community, 0):
                key = (e.community, e.device, e.epoch)
                count, folded = found.get(key, (0, 0))
                found[key] = (count + 1, folded ^ fold_hash(bytes.fromhex(e.content_hash())))
    return found


def envelope_of(row: Sequence[Any]) -> Envelope:
    """Of a row that begins with `ENVELOPE`."""
    _, id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, *_rest = row
    return Envelope(id, device, epoch, seq, kind, schema, community, subject, at, Clock(clock), hlc, digest)


def event_of(e: Envelope, salt: bytes | None, body: bytes | None) -> Event:
    """As it travels up."""
    return Event(
        e.seq, e.id, e.kind, e.schema, e.community, e.at, e.clock, e.hlc, e.digest, e.subject,
        None if salt is None else b64(salt), None if body is None else msgspec.Raw(body),
    )  # fmt: skip
