"""Mending on SQLite: the row is changed where it stands, which its triggers allow while it is named in `mending`."""

from district.store.mending import Found, Mending
from district.store.port import COLUMNS, DEVICE, EPOCH, ID, SEQ, Payload, Row
from district.store.reading import FACT
from district.store.sqlite_commit import Transaction


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
