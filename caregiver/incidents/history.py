"""Incidents that were: a page of them at a time, newest first. No Qt."""

from dataclasses import dataclass
from typing import Any

from caregiver.memory.reading import Reader


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    kind: str = ""
    elder: str = ""
    state: str = ""
    since: int = 0
    open_only: bool = False


def page(
    reader: Reader, wanted: HistoryFilter, before: tuple[int, str] | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """A page of incidents, newest first; `before` is (opened, incident) of the last row seen."""
    conditions: list[str] = ["1"]
    values: list[Any] = []
    for column, value in (("kind", wanted.kind), ("elder", wanted.elder), ("state", wanted.state)):
        if value:
            conditions.append(f"{column} = ?")
            values.append(value)
    if wanted.open_only:
        conditions.append("open")
    if wanted.since:
        conditions.append("opened >= ?")
        values.append(wanted.since)
    if before:
        conditions.append("(opened, incident) < (?, ?)")
        values += before
    return reader.query(
        f"SELECT * FROM incidents_now WHERE {' AND '.join(conditions)} ORDER BY opened DESC, incident DESC LIMIT ?",
        (*values, limit),
    )
