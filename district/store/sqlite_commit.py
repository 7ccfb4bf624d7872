"""One group's transaction on SQLite, and what the one writer keeps in mind between them so as not to ask for it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from district.scope import Lane
from district.store import own, people
from district.store.port import COLUMNS, COMMUNITY, LANE, Payload, Prepared, Row
from district.store.reading import FACT
from district.store.reckon import ERASE_EVIDENCE, quoted, told_of
from district.store.sqlite_reading import rows_of
from district.store.sqlite_schema import OF_PERSON
from district.store.taking import Key, Taking
from offline.wire import FeedItem

_NAMES = f"row, position, {', '.join(COLUMNS)}"
_TUPLE = f"({', '.join('?' * (len(COLUMNS) + 2))})"
_CHUNKS = (250, 50, 10, 1)  # rows a statement: one step inserts them all without asking for the interpreter between
INSERT_FACTS = {n: f"INSERT INTO facts ({_NAMES}) VALUES {', '.join([_TUPLE] * n)}" for n in _CHUNKS}
INSERT_PAYLOADS = {n: f"INSERT INTO payloads (fact, salt, body) VALUES {', '.join(['(?, ?, ?)'] * n)}" for n in _CHUNKS}
_LEARNT = frozenset(map(int, (Lane.ROSTER, Lane.PASSAGE)))


@dataclass(slots=True)
class Mind:
    """What stands in the file, at hand: the last row, the feeds' heads, the devices' streams, whose homes are watched."""

    row: int
    heads: dict[str, int]
    streams: dict[Key, tuple[int, int]]
    elders: people.Elders


def recall(db: sqlite3.Connection) -> Mind:
    """From the file: at the start, and after a transaction that failed."""
    one = db.execute
    return Mind(
        one("SELECT coalesce(max(row), 0) FROM facts").fetchone()[0],
        dict(one("SELECT community, position FROM feeds").fetchall()),
        {(d, e): (t, g) for d, e, t, g in one("SELECT device, epoch, through, greatest FROM streams")},
        people.Elders(one(people.KNOWN).fetchall()),
    )


class Transaction(Taking):
    """Between BEGIN and COMMIT; where it fails, `mind` is no longer true and must be recalled."""

    def __init__(self, db: sqlite3.Connection, mind: Mind) -> None:
        super().__init__(mind.elders)
        self._db, self._mind = db, mind
        self._touched: set[Key] = set()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        if sql.startswith("SELECT"):
            return rows_of(self._db, sql, parameters)
        return self._db.execute(sql, parameters).fetchall()

    def stream(self, key: Key) -> tuple[int, int]:
        return self._mind.streams.get(key, (0, 0))

    def expect(self, keys: set[Key]) -> None:
        """Nothing to lock: there is one writer."""

    def flush(self) -> None:
        """Nothing waits: a row is in its table as soon as it is kept."""

    def prove(self) -> None:
        """Nothing more: nobody else writes."""

    def find(self, id: str) -> FeedItem | None:
        rows = self.execute(f"SELECT {FACT} FROM facts LEFT JOIN payloads ON fact = row WHERE id = ?", (id,))
        return own.feed_item(rows[0][0], rows[0][1:-2], *rows[0][-2:]) if rows else None

    def erase(self, person: str, community: str) -> int:
        lost = self.execute(
            "UPDATE payloads SET salt = NULL, body = NULL WHERE body IS NOT NULL AND fact IN"
            f" (SELECT row FROM {OF_PERSON} WHERE subject = ? AND community = ? AND kind <> ?) RETURNING fact",
            (person, community, people.ERASED),
        )
        self.execute(ERASE_EVIDENCE, told_of(person, community))
        self.execute(
            "UPDATE quarantine SET raw = x'' WHERE instr(raw, ?) > 0 AND reason <> ?", (quoted(person), people.HELD)
        )
        return len(lost)

    def finish(self) -> None:
        """What moved is written down, last of all."""
        self._db.executemany(
            "INSERT INTO feeds VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position", self.heads.items()
        )
        self._db.executemany(
            "INSERT INTO streams VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET through = excluded.through,"
            " greatest = excluded.greatest",
            [(*key, *self._mind.streams[key]) for key in self._touched],
        )

    def _moved(self, key: Key, through: int, greatest: int) -> None:
        self._mind.streams[key] = (through, greatest)
        self._touched.add(key)

    def _keep_if_new(self, batch: Prepared) -> bool:
        try:
            with self._savepoint():
                self._keep(batch.facts, batch.payloads)
        except sqlite3.IntegrityError:  # an id that is taken
            return False
        return True

    def _taken(self, ids: Sequence[str]) -> set[str]:
        return {row[0] for row in self.execute(f"SELECT id FROM facts WHERE id IN ({', '.join('?' * len(ids))})", ids)}

    def _keep(self, facts: Sequence[Row], payloads: Sequence[Payload]) -> None:
        gone: list[tuple[str, str]] = []
        if any(fact[LANE] in _LEARNT for fact in facts):
            facts, gone = self._learn(facts, payloads)
        payloads = people.without_the_erased(facts, payloads, self.elders)
        first = self._mind.row + 1
        positions = self._placed(facts)
        self._many(
            INSERT_FACTS, [(*place, *fact) for place, fact in zip(zip(count(first), positions), facts, strict=False)]
        )
        self._many(INSERT_PAYLOADS, [(row, *payload) for row, payload in zip(count(first), payloads, strict=False)])
        self._mind.row += len(facts)
        self.heads |= {community: self._mind.heads[community] for community in {fact[COMMUNITY] for fact in facts}}
        self._tell(facts, positions, payloads)
        for person, community in gone:
            self.erase(person, community)
        self.erased += gone

    def _placed(self, facts: Sequence[Row]) -> Sequence[int]:
        """The next places in the feeds of their communities."""
        heads = self._mind.heads
        communities = {fact[COMMUNITY] for fact in facts}
        if len(communities) == 1:
            community = communities.pop()
            first = heads.get(community, 0) + 1
            heads[community] = first + len(facts) - 1
            return range(first, first + len(facts))
        positions = []
        for fact in facts:
            heads[fact[COMMUNITY]] = heads.get(fact[COMMUNITY], 0) + 1
            positions.append(heads[fact[COMMUNITY]])
        return positions

    def next_place(self, fact: Row, payload: Payload) -> int:
        """The end of a fact's feed, where it stands from now on; told as what is new there is."""
        [position] = self._placed([fact])
        self.heads[fact[COMMUNITY]] = position
        self._tell([fact], [position], [payload])
        return position

    def _many(self, statements: Mapping[int, str], rows: Sequence[Row]) -> None:
        done = 0
        for size in _CHUNKS:
            while len(rows) - done >= size:
                self._db.execute(statements[size], tuple(chain.from_iterable(rows[done : done + size])))
                done += size

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        mind = self._mind
        before = (mind.row, dict(mind.heads))
        self._db.execute("SAVEPOINT batch")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO batch")
            self._db.execute("RELEASE batch")
            mind.row, mind.heads = before
            raise
        self._db.execute("RELEASE batch")
