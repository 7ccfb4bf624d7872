"""Searching the audit log, which is the journal itself: who did what about whom, newest first, a page at a time. No Qt."""

from dataclasses import dataclass
from typing import Any

from caregiver.reading import Reader

FAMILIES = ("incident", "verdict", "record", "consent", "careplan", "visit", "person", "margin", "config")
PAGE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    row: int
    at: int
    kind: str
    subject: str | None
    by: str
    device: str
    trusted: bool


def search(
    reader: Reader, family: str = "", person: str = "", since: int = 0, before: int | None = None
) -> list[Entry]:
    """A page of facts; of one family (all that are about people's doings where none is named), about one person."""
    conditions, values = ["f.at >= ?"], [since]
    families = [family] if family else list(FAMILIES)
    conditions.append("(" + " OR ".join("(f.kind >= ? AND f.kind < ?)" for _ in families) + ")")
    for name in families:
        values += [f"{name}.", f"{name}/"]  # type: ignore[list-item]
    if person:
        conditions.append("f.subject = ?")
        values.append(person)  # type: ignore[arg-type]
    if before is not None:
        conditions.append("f.rowid < ?")
        values.append(before)
    rows: list[tuple[Any, ...]] = reader.rows(
        "SELECT f.rowid, f.at, f.kind, f.subject, coalesce(json_extract(p.body, '$.by'), ''), f.device, f.trusted"
        f" FROM facts f LEFT JOIN payloads p ON p.fact = f.rowid WHERE {' AND '.join(conditions)} ORDER BY f.rowid DESC LIMIT ?",
        (*values, PAGE),
    )
    return [Entry(*row[:6], bool(row[6])) for row in rows]
