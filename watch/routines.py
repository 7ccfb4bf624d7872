"""What was learned of each elder's days, kept between two runs: to learn a large district anew takes minutes.

A projection like any other: what is gone, cannot be read, or was learned in another form, is learned again from the facts.
"""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.events import from_ms, to_ms
from domain.routine import BINS, CELLS, Routine
from watch.rows import Execute, Sql

log = logging.getLogger(__name__)
FORM = 1  # goes up with every change of what is kept, or of how days are learned
TABLE = "CREATE TABLE IF NOT EXISTS watch_routines (elder TEXT PRIMARY KEY, known TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Known:
    """From when until when it holds, the plan's revision that it is of, and the routine; None where too little was seen."""

    begin: datetime
    end: datetime
    revision: int
    routine: Routine | None


class Routines:
    """One row an elder; any thread."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        sql.write(lambda execute: execute(TABLE))

    def all(self) -> dict[str, Known]:
        rows = self._sql.read("SELECT elder, known FROM watch_routines")
        return {elder: known for elder, told in rows if (known := _read(told)) is not None}

    def keep(self, elder: str, known: Known) -> None:
        sql = "INSERT INTO watch_routines (elder, known) VALUES (?, ?) ON CONFLICT (elder) DO UPDATE SET known = excluded.known"
        self._sql.write(lambda execute: execute(sql, (elder, _written(known))))

    def forget(self, elders: Collection[str]) -> None:
        def work(execute: Execute) -> None:
            for elder in elders:
                execute("DELETE FROM watch_routines WHERE elder = ?", (elder,))

        if elders:
            self._sql.write(work)


def _written(known: Known) -> str:
    r = known.routine
    routine = None if r is None else {
        "zone": r.zone, "days": r.days, "budget": r.budget, "limits": [r.limits[cell] for cell in CELLS],
        "delay_day": r.delay_day, "delay": r.delay,
    }  # fmt: skip
    return json.dumps(
        {
            "form": FORM,
            "begin": to_ms(known.begin),
            "end": to_ms(known.end),
            "revision": known.revision,
            "routine": routine,
        }
    )


def _read(told: str) -> Known | None:
    try:
        data = json.loads(told)
        if data["form"] != FORM:
            return None
        routine = None if data["routine"] is None else _routine(data["routine"])
        return Known(from_ms(data["begin"]), from_ms(data["end"]), int(data["revision"]), routine)
    except (ValueError, TypeError, LookupError, OverflowError, OSError, ZoneInfoNotFoundError):
        log.warning("what was kept of an elder's days cannot be read; they are learned anew")
        return None


def _routine(data: Mapping[str, Any]) -> Routine:
    """Raises ValueError, TypeError, LookupError, ZoneInfoNotFoundError."""
    rows = [tuple(map(float, row)) for row in data["limits"]]
    if len(rows) != len(CELLS) or any(len(row) != BINS or min(row) <= 0 for row in rows):
        raise ValueError("no routine")
    return Routine(
        ZoneInfo(data["zone"]).key, int(data["days"]), float(data["budget"]), dict(zip(CELLS, rows, strict=True)),
        float(data["delay_day"]), float(data["delay"]),
    )  # fmt: skip
