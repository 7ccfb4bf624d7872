"""What was put aside, and copies kept as evidence, say as much of people as what stands in force: they have its term as well."""

import ast
from collections.abc import Mapping

from district.config import Retention
from district.ingest import read_event
from district.scope import Lane, lane_of
from district.store.people import HELD
from district.store.port import Execute, Store
from district.upkeep.retention import DAY_MS, terms

_NEVER = 1 << 62
_NUMBER = "WHERE device = ? AND epoch = ? AND seq = ? RETURNING seq"


def expire_aside(store: Store, settings: Retention, now_ms: int) -> int:
    """Empty what is due; how many that was. What has no term in force (roster, incidents) has none here."""
    days = {lane: term.days for term in terms(settings) for lane in term.lanes}
    since = now_ms - min(days.values()) * DAY_MS
    aside = store.read(
        "SELECT device, epoch, seq, raw, received FROM quarantine WHERE received < ? AND reason <> ? AND length(raw) > 0",
        (since, HELD),
    )
    copies = store.read("SELECT device, epoch, seq, fact FROM evidence WHERE body IS NOT NULL")
    emptied = [r[:3] for r in aside if _due(days, _lane(bytes(r[3])), r[4], now_ms)]
    bared = [r[:3] for r in copies if _due(days, *_of_copy(r[3]), now_ms)]

    def work(execute: Execute) -> None:
        for number in emptied:
            execute(f"UPDATE quarantine SET raw = ? {_NUMBER}", (b"", *number))
        for number in bared:
            execute(f"UPDATE evidence SET salt = NULL, body = NULL {_NUMBER}", number)

    if emptied or bared:
        store.write(work)
    return len(emptied) + len(bared)


def _due(days: Mapping[Lane, int], lane: Lane | None, at: int, now_ms: int) -> bool:
    """`lane` None: what cannot be told is kept as long as anything that has a term."""
    term = max(days.values()) if lane is None else days.get(lane)
    return term is not None and at < now_ms - term * DAY_MS


def _lane(raw: bytes) -> Lane | None:
    try:
        event = read_event(raw)
    except ValueError:
        return None
    return lane_of(event.kind, event.subject, ())


def _of_copy(fact: str) -> tuple[Lane | None, int]:
    """Lane and time of a row as evidence has it, which is as `repr` has it; of one that not even tells these, never due."""
    try:
        told = ast.literal_eval(fact)
        return Lane(told["lane"]), int(told["at"])
    except (ValueError, SyntaxError, KeyError, TypeError):
        return None, _NEVER
