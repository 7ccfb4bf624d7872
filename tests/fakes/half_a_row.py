"""Rows of a SQLite store of which a bad disk has left half: something else than was written, of another type than its column."""

import sqlite3
from contextlib import closing
from pathlib import Path

_NUMBERS = ("position", "epoch", "seq", "schema", "at", "received", "trusted", "lane")
_WORDS = ("id", "device", "kind", "community", "subject", "clock", "digest", "hash", "hlc")
# Column of which table, and what stands in it.
HARMS = [
    *(("facts", column, left) for column in _NUMBERS for left in ("'x'", "NULL", "2.5", "x'ff00'", "-9e18", "9e18")),
    *(("payloads", column, left) for column in ("salt", "body") for left in ("'x'", "5", "2.5", "x'ff00'", "1 << 62")),
    *(("facts", column, left) for column in _WORDS for left in ("NULL", "5", "x'ff00'", "''")),
]


def leave_half(file: Path, rows: dict[int, tuple[str, str, str]]) -> None:
    """Harm each of the rows as is said; nobody has the file open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        schema = db.execute("SELECT sql FROM sqlite_master WHERE name = 'facts'").fetchone()[0]
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        _declare(db, schema.replace(" NOT NULL", ""))
        for row, (table, column, left) in rows.items():
            key = "row" if table == "facts" else "fact"
            value = left if "e18" not in left else f"CAST({left} AS INTEGER)"
            db.execute(f"UPDATE OR IGNORE {table} SET {column} = {value} WHERE {key} = ?", (row,))
        _declare(db, schema)
        for _, sql in triggers:
            db.execute(sql)


def _declare(db: sqlite3.Connection, schema: str) -> None:
    db.execute("PRAGMA writable_schema=ON")
    db.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'facts'", (schema,))
    db.execute("PRAGMA writable_schema=RESET")
