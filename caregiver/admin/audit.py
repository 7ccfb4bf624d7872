"""Searching the audit log, which is the journal itself: who did what about whom, newest first, a page at a time. No Qt."""

from dataclasses import dataclass
from typing import Any

from caregiver.memory.reading import Reader

FAMILIES = ("incident", "verdict", "record", "consent", "careplan", "visit", "person", "margin", "config")
PAGE = 200


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


def search(reader: Reader, family: str = "", person: str = "", before: tuple[int, int] | None = None) -> list[Entry]:
    """A page of facts, newest first: of one family (all that are people's doings where none is named), about one person.

    `before` is (at, row) of the last one seen. Each family is read through the index of kinds and the pages are merged.
    """
    found: list[Entry] = []
    for name in [family] if family else FAMILIES:
        found += _of(reader, name, person, before)
    return sorted(found, key=lambda e: (e.at, e.row), reverse=True)[:PAGE]


def _of(reader: Reader, family: str, person: str, before: tuple[int, int] | None) -> list[Entry]:
    conditions = ["f.kind >= ?", "f.kind < ?"]
    values: list[str | int] = [f"{family}.", f"{family}/"]
    index = "INDEXED BY facts_kind"
    if person:
        conditions.append("f.subject = ?")
        values.append(person)
        index = "INDEXED BY facts_subject"
    if before is not None:
        conditions.append("(f.at, f.rowid) < (?, ?)")
        values.extend(before)
    rows: list[tuple[Any, ...]] = reader.rows(
        "SELECT g.rowid, g.at, g.kind, g.subject, coalesce(json_extract(p.body, '$.by'), ''), g.device, g.trusted,"
        " w.gate, w.at FROM"
        f" (SELECT f.rowid, f.at, f.kind, f.subject, f.device, f.trusted FROM facts f {index} WHERE {' AND '.join(conditions)}"
        " ORDER BY f.at DESC, f.rowid DESC LIMIT ?) g LEFT JOIN payloads p ON p.fact = g.rowid"
        " LEFT JOIN facts q ON q.id = json_extract(p.body, '$.passage') LEFT JOIN gatelog_passages w ON w.fact = q.rowid",
        (*values, PAGE),
    )
    return [
        Entry(row, at, kind, about, by, device, bool(trusted), None if passed is None else (gate or "", passed))
        for row, at, kind, about, by, device, trusted, gate, passed in rows
    ]
