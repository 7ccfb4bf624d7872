"""The journal of one node: its own facts with their outbox, and those of others as they come down the feed.

One writer connection a file does all writing; readers are `query_only`. What `append` has returned from survives a power cut
(WAL, ``synchronous=FULL``).
"""

import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlite_utils

from domain.clock import Hlc
from domain.errors import Mendable
from domain.events import SCHEMA, Clock, Envelope, chain_hash, derived_id, fresh_id, from_ms, payload_digest
from offline import schema
from offline.ballast import Ballast
from offline.database import Database, Error
from offline.identity import b64, unb64
from offline.node_clock import NodeClock
from offline.projections import Projection, Projector, StoredFact, read_payload
from offline.turns import Turns
from offline.wire import Event, FeedItem, fold_hash

log = logging.getLogger(__name__)

_FACT = "rowid, id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, received, trusted"
_COUNTED = "facts.rowid NOT IN (SELECT fact FROM superseded)"
_SALT_BYTES = 16
T = TypeVar("T")
SHED = "journal.shed"  # payload: first, last (numbers), count, because
MOST_WAITING = 200_000  # facts that the district has not acknowledged, before the oldest give up what they say
_MAY_GO = ("passage", "sign", "device", "kiosk", "gate", "reminder")  # never incidents, consents, people's own words
_RESERVED_FOR = ("incident.", "consent.", "call.")
_RESERVE = 4 * 1024 * 1024
SLICE = 50  # of others' facts at once: whoever else wants to write waits 10 to 20 ms
_CHECKPOINT_PAGES = 1000  # SQLite's own
Changed = Callable[[list[StoredFact]], None]


class Journal:
    """Opened for one node; safe to use from any thread.

    Raises Mendable: `database_newer` (written by a newer program), `journal_damaged` (or sealed under another key), `disk_full`,
    `disk_readonly`. With a `key` the file is sealed as a whole; a plain one is sealed at its first opening with one.
    """

    def __init__(
        self,
        path: Path,
        clock: NodeClock,
        projections: Sequence[Projection] = (),
        sign: Callable[[bytes], bytes] | None = None,
        key: bytes | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.path, self._clock, self._sign, self._most = path, clock, sign, most_waiting
        path.parent.mkdir(parents=True, exist_ok=True)
        self._turns = Turns()
        self._listeners: list[Changed] = []
        self._ballast = Ballast(path.with_suffix(".ballast"))
        self._reserve = Ballast(path.with_suffix(".reserve"), _RESERVE)  # for what must not be lost
        self._spent = False  # and has been used
        self._projector = Projector(projections)
        self._seq, self._hlc, self._chain, self._day = 0, Hlc(0, 0), "", ""  # as in the file; see _prepare
        self.file = Database.sealed(path, key)
        with self._mendable():
            self._db = self.file.writer()
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
        self._reserve.lay()
        self._ballast.lay()

    def _prepare(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > schema.VERSION:
            raise Mendable("database_newer", path=self.path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA foreign_keys=ON")
        schema.migrations.apply(sqlite_utils.Database(self._db))
        self._db.execute(f"PRAGMA user_version={schema.VERSION}")
        with self._transaction():
            self._projector.prepare(self._db, self._all())
        self._hlc = Hlc.parse(self._state("hlc") or str(Hlc(0, 0)))
        self._seq = self._db.execute(
            "SELECT coalesce(max(seq), 0) FROM facts WHERE device = ? AND epoch = ?", (self.device, self.epoch)
        ).fetchone()[0]
        self._chain = self._state("chain") or ""
        self._day = self._state("day") or ""

    # ---- who we are -------------------------------------------------------------------------------------------------

    @property
    def device(self) -> str:
        """The id the district gave this node; '' before it is enrolled."""
        return str(self._state("device") or "")

    @property
    def epoch(self) -> int:
        return int(self._state("epoch") or 0)

    @property
    def community(self) -> str:
        return str(self._state("community") or "")

    def become(self, device: str, epoch: int, community: str) -> None:
        """Take the identity the district gave at enrolment, or the next epoch after a fork."""
        with self._turns, self._transaction():
            self._set(device=device, epoch=epoch, community=community, acked=0, chain="", day="")
            self._seq, self._chain, self._day = 0, "", ""

    def fork(self, epoch: int) -> None:
        """Go on in a new epoch: what the district has not acknowledged is recorded anew there, and once only counted."""
        with self._turns, self._transaction():
            mine = "WHERE device = ? AND epoch = ? AND seq > ? AND chain IS NOT NULL ORDER BY seq"  # not what came back down
            orphans = list(self._stored(mine, (self.device, self.epoch, self.acked_through)))
            self._set(shed=0)  # numbers begin anew
            self.become(self.device, epoch, self.community)
            self._db.executemany("INSERT INTO superseded VALUES (?)", [(fact.rowid,) for fact in orphans])
            for fact in orphans:
                e = fact.envelope
                self._append(e.kind, fact.payload or {}, e.subject, e.at, derived_id(e.id, str(epoch)))
            self._projector.rebuild(self._db, self._all())

    # ---- own facts --------------------------------------------------------------------------------------------------

    def append(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        subject: str | None = None,
        at: int | None = None,
        id: str | None = None,
    ) -> StoredFact:
        """Record one fact of this node; it is durable on return. `at` in ms, now where it is left out.

        A fact whose `id` is already here is not recorded again: the one that is here is returned.
        """
        return self.append_all([(kind, payload, subject, at, id)])[0]

    def append_all(
        self, facts: Iterable[tuple[str, dict[str, Any], str | None, int | None, str | None]]
    ) -> list[StoredFact]:
        """Record several facts (kind, payload, subject, at, id) together or not at all."""
        with self._turns:
            wanted = list(facts)
            precious = any(kind.startswith(_RESERVED_FOR) for kind, *_ in wanted)
            made = self._durably(lambda: [self._append(*fact) for fact in wanted], precious)
            self._tell(made)
        return made

    def _append(
        self, kind: str, payload: dict[str, Any], subject: str | None, at: int | None, id: str | None
    ) -> StoredFact:
        if id is not None and (here := self.find(id)) is not None:
            return here
        now = self._clock.now_ms()
        self._close_segment(now)
        self._hlc = self._hlc.tick(now)
        self._seq += 1
        salt, body = secrets.token_bytes(_SALT_BYTES), msgspec.json.encode(payload)
        envelope = Envelope(
            id or fresh_id(now), self.device, self.epoch, self._seq, kind, SCHEMA, self.community, subject,
            now if at is None else at, self._clock.state, str(self._hlc), payload_digest(salt, body),
        )  # fmt: skip
        self._chain = chain_hash(self._chain, envelope.content_hash())
        fact = self._insert(envelope, salt, body, received=now, trusted=True, chain=self._chain)
        self._set(hlc=str(self._hlc), chain=self._chain)
        if self._seq % max(1, self._most // 100) == 0:
            self._shed()
        return fact

    def _shed(self) -> None:
        """Where too much waits for the district, the oldest tenth gives up what it says. Numbers, times and the chain stay whole,
        and that it happened is a fact."""
        first = max(self.acked_through, int(self._state("shed") or 0)) + 1
        if self._seq - first < self._most:
            return
        last = first + max(1, self._most // 10) - 1
        going = " OR ".join("kind LIKE ? || '.%'" for _ in _MAY_GO)
        count = self._db.execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL AND fact IN"
            f" (SELECT rowid FROM facts WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ? AND ({going}))",
            (self.device, self.epoch, first, last, *_MAY_GO),
        ).rowcount
        self._set(shed=last)
        if count:
            log.error(
                "%d facts waited for the district: %d of %d to %d have given up what they say",
                self._most,
                count,
                first,
                last,
            )
            told = {"first": first, "last": last, "count": count, "because": "too_many"}
            self._append(SHED, told, None, None, None)

    def _close_segment(self, now_ms: int) -> None:
        """At the first fact of a new day, sign the head of the day before."""
        day = from_ms(now_ms).date().isoformat()
        if day != self._day:
            if self._day and self._chain:
                signature = self._sign(f"{self._day} {self._seq} {self._chain}".encode()) if self._sign else None
                self._db.execute(
                    "INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?)",
                    (self._day, self._seq, self._chain, signature),
                )
            self._day = day
            self._set(day=day)

    def verify_chain(self) -> int | None:
        """Walk the hash chain of this node's facts; the first seq that does not fit, or None where all do."""
        chain = ""
        rows = self._db.execute(
            f"SELECT {_FACT}, chain FROM facts WHERE device = ? AND epoch = ? ORDER BY seq", (self.device, self.epoch)
        )
        for row in rows:
            envelope = _envelope(row)
            chain = chain_hash(chain, envelope.content_hash())
            if chain != row[-1]:
                return envelope.seq
        return None

    # ---- outbox -----------------------------------------------------------------------------------------------------

    @property
    def acked_through(self) -> int:
        return int(self._state("acked") or 0)

    def unsent(self, limit: int, after: int | None = None, families: Sequence[str] = ()) -> list[Event]:
        """Own facts beyond `after` (or what is acknowledged), oldest first; only of these families where any are named."""
        only = " AND (" + " OR ".join("kind LIKE ? || '.%'" for _ in families) + ")" if families else ""
        rows = self._reading(
            f"SELECT {_FACT}, p.salt, p.body FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            f" WHERE device = ? AND epoch = ? AND seq > ?{only} ORDER BY seq LIMIT ?",
            (self.device, self.epoch, self.acked_through if after is None else after, *families, limit),
        )
        return [_event(_envelope(row), row[-2], row[-1]) for row in rows]

    def pending(self) -> int:
        """How many own facts the district has not acknowledged."""
        return self._seq - self.acked_through

    def acknowledged(self, through: int) -> None:
        """The district has durably kept everything up to and including `through`."""
        with self._turns, self._transaction():
            if through > self.acked_through:
                self._set(acked=min(through, self._seq))

    def take_back(self, through: int) -> None:
        """The district has lost what came after `through` (an older backup was restored): it is to be sent again."""
        with self._turns, self._transaction():
            self._set(acked=min(through, self.acked_through))

    # ---- others' facts ----------------------------------------------------------------------------------------------

    def absorb(
        self, items: Iterable[FeedItem], cursor: str | None = None, erased: Iterable[str] = ()
    ) -> list[StoredFact]:
        """Take over a page of the feed; facts already here (our own come back) are passed over. It comes in slices, and between
        them whoever waits has their turn; `cursor` moves with the last, so that a page that was cut short is read again.

        `erased` are ids of facts whose payloads go; see `erase`.
        """
        page, fresh = list(items), list[StoredFact]()
        if len(page) <= SLICE:
            return self._absorb_slice(page, cursor, list(erased))
        with self._checkpoint_after():
            while len(page) > SLICE:
                fresh += self._absorb_slice(page[:SLICE])
                del page[:SLICE]
                self._turns.let_pass()
            return fresh + self._absorb_slice(page, cursor, list(erased))

    @contextmanager
    def _checkpoint_after(self) -> Iterator[None]:
        """What is committed meanwhile goes from the WAL into the file at the end and beside the writer: nobody's commit waits for
        the disk to take hundreds of pages."""
        with self._turns:
            self._db.execute("PRAGMA wal_autocheckpoint=0")
        try:
            yield
        finally:
            with suppress(Error), closing(self.file.writer()) as db:  # the next commit does it where this could not
                db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            with self._turns:
                self._db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")

    def _absorb_slice(
        self, items: Sequence[FeedItem], cursor: str | None = None, erased: Sequence[str] = ()
    ) -> list[StoredFact]:
        placed = list[StoredFact]()

        def work() -> tuple[list[StoredFact], list[StoredFact]]:
            placed.clear()
            fresh = [fact for item in items if (fact := self._absorb(item, placed)) is not None]
            gone = [fact for id in erased if (fact := self._erase(id)) is not None]
            if cursor is not None:
                self._set(cursor=cursor)
            self._set(hlc=str(self._hlc))
            return fresh, gone

        with self._turns:
            fresh, gone = self._durably(work)
            self._tell(fresh + gone + placed)
        return fresh

    def _absorb(self, item: FeedItem, placed: list[StoredFact]) -> StoredFact | None:
        envelope = item.event.envelope(item.device, item.epoch)
        if (here := self.find(envelope.id)) is not None:
            if self._place(here, item.position):
                placed.append(here)
            return None
        self._hlc = self._hlc.merge(Hlc.parse(envelope.hlc), self._clock.now_ms())
        salt = unb64(item.event.salt) if item.event.salt is not None else None
        body = bytes(item.event.payload) if item.event.payload is not None else None
        return self._insert(envelope, salt, body, item.received, item.trusted, None, item.position)

    def _place(self, fact: StoredFact, position: int) -> bool:
        """The district's place for a fact that is here; whether a fold goes by it."""
        if fact.position == position:
            return False
        self._db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (fact.rowid, position))
        return self._projector.placed(self._db, replace(fact, position=position))

    def forget(self, ids: Iterable[str], cursor: str) -> list[str]:
        """Others' facts that have left this node's scope go, with a page's cursor. Returns people of whom nothing is left here.

        Own facts stay. What was folded from the others is folded anew by `rebuild`, which the caller asks for at the end.
        """
        with self._turns:
            with self._transaction():
                gone = [f for id in ids if (f := self.find(id)) is not None and f.envelope.device != self.device]
                self._delete(gone)
                self._set(cursor=cursor)
            self._tell([replace(fact, payload=None) for fact in gone])
            people = {f.envelope.subject for f in gone if f.envelope.subject}
            return [p for p in people if not self._reading("SELECT 1 FROM facts WHERE subject = ? LIMIT 1", (p,))]

    def mend(self, items: Iterable[FeedItem]) -> int:
        """Others' facts that are here and are not what the feed says they are give way to it; how many. `absorb` takes them in."""
        with self._turns, self._transaction():
            harmed = [
                here
                for item in items
                if (here := self.find(item.event.id)) is not None
                and here.envelope.device != self.device
                and here.envelope != item.event.envelope(item.device, item.epoch)
            ]
            self._delete(harmed)
        return len(harmed)

    def _delete(self, facts: Sequence[StoredFact]) -> None:
        rows = [(fact.rowid,) for fact in facts]
        self._db.executemany("INSERT INTO leaving VALUES (?)", rows)
        for table, column in (("payloads", "fact"), ("places", "fact"), ("superseded", "fact"), ("facts", "rowid")):
            self._db.executemany(f"DELETE FROM {table} WHERE {column} = ?", rows)
        self._db.execute("DELETE FROM leaving")

    def sums(self, through: Mapping[str, int]) -> dict[tuple[str, str, int], tuple[int, int]]:
        """(community, device, epoch) -> count and fold of the hashes of others' facts, as the feed had them at `through`."""
        found: dict[tuple[str, str, int], tuple[int, int]] = {}
        with closing(self.file.reader()) as db:
            for n, row in enumerate(
                db.execute(
                    f"SELECT {_FACT}, position FROM facts LEFT JOIN places ON places.fact = facts.rowid"
                    f" WHERE device <> ? AND {_COUNTED}",
                    (self.device,),
                )
            ):
                if n % 250 == 249:
                    time.sleep(0.001)  # nobody waits for this, and windows want the interpreter
                e, position = _envelope(row), row[-1]
                if position is None or position <= through.get(e.community, 0):
                    key = (e.community, e.device, e.epoch)
                    count, folded = found.get(key, (0, 0))
                    found[key] = (count + 1, folded ^ fold_hash(bytes.fromhex(e.content_hash())))
        return found

    @property
    def cursor(self) -> str:
        """Where the feed has been applied through; '' at the beginning."""
        return str(self._state("cursor") or "")

    # ---- erasure ----------------------------------------------------------------------------------------------------

    def erase(self, ids: Iterable[str]) -> int:
        """Null the payloads of these facts; the envelopes stay, and the chain with them. Returns how many had one."""
        with self._turns:
            with self._transaction():
                gone = [fact for id in ids if (fact := self._erase(id)) is not None]
            self._tell(gone)
        return len(gone)

    def _erase(self, id: str) -> StoredFact | None:
        row = self._db.execute("SELECT rowid FROM facts WHERE id = ?", (id,)).fetchone()
        if row is None:
            return None
        changed = self._db.execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE fact = ? AND body IS NOT NULL", row
        ).rowcount
        fact = self.find(id)
        if not changed or fact is None:
            return None
        self._projector.apply(self._db, fact)
        return fact

    # ---- reading ----------------------------------------------------------------------------------------------------

    def find(self, id: str) -> StoredFact | None:
        return next(iter(self._stored("WHERE facts.id = ?", (id,))), None)

    def facts(self, kind: str | None = None, subject: str | None = None, since: int = 0) -> list[StoredFact]:
        """Facts in the order they came here, of one kind or of one person, from `since` (ms) on."""
        return list(
            self._stored(
                f"WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR subject = ?2) AND at >= ?3 AND {_COUNTED}"
                " ORDER BY facts.rowid",
                (kind, subject, since),
            )
        )

    def _stored(self, where: str, parameters: Sequence[Any] = ()) -> Iterator[StoredFact]:
        rows = self._reading(
            f"SELECT facts.{_FACT}, p.body, position FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            f" LEFT JOIN places ON places.fact = facts.rowid {where}",
            parameters,
        )
        for row in rows:
            yield StoredFact(row[0], _envelope(row), read_payload(row[15]), row[13], bool(row[14]), row[16])

    def _all(self, page: int = 5_000) -> Iterator[StoredFact]:
        """Every fact in the order it came, a page of them in memory at a time."""
        last = 0
        while facts := list(
            self._stored(f"WHERE facts.rowid > ? AND {_COUNTED} ORDER BY facts.rowid LIMIT ?", (last, page))
        ):
            yield from facts
            last = facts[-1].rowid

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a projection, as dictionaries."""
        with self._turns:
            return list(sqlite_utils.Database(self._db, execute_plugins=False).query(sql, parameters))

    def on_change(self, listener: Changed) -> Callable[[], None]:
        """Call `listener` with the facts that came, lost their payload or got a place that matters, after each commit.

        On the writing thread. Returns what stops it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def rebuild(self) -> None:
        """Throw the projections away and fold them again."""
        with self._turns, self._transaction():
            self._projector.rebuild(self._db, self._all())

    def close(self) -> None:
        with self._turns:
            self._db.close()

    # ---- below the floor --------------------------------------------------------------------------------------------

    def _insert(
        self, e: Envelope, salt: bytes | None, body: bytes | None, received: int, trusted: bool, chain: str | None,
        position: int | None = None,
    ) -> StoredFact:  # fmt: skip
        rowid = self._db.execute(
            "INSERT INTO facts (id, device, epoch, seq, kind, schema, community, subject, at, clock, hlc, digest, chain,"
            " received, trusted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (e.id, e.device, e.epoch, e.seq, e.kind, e.schema, e.community, e.subject, e.at, e.clock, e.hlc, e.digest,
             chain, received, trusted),
        ).lastrowid  # fmt: skip
        self._db.execute("INSERT INTO payloads VALUES (?, ?, ?)", (rowid, salt, body))
        if position is not None:
            self._db.execute("INSERT INTO places VALUES (?, ?)", (rowid, position))
        fact = StoredFact(rowid or 0, e, read_payload(body), received, trusted, position)
        self._projector.apply(self._db, fact)
        return fact

    def _reading(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._turns:
            return self._db.execute(sql, parameters).fetchall()

    def _state(self, key: str) -> Any:
        rows = self._reading("SELECT value FROM state WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def _set(self, **values: Any) -> None:
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())

    def _tell(self, facts: list[StoredFact]) -> None:
        """The facts are kept: a listener that fails takes nothing back, and must not keep the others from hearing."""
        for listener in list(self._listeners) if facts else ():
            try:
                listener(facts)
            except Exception:
                log.exception("a listener of the journal failed")

    def _durably(self, work: Callable[[], T], precious: bool = False) -> T:
        """Run `work` in a transaction; where the disk is full, give up the ballast and run it once more, and for what is precious
        the reserve as well. Until that is whole again, the room it left is for nothing else."""
        if self._spent and not precious and self._reserve.lay():
            self._spent = False
        elif self._spent and not precious:
            raise Mendable("disk_full", path=self.path.parent)
        try:
            with self._transaction():
                return work()
        except Mendable as e:
            if e.code != "disk_full" or not (self._ballast.release() or precious):
                raise
        try:
            with self._transaction():
                return work()
        except Mendable as e:
            if e.code != "disk_full" or not precious or not self._reserve.release():
                raise
        self._spent = True
        with self._transaction():
            return work()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._db.in_transaction:  # part of a larger one
            yield
            return
        before = (self._seq, self._hlc, self._chain, self._day)
        with self._mendable():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._seq, self._hlc, self._chain, self._day = before
                self._db.rollback()  # does nothing where the error has rolled back already
                raise

    @contextmanager
    def _mendable(self) -> Iterator[None]:
        try:
            yield
        except Error as e:
            code = getattr(e, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise Mendable("disk_full", path=self.path.parent) from e
            if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise Mendable("disk_readonly", path=self.path.parent) from e
            if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                damage_mark(self.path).touch()
                raise Mendable("journal_damaged", path=self.path) from e
            raise


def damage_mark(path: Path) -> Path:
    """Beside a journal in which damage was met: the next start does not trust it."""
    return path.with_suffix(".damaged")


def _envelope(row: Sequence[Any]) -> Envelope:
    _, id, device, epoch, seq, kind, schema_, community, subject, at, clock, hlc, digest, *_rest = row
    return Envelope(id, device, epoch, seq, kind, schema_, community, subject, at, Clock(clock), hlc, digest)


def _event(e: Envelope, salt: bytes | None, body: bytes | None) -> Event:
    return Event(
        e.seq, e.id, e.kind, e.schema, e.community, e.at, e.clock, e.hlc, e.digest, e.subject,
        None if salt is None else b64(salt), None if body is None else msgspec.Raw(body),
    )  # fmt: skip
