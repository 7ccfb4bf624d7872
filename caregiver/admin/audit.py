"""Searching the audit log, which is the journal itself: who did what about whom, newest first, a page at a time. No Qt."""

from dataclasses import dataclass
from typing import Any

from caregiver.memory.reading import Reader

FAMILIES = ("incident", "verdict", "record", "consent", "careplan", "visit", "person", "margin", "config")
PAGE = 200
BY = "coalesce(json_extract(p.body, '$.by'), '')"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: all that are people's doings where nothing is named; `since` and `until` in ms, 0 for no bound."""

    family: str = ""
    person: str = ""  # whom it is about
    by: str = ""
    since: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """`passage` is the gate and the moment (ms) of the passage that it is about, where it is about one."""

    row: int
    at: int
    kind: str
    subject: str | None
    by: str
    device: str
    trusted: bool
    passage: tuple[str, int] | None = None


def search(reader: Reader, wanted: Wanted, before: tuple[int, int] | None = None) -> list[Entry]:
    """A page of facts, newest first. `before` is (at, row) of the last one seen.

    Each family is read through the index of kinds and the pages are merged.
    """
    found: list[Entry] = []
    for name in [wanted.family] if wanted.family else FAMILIES:
        found += _of(reader, name, wanted, before)
    return sorted(found, key=lambda e: (e.at, e.row), reverse=True)[:PAGE]


def doers(reader: Reader) -> set[str]:
    """The ids of all who did any of it."""
    found: set[str] = set()
    for family in FAMILIES:
        found |= {
            by
            for (by,) in reader.rows(
                f"SELECT DISTINCT {BY} FROM facts f INDEXED BY facts_kind JOIN payloads p ON p.fact = f.rowid"
                " WHERE f.kind >= ? AND f.kind < ?",
                (f"{family}.", f"{family}/"),
            )
        }
    return found - {""}


def _of(reader: Reader, family: str, wanted: Wanted, before: tuple[int, int] | None) -> list[Entry]:
    conditions = ["f.kind >= ?", "f.kind < ?"]
    values: list[str | int] = [f"{family}.", f"{family}/"]
    asked: dict[str, str | int] = {
        "f.subject = ?": wanted.person,
        f"(SELECT {BY} FROM payloads p WHERE p.fact = f.rowid) = ?": wanted.by,
        "f.at >= ?": wanted.since,
        "f.at < ?": wanted.until,
    }
    for condition, value in asked.items():
        if value:
            conditions.append(condition)
            values.append(value)
    index = "INDEXED BY facts_subject" if wanted.person else "INDEXED BY facts_kind"
    if before is not None:
        conditions.append("(f.at, f.rowid) < (?, ?)")
        values.extend(before)
    rows: list[tuple[Any, ...]] = reader.rows(
        f"SELECT g.rowid, g.at, g.kind, g.subject, {BY}, g.device, g.trusted, w.gate, w.at FROM"
        f" (SELECT f.rowid, f.at, f.kind, f.subject, f.device, f.trusted FROM facts f {index} WHERE {' AND '.join(conditions)}"
        " ORDER BY f.at DESC, f.rowid DESC LIMIT ?) g LEFT JOIN payloads p ON p.fact = g.rowid"
        " LEFT JOIN facts q ON q.id = json_extract(p.body, '$.passage') LEFT JOIN gatelog_passages w ON w.fact = q.rowid",
        (*values, PAGE),
    )
    return [
        Entry(row, at, kind, about, by, device, bool(trusted), None if passed is None else (gate or "", passed))
        for row, at, kind, about, by, device, trusted, gate, passed in rows
    ]
