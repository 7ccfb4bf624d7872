"""One group's transaction on PostgreSQL: batches are judged as they come, and copied together at the end."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import psycopg

from district.scope import STREAMED, Lane
from district.store import own, people
from district.store.copying import fact_lines, id_lines, payload_lines
from district.store.port import (
    AT,
    COLUMNS,
    COMMUNITY,
    DEVICE,
    EPOCH,
    ID,
    LANE,
    SEQ,
    Appended,
    Execute,
    Prepared,
    Row,
)  # fmt: skip
from district.store.reckon import (
    ERASE_EVIDENCE,
    Reckoning,
    contiguous,
    gaps,
    keep_evidence,
    quoted,
    reckon,
    release,
    sift,
    told_of,
)
from offline.wire import FeedItem

_NAMES = ", ".join(("position", *COLUMNS))
_COPY_FACTS = f"COPY facts ({_NAMES}) FROM STDIN"
_COPY_PAYLOADS = "COPY payloads (community, position, at, salt, body) FROM STDIN"
_COPY_IDS = "COPY fact_ids (id, community, position, at) FROM STDIN"
FACT = ", ".join(f"facts.{c}" for c in ("position", *COLUMNS)) + ", salt, body"
# Each payload is looked up by its whole key: free to choose, a planner that knows nothing yet of today's partition reads all of it
# for every page (decision 68). OFFSET 0 keeps the two apart.
FROM = """FROM facts LEFT JOIN LATERAL (
    SELECT salt, body FROM payloads WHERE community = facts.community AND position = facts.position AND at = facts.at OFFSET 0
) p ON true"""
_ALL_LANES = [int(lane) for lane in Lane]
Db = psycopg.Connection[Row]


class Transaction:
    """`order(community)` is held from the first position taken there until the commit is told of."""

    def __init__(self, elders: people.Elders, order: Callable[[str], threading.Lock], db: Db, locks: ExitStack) -> None:
        self._elders, self._order, self._db, self._locks = elders, order, db, locks
        self._streams: dict[tuple[str, int], tuple[int, int]] = {}
        self._touched: set[tuple[str, int]] = set()
        self._facts: list[Row] = []
        self._payloads: list[tuple[bytes | None, bytes | None]] = []
        self._ids: set[str] = set()
        self._gone: list[tuple[str, str]] = []
        self._held: set[str] = set()
        self.heads: dict[str, int] = {}
        self.lanes: dict[str, set[int]] = {}
        self.streamed: list[FeedItem] = []
        self.erased: list[tuple[str, str]] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        found = self._db.execute(percent(sql), parameters)
        return found.fetchall() if found.description else []

    def lock_streams(self, keys: set[tuple[str, int]]) -> None:
        for device, epoch in sorted(keys):
            rows = self.execute(
                "INSERT INTO streams (device, epoch, through, greatest) VALUES (?, ?, 0, 0)"
                " ON CONFLICT (device, epoch) DO UPDATE SET through = streams.through RETURNING through, greatest",
                (device, epoch),
            )
            self._streams[device, epoch] = (rows[0][0], rows[0][1])

    def stream(self, key: tuple[str, int]) -> tuple[int, int]:
        if key not in self._streams:
            self.lock_streams({key})
        return self._streams[key]

    def append(self, batch: Prepared) -> Appended:
        key = (batch.device, batch.epoch)
        through, greatest = self.stream(key)
        first = batch.facts[0][SEQ] if batch.facts else 0
        in_order = all(f[SEQ] == first + i for i, f in enumerate(batch.facts))
        if first == through + 1 and through == greatest and not batch.poison and in_order and self._new(batch):
            self._keep(batch.facts, batch.payloads)
            through += len(batch.facts)
            self._streams[key] = (through, through)
            self._touched.add(key)
            return Appended(through, fresh=len(batch.facts))
        self.flush()
        return self._append_carefully(batch, key)

    def _new(self, batch: Prepared) -> bool:
        """Whether no id of the batch is known: asked of the index, which the insert would ask as well."""
        ids = [f[ID] for f in batch.facts]
        unique = set(ids)
        if len(unique) < len(ids) or unique & self._ids:
            return False
        return not self.execute("SELECT 1 FROM fact_ids WHERE id = ANY(?::uuid[]) LIMIT 1", (ids,))

    def _append_carefully(self, batch: Prepared, key: tuple[str, int]) -> Appended:
        if batch.released:
            release(self.execute, batch)
        reckoning = reckon(batch, *self._known(batch))
        if reckoning.fork:
            rows = self.execute(
                "UPDATE devices SET epoch = greatest(epoch, ?) + 1 WHERE id = ? RETURNING epoch",
                (batch.epoch, batch.device),
            )
            return Appended(0, fork_epoch=rows[0][0] if rows else batch.epoch + 1)
        self._keep([batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
        self._put_aside(batch, reckoning)
        through, beyond = self._advance(key)
        aside = tuple(sorted(p.seq for p in batch.poison))
        return Appended(through, gaps(through, beyond), aside, fresh=len(reckoning.keep))

    def absorb(self, batch: Prepared) -> int:
        """Facts from upstream; how many were new."""
        self.flush()
        known, aside, taken = self._known(batch)
        if any(fact[SEQ] in aside for fact in batch.facts):  # the one above has taken what was put aside here
            release(self.execute, batch)
            known, aside, taken = self._known(batch)
        reckoning = sift(batch, known, aside, taken)
        if reckoning.keep or reckoning.evidence:
            self._keep([batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
            self._put_aside(batch, reckoning)
            self._advance((batch.device, batch.epoch))
        return len(reckoning.keep)

    def mend(self, batch: Prepared) -> int:
        self.flush()
        payloads = people.without_the_erased(batch.facts, batch.payloads, self._elders)
        return sum(self._mend_one(*given) for given in zip(batch.facts, payloads, strict=True))

    def _mend_one(self, fact: Row, payload: tuple[bytes | None, bytes | None]) -> bool:
        places = self.execute("SELECT community, position, at FROM fact_ids WHERE id = ?::uuid", (fact[ID],))
        rows = self.execute(
            f"SELECT {FACT} {FROM} WHERE facts.device = ? AND epoch = ? AND seq = ?", (fact[DEVICE], fact[EPOCH], fact[SEQ])
        ) or [
            row
            for place in places
            for row in self.execute(
                f"SELECT {FACT} {FROM} WHERE facts.community = ? AND facts.position = ? AND facts.at = ?"
                " AND facts.lane = ANY(?)", (*place, _ALL_LANES),
            )
        ]  # fmt: skip
        if not rows:  # taken out: its id and its payload must not stand in the way of its return
            self._take_out(fact[ID], places)
            return False
        if len(rows) != 1:
            return False
        position, *found = row_of(rows[0])[:-2]
        kept = rows[0][-2:]
        fresh = own.mended(tuple(found), kept, people.relane(fact, self._elders), payload)
        if fresh is None:
            return False
        self._take_out(fact[ID], [*places, (found[COMMUNITY], position, found[AT])])
        for statement, lines in (
            (_COPY_IDS, id_lines([fresh[0]], [position])),
            (_COPY_FACTS, fact_lines([fresh[0]], [position])),
            (_COPY_PAYLOADS, payload_lines([fresh[0]], [position], [fresh[1]])),
        ):
            with self._db.cursor().copy(statement) as copy:
                copy.write(lines)
        keep_evidence(self.execute, fact, tuple(found), kept)
        if fresh[0][LANE] == Lane.ROSTER and (gone := people.learn(fresh[0], fresh[1][1], self._elders, self.execute)):
            erase(self.execute, gone, fact[COMMUNITY])
            self.erased.append((gone, fact[COMMUNITY]))
        return True

    def _take_out(self, id: str, places: Sequence[Row]) -> None:
        self.execute("SELECT set_config('shouwang.mending', 'on', true)")
        self.execute("DELETE FROM fact_ids WHERE id = ?::uuid", (id,))
        for place in places:
            for table in ("facts", "payloads"):
                self.execute(f"DELETE FROM {table} WHERE community = ? AND position = ? AND at = ?", place)
        self.execute("SELECT set_config('shouwang.mending', 'off', true)")

    def _advance(self, key: tuple[str, int]) -> tuple[int, list[int]]:
        """Where the stream stands by what is kept now: the contiguous end, and the numbers beyond the former one."""
        self.flush()
        through, greatest = self._streams[key]
        beyond = [
            row[0]
            for table in ("facts", "quarantine", "evidence")
            for row in self.execute(
                f"SELECT seq FROM {table} WHERE device = ? AND epoch = ? AND seq > ?", (*key, through)
            )
        ]
        through = contiguous(through, beyond)
        self._streams[key] = (through, max([greatest, through, *beyond]))
        self._touched.add(key)
        return through, beyond

    def _known(self, batch: Prepared) -> tuple[dict[int, bytes], set[int], set[str]]:
        """Of the batch's numbers: hashes known and what was put aside; and those of its ids that are taken."""
        seqs = [f[SEQ] for f in batch.facts] + [p.seq for p in batch.poison]
        span = (batch.device, batch.epoch, min(seqs, default=0), max(seqs, default=0))
        where = "WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ?"
        known = {row[0]: bytes(row[1]) for row in self.execute(f"SELECT seq, hash FROM facts {where}", span)}
        aside = {
            r[0] for table in ("quarantine", "evidence") for r in self.execute(f"SELECT seq FROM {table} {where}", span)
        }
        ids = [f[ID] for f in batch.facts if f[SEQ] not in known]
        taken = {r[0].hex for r in self.execute("SELECT id FROM fact_ids WHERE id = ANY(?::uuid[])", (ids,))}
        return known, aside, taken

    def _put_aside(self, batch: Prepared, reckoning: Reckoning) -> None:
        for i in reckoning.evidence:
            fact = batch.facts[i]
            told = repr(dict(zip(COLUMNS, fact, strict=True)))
            self.execute(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, fact[SEQ], fact[ID], told, *batch.payloads[i]),
            )
        for i in reckoning.poison:
            p = batch.poison[i]
            self.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, p.seq, p.reason, p.raw, batch.received),
            )

    def _keep(self, facts: Sequence[Row], payloads: Sequence[tuple[bytes | None, bytes | None]]) -> None:
        elders = self._elders
        kept: list[Row] = []
        for fact, (_, body) in zip(facts, payloads, strict=True):
            if fact[LANE] == Lane.PASSAGE:
                fact = people.relane(fact, elders)
            elif fact[LANE] == Lane.ROSTER and (person := people.learn(fact, body, elders, self.execute)):
                self._gone.append((person, fact[COMMUNITY]))
            self._ids.add(fact[ID])
            kept.append(fact)
        self._facts += kept
        self._payloads += people.without_the_erased(kept, payloads, elders)

    def flush(self) -> None:
        """Give positions to what is gathered, and copy it."""
        if self._facts:
            positions = self._allocate()
            for statement, lines in (
                (_COPY_IDS, id_lines(self._facts, positions)),
                (_COPY_FACTS, fact_lines(self._facts, positions)),
                (_COPY_PAYLOADS, payload_lines(self._facts, positions, self._payloads)),
            ):
                with self._db.cursor().copy(statement) as copy:
                    copy.write(lines)
            self._note(positions)
        for person, community in self._gone:
            erase(self.execute, person, community)
        self.erased += self._gone
        self._facts, self._payloads, self._gone = [], [], []
        self._ids.clear()

    def _allocate(self) -> list[int]:
        """Positions for the gathered facts. Locks each community's feed until the commit."""
        wanted: dict[str, int] = {}
        for fact in self._facts:
            wanted[fact[COMMUNITY]] = wanted.get(fact[COMMUNITY], 0) + 1
        next_of: dict[str, int] = {}
        for community in sorted(wanted):
            if community not in self._held:
                self._locks.enter_context(self._order(community))
                self._held.add(community)
            rows = self.execute(
                "INSERT INTO feeds (community, position) VALUES (?, ?) ON CONFLICT (community)"
                " DO UPDATE SET position = feeds.position + excluded.position RETURNING position",
                (community, wanted[community]),
            )
            self.heads[community] = rows[0][0]
            next_of[community] = rows[0][0] - wanted[community] + 1
        positions = []
        for fact in self._facts:
            positions.append(next_of[fact[COMMUNITY]])
            next_of[fact[COMMUNITY]] += 1
        return positions

    def _note(self, positions: Sequence[int]) -> None:
        for fact, position, payload in zip(self._facts, positions, self._payloads, strict=True):
            self.lanes.setdefault(fact[COMMUNITY], set()).add(fact[LANE])
            if fact[LANE] in STREAMED:
                self.streamed.append(own.feed_item(position, fact, *payload))

    def find(self, id: str) -> FeedItem | None:
        self.flush()
        rows = self.execute(
            f"SELECT {FACT} FROM fact_ids i JOIN facts ON facts.community = i.community AND facts.position = i.position"
            " AND facts.at = i.at AND facts.lane = ANY(?) LEFT JOIN payloads p ON p.community = facts.community"
            " AND p.position = facts.position AND p.at = facts.at WHERE i.id = ?::uuid",
            (_ALL_LANES, id),
        )
        return item_of(rows[0]) if rows else None

    def finish(self) -> None:
        self.flush()
        for device, epoch in sorted(self._touched):
            self.execute(
                "UPDATE streams SET through = ?, greatest = ? WHERE device = ? AND epoch = ?",
                (*self._streams[device, epoch], device, epoch),
            )


def erase(execute: Execute, person: str, community: str) -> int:
    lost = execute(
        "UPDATE payloads p SET salt = NULL, body = NULL FROM facts f WHERE f.subject = ? AND f.community = ?"
        " AND f.kind <> ? AND p.community = f.community AND p.position = f.position AND p.at = f.at"
        " AND p.body IS NOT NULL RETURNING 1",
        (person, community, people.ERASED),
    )
    execute(ERASE_EVIDENCE, told_of(person, community))
    execute(
        "UPDATE quarantine SET raw = '' WHERE position(? in raw) > 0 AND reason <> ?", (quoted(person), people.HELD)
    )
    return len(lost)


def percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def row_of(r: Row) -> Row:
    return (r[0], r[1].hex, *r[2:])


def item_of(r: Row) -> FeedItem:
    row = row_of(r)
    return own.feed_item(row[0], row[1:-2], row[-2], row[-1])
