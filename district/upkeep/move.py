"""Move a district from SQLite to PostgreSQL, envelope by envelope, and prove that the two are equal.

It may be run while the server serves, as often as one likes: each time it copies what was added since. The last time, with the
server stopped, decides: only then must both sides be equal.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from district.store.copying import fact_lines, id_lines, payload_lines
from district.store.partitions import Partitions
from district.store.port import AT, COLUMNS, Row
from district.store.postgresql import PostgresqlStore

PAGE = 5_000
PLAIN = (
    "devices", "codes", "cursors", "people", "homes", "bridges", "notes", "accounts", "sessions", "invitations", "audit",
    "audit_heads", "feeds", "streams", "evidence", "quarantine",
)  # fmt: skip
_FACT = ", ".join(f"facts.{c}" for c in COLUMNS)


@dataclass(frozen=True, slots=True)
class Equality:
    """Rows and digests of both sides; `equal` where all of them are."""

    rows: dict[str, tuple[int, int]]
    digests: tuple[str, str]

    @property
    def equal(self) -> bool:
        return all(a == b for a, b in self.rows.values()) and self.digests[0] == self.digests[1]


def move(source: Path, url: str, now_ms: int) -> Equality:
    """Copy what the target does not have yet; plain tables are copied anew each time. May be repeated, resumes by itself."""
    PostgresqlStore(url, "move").close()
    partitions = Partitions(url)
    with closing(_reader(source)) as old, psycopg.connect(url) as new:
        old.execute("BEGIN")  # one moment of the source, while others write
        for page in _missing(old, new):
            partitions.ensure([row[1 + AT] for row in page], now_ms)
            _copy(new, page)
        _erase(old, new)
        for table in PLAIN:
            _plain(old, new, table)
        for table, made in _tables_of_the_watch(old):
            new.execute(made.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))
            _plain(old, new, table)
        new.commit()
        return compare(old, new)


def compare(old: sqlite3.Connection, new: psycopg.Connection[Row]) -> Equality:
    """Count every table, and digest each envelope's hash, what the server itself says of it, and its payload, in the order of the
    feeds."""
    rows = {}
    for table in ("facts", "payloads", *PLAIN):
        mine = old.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        theirs = new.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        rows[table] = (mine, theirs[0] if theirs else 0)
    here = _digest(
        old.execute(
            "SELECT community, facts.position, received, trusted, lane, hash, salt, body FROM facts"
            " LEFT JOIN payloads ON fact = row"
            " ORDER BY CAST(community AS BLOB), facts.position"
        )
    )
    with new.cursor("envelopes") as cursor:
        cursor.execute(
            "SELECT f.community, f.position, f.received, f.trusted, f.lane, f.hash, p.salt, p.body"
            " FROM facts f LEFT JOIN payloads p ON p.community = f.community"
            ' AND p.position = f.position AND p.at = f.at ORDER BY f.community COLLATE "C", f.position'
        )
        there = _digest(cursor)
    return Equality(rows, (here, there))


def _digest(rows: Iterator[Row]) -> str:
    digest = hashlib.sha256()
    for community, position, received, trusted, lane, *said in rows:
        digest.update(f"{community}\n{position}\n{received} {int(trusted)} {lane}".encode())
        for part in said:
            digest.update(b"\n" + bytes(part or b"-"))
    return digest.hexdigest()


def _missing(old: sqlite3.Connection, new: psycopg.Connection[Row]) -> Iterator[list[Row]]:
    """Pages of (position, fact …, salt, body), community by community, beyond what the target has."""
    for (community,) in old.execute("SELECT community FROM feeds ORDER BY community").fetchall():
        row = new.execute(
            "SELECT coalesce(max(position), 0) FROM fact_ids WHERE community = %s", (community,)
        ).fetchone()
        after = row[0] if row else 0
        while page := old.execute(
            f"SELECT facts.position, {_FACT}, salt, body FROM facts LEFT JOIN payloads ON fact = row"
            " WHERE community = ? AND lane BETWEEN 0 AND 9 AND facts.position > ? ORDER BY facts.position LIMIT ?",
            (community, after, PAGE),
        ).fetchall():
            yield page
            after = page[-1][0]


def _copy(new: psycopg.Connection[Row], page: list[Row]) -> None:
    positions, facts = [row[0] for row in page], [row[1:-2] for row in page]
    payloads = [(row[-2], row[-1]) for row in page]
    for target, lines in (
        ("fact_ids (id, community, position, at)", id_lines(facts, positions)),
        (f"facts (position, {', '.join(COLUMNS)})", fact_lines(facts, positions)),
        ("payloads (community, position, at, salt, body)", payload_lines(facts, positions, payloads)),
    ):
        with new.cursor().copy(f"COPY {target} FROM STDIN") as copy:
            copy.write(lines)
    new.commit()


def _erase(old: sqlite3.Connection, new: psycopg.Connection[Row]) -> None:
    """What lost its payload here since it was copied loses it there."""
    gone = old.execute(
        "SELECT community, facts.position, at FROM payloads JOIN facts ON row = fact WHERE body IS NULL"
    ).fetchall()
    if gone:
        with new.cursor() as cursor:
            cursor.executemany(
                "UPDATE payloads SET salt = NULL, body = NULL"
                " WHERE community = %s AND position = %s AND at = %s AND body IS NOT NULL",
                gone,
            )


def _tables_of_the_watch(old: sqlite3.Connection) -> list[tuple[str, str]]:
    """Tables that the nightwatch made for itself, with the statement that made them, in SQL both databases know."""
    known = {"facts", "payloads", *PLAIN}
    found = old.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return sorted((name, made) for name, made in found if name not in known and not name.startswith("_"))


def _plain(old: sqlite3.Connection, new: psycopg.Connection[Row], table: str) -> None:
    names = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
    rows = old.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
    new.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    target = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )
    if rows:
        with new.cursor() as cursor:
            cursor.executemany(target, rows)


def _reader(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.execute("PRAGMA query_only=ON")
    return db
