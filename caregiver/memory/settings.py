"""The community's settings as they stand here: what was said last and not refused, and what was refused since. No Qt."""

from dataclasses import dataclass
from typing import Any

from caregiver.memory.reading import Reader
from offline.journal.projections import read_payload


@dataclass(frozen=True, slots=True)
class Turned:
    """A setting made at this desk that the district did not take: `at` ms, `because` a code below ``refusals.because``."""

    at: int
    because: str


def standing(reader: Reader, kind: str, community: str) -> list[tuple[int, dict[str, Any]]]:
    """The community's facts of a kind that count, what was said last first: the place of each in the replica, and what it says.
    A desk may serve several communities; it writes for its own alone."""
    rows = reader.rows(
        "SELECT f.rowid, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid"
        " WHERE f.kind = ? AND f.community = ? AND f.rowid NOT IN (SELECT fact FROM superseded)"
        " ORDER BY min(f.hlc, printf('%012x.ffff', f.received)) DESC, f.id DESC",  # as `watch.ledger.Seen.said`
        (kind, community),
    )
    return [(row, read_payload(body) or {}) for row, body in rows]


def turned_down(reader: Reader, kind: str, after: int) -> Turned | None:
    """The last one of a kind that was refused, if it was made later than what stands (`after`, its place)."""
    rows = reader.rows(
        "SELECT f.at, r.because FROM refusals r CROSS JOIN facts f ON f.rowid = r.about"
        " WHERE f.kind = ? AND f.rowid > ? ORDER BY f.rowid DESC LIMIT 1",
        (kind, after),
    )
    return Turned(*rows[0]) if rows else None
