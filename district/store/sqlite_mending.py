"""Mending on SQLite: the row is changed where it stands, which its triggers allow while it is named in `mending`."""

from collections.abc import Sequence

from district.scope import Lane
from district.store.mending import Found, Mending
from district.store.port import COLUMNS, DEVICE, EPOCH, ID, LANE, SEQ, Payload, Row
from district.store.reading import FACT
from district.store.sqlite_commit import Transaction

ASTRAY = (
    "typeof(facts.position) <> 'integer' OR facts.position NOT BETWEEN 1 AND feeds.position"
    f" OR typeof(lane) <> 'integer' OR lane NOT BETWEEN 0 AND {max(Lane):d}"
)
FIND_ASTRAY = f"SELECT id FROM facts JOIN feeds USING (community) WHERE {ASTRAY} LIMIT 500"


class SqliteMending(Mending[Transaction]):
    def _look(self, fact: Row) -> Found | None:
        rows = self._tx.execute(
            f"SELECT row, {FACT} FROM facts LEFT JOIN payloads ON fact = row"
            " WHERE id = ? OR (device = ? AND epoch = ? AND seq = ?)",
            (fact[ID], fact[DEVICE], fact[EPOCH], fact[SEQ]),
        )
        if len(rows) != 1:  # nothing to mend, or its number and its id are two other facts'
            return None
        row, _, *found = rows[0]
        return Found(tuple(found[:-2]), (found[-2], found[-1]), row)

    def _found(self, ids: Sequence[str], astray: bool) -> list[Found]:
        rows = self._tx.execute(
            f"SELECT row, {FACT} FROM facts JOIN feeds USING (community) LEFT JOIN payloads ON fact = row"
            f" WHERE id IN ({', '.join('?' * len(ids))}) AND ({ASTRAY if astray else 'TRUE'})",
            ids,
        )
        return [Found(tuple(found[:-2]), (found[-2], found[-1]), row) for row, _, *found in rows]

    def _place(self, found: Found, fact: Row, payload: Payload) -> None:
        execute, position = self._tx.execute, self._tx.next_place(fact, payload)
        execute("INSERT INTO mending VALUES (?)", (found.place,))
        execute("UPDATE facts SET position = ?, lane = ? WHERE row = ?", (position, fact[LANE], found.place))
        execute("DELETE FROM mending")

    def _replace(self, found: Found, fact: Row, payload: Payload) -> None:
        execute, row = self._tx.execute, found.place
        execute("INSERT INTO mending VALUES (?)", (row,))
        names = ", ".join(f"{name} = ?" for name in COLUMNS)
        execute(f"UPDATE facts SET {names} WHERE row = ?", (*fact, row))
        execute(
            "INSERT INTO payloads (fact, salt, body) VALUES (?, ?, ?)"
            " ON CONFLICT (fact) DO UPDATE SET salt = excluded.salt, body = excluded.body",
            (row, *payload),
        )
        execute("DELETE FROM mending")
