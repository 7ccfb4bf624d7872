"""One group's transaction on PostgreSQL: what is kept is gathered, and copied together when something must see it."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import psycopg

from district.scope import Lane
from district.store import own, people
from district.store.copying import fact_lines, id_lines, payload_lines
from district.store.port import COLUMNS, COMMUNITY, ID, Payload, Prepared, Row
from district.store.reckon import ERASE_EVIDENCE, quoted, told_of
from district.store.taking import Key, Taking
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
ALL_LANES = [int(lane) for lane in Lane]  # named, so that the index by community, lane and position is used
Db = psycopg.Connection[Row]


class Transaction(Taking):
    """`order(community)` is held from the first position taken there until the commit is told of."""

    def __init__(self, elders: people.Elders, order: Callable[[str], threading.Lock], db: Db, locks: ExitStack) -> None:
        super().__init__(elders)
        self._order, self._db, self._locks = order, db, locks
        self._streams: dict[Key, tuple[int, int]] = {}
        self._touched: set[Key] = set()
        self._held: set[str] = set()
        self._facts: list[Row] = []  # gathered, not copied yet
        self._payloads: list[Payload] = []
        self._gone: list[tuple[str, str]] = []
        self._asked: set[str] = set()  # ids looked up
        self._used: set[str] = set()  # and those of them that are taken, here or by this transaction

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        found = self._db.execute(percent(sql), parameters)
        return found.fetchall() if found.description else []

    def _each(self, sql: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """The statement for each of the rows in their order, on one way there and back; what they return."""
        cursor = self._db.cursor()
        cursor.executemany(percent(sql), rows, returning=True)
        found = cursor.fetchall() if rows else []
        while cursor.nextset():
            found += cursor.fetchall()
        return found

    def expect(self, keys: set[Key]) -> None:
        found = self._each(
            "INSERT INTO streams (device, epoch, through, greatest) VALUES (?, ?, 0, 0) ON CONFLICT (device, epoch)"
            " DO UPDATE SET through = streams.through RETURNING device, epoch, through, greatest",
            sorted(keys),
        )
        self._streams |= {(device, epoch): (through, greatest) for device, epoch, through, greatest in found}

    def look_up(self, ids: set[str]) -> None:
        """The index of ids is asked, which the insert would ask as well: once for all that come together."""
        if new := ids - self._asked:
            found = self.execute("SELECT id FROM fact_ids WHERE id = ANY(?::uuid[])", (list(new),))
            self._used |= {id.hex for (id,) in found}
            self._asked |= new

    def stream(self, key: Key) -> tuple[int, int]:
        if key not in self._streams:
            self.expect({key})
        return self._streams[key]

    def prove(self) -> None:
        """An index that is being built, or a VACUUM FULL, holds a lock that every write waits for, and no reader does."""
        self._db.execute("LOCK TABLE facts, payloads, fact_ids, streams, feeds IN ROW EXCLUSIVE MODE")

    def find(self, id: str) -> FeedItem | None:
        self.flush()
        rows = self.execute(
            f"SELECT {FACT} FROM fact_ids i JOIN facts ON facts.community = i.community AND facts.position = i.position"
            " AND facts.at = i.at AND facts.lane = ANY(?) LEFT JOIN payloads p ON p.community = facts.community"
            " AND p.position = facts.position AND p.at = facts.at WHERE i.id = ?::uuid",
            (ALL_LANES, id),
        )
        return item_of(rows[0]) if rows else None

    def erase(self, person: str, community: str) -> int:
        lost = self.execute(
            "UPDATE payloads p SET salt = NULL, body = NULL FROM facts f WHERE f.subject = ? AND f.community = ?"
            " AND f.kind <> ? AND p.community = f.community AND p.position = f.position AND p.at = f.at"
            " AND p.body IS NOT NULL RETURNING 1",
            (person, community, people.ERASED),
        )
        self.execute(ERASE_EVIDENCE, told_of(person, community))
        self.execute(
            "UPDATE quarantine SET raw = '' WHERE position(? in raw) > 0 AND reason <> ?", (quoted(person), people.HELD)
        )
        return len(lost)

    def copy(self, facts: Sequence[Row], positions: Sequence[int], payloads: Sequence[Payload]) -> None:
        """Rows into the three tables, at positions that are theirs."""
        for statement, lines in (
            (_COPY_IDS, id_lines(facts, positions)),
            (_COPY_FACTS, fact_lines(facts, positions)),
            (_COPY_PAYLOADS, payload_lines(facts, positions, payloads)),
        ):
            with self._db.cursor().copy(statement) as copy:
                copy.write(lines)

    def append_new(self, fact: Row, payload: Payload) -> None:
        """At the end of its feed, as it is."""
        self._facts, self._payloads = [fact], [payload]
        self.flush()

    def flush(self) -> None:
        """Give positions to what is gathered, and copy it."""
        if self._facts:
            positions = self._allocate()
            self.copy(self._facts, positions, self._payloads)
            self._tell(self._facts, positions, self._payloads)
        for person, community in self._gone:
            self.erase(person, community)
        self.erased += self._gone
        self._facts, self._payloads, self._gone = [], [], []

    def finish(self) -> None:
        """What moved is written down, last of all."""
        self.flush()
        self._each(
            "UPDATE streams SET through = ?, greatest = ? WHERE device = ? AND epoch = ? RETURNING device",
            [(*self._streams[key], *key) for key in sorted(self._touched)],
        )

    def _moved(self, key: Key, through: int, greatest: int) -> None:
        self._streams[key] = (through, greatest)
        self._touched.add(key)

    def _keep_if_new(self, batch: Prepared) -> bool:
        ids = {f[ID] for f in batch.facts}
        self.look_up(ids)
        if len(ids) < len(batch.facts) or ids & self._used:
            return False
        self._keep(batch.facts, batch.payloads)
        return True

    def _taken(self, ids: Sequence[str]) -> set[str]:
        """An id whose fact was taken out by somebody stands in nobody's way, nor does the payload."""
        found = self.execute(
            "SELECT i.id, i.community, i.position, i.at, EXISTS (SELECT 1 FROM facts f WHERE f.community = i.community AND"
            " f.position = i.position AND f.at = i.at AND f.lane = ANY(?)) FROM fact_ids i WHERE i.id = ANY(?::uuid[])",
            (ALL_LANES, ids),
        )
        for id, *place, stands in found:
            if not stands:
                self.take_out(id.hex, [tuple(place)])
        return {id.hex for id, *_, stands in found if stands}

    def take_out(self, id: str, places: Sequence[Row]) -> None:
        """Whatever is left of a fact: its id, and the rows at these places."""
        self.execute("SELECT set_config('shouwang.mending', 'on', true)")
        self.execute("DELETE FROM fact_ids WHERE id = ?::uuid", (id,))
        for place in places:
            for table in ("fact_ids", "facts", "payloads"):  # another fact's id, too, that has stood there
                self.execute(f"DELETE FROM {table} WHERE community = ? AND position = ? AND at = ?", place)
        self.execute("SELECT set_config('shouwang.mending', 'off', true)")

    def _keep(self, facts: Sequence[Row], payloads: Sequence[Payload]) -> None:
        kept, gone = self._learn(facts, payloads)
        self._facts += kept
        self._payloads += people.without_the_erased(kept, payloads, self.elders)
        self._gone += gone
        self._used |= {fact[ID] for fact in kept}

    def _allocate(self) -> list[int]:
        """Positions for the gathered facts. Locks each community's feed until the commit."""
        wanted: dict[str, int] = {}
        for fact in self._facts:
            wanted[fact[COMMUNITY]] = wanted.get(fact[COMMUNITY], 0) + 1
        for community in sorted(wanted):
            if community not in self._held:
                self._locks.enter_context(self._order(community))
                self._held.add(community)
        moved = self._each(
            "INSERT INTO feeds (community, position) VALUES (?, ?) ON CONFLICT (community)"
            " DO UPDATE SET position = feeds.position + excluded.position RETURNING community, position",
            sorted(wanted.items()),
        )
        self.heads |= dict(moved)
        next_of = {community: head - wanted[community] + 1 for community, head in moved}
        positions = []
        for fact in self._facts:
            positions.append(next_of[fact[COMMUNITY]])
            next_of[fact[COMMUNITY]] += 1
        return positions


def percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def row_of(r: Row) -> Row:
    return (r[0], r[1].hex, *r[2:])


def item_of(r: Row) -> FeedItem:
    row = row_of(r)
    return own.feed_item(row[0], row[1:-2], row[-2], row[-1])
