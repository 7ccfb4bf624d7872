"""The figures of a period, computed from the facts; the same for the screen, the workbook and the printed page. No Qt."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from caregiver.gatelog.log import Figures, figures
from caregiver.reading import Reader
from domain.events import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, both included."""

    first: date
    last: date

    def bounds(self, zone: tzinfo | None) -> tuple[int, int]:
        """[from, until) in ms."""
        start = datetime.combine(self.first, time()).replace(tzinfo=zone).astimezone(zone)
        end = datetime.combine(self.last + timedelta(days=1), time()).replace(tzinfo=zone).astimezone(zone)
        return to_ms(start), to_ms(end)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def last_days(today: date, days: int) -> Period:
    return Period(today - timedelta(days=days - 1), today)


@dataclass(frozen=True, slots=True)
class Share:
    """`met` of `of`; no rate where there was nothing."""

    met: int
    of: int

    @property
    def rate(self) -> float | None:
        return self.met / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Report:
    period: Period
    incidents: int
    by_kind: dict[str, int]
    per_day: dict[date, dict[int, int]]  # by severity
    answer_s: tuple[float, ...]  # of life-safety alarms, seconds
    answered_60: Share
    answered_180: Share
    on_scene_45: Share
    on_scene_60: Share
    false_alarms: int
    blind_min: int
    visits: int
    visited: Share  # elders visited in person, of all
    passages: int
    opened_for_known: Share
    gate: Figures


def report(reader: Reader, period: Period, zone: tzinfo | None, elders: int) -> Report:
    """Everything about `period`. Drills do not count."""
    since, until = period.bounds(zone)
    rows = reader.query(
        "SELECT * FROM incidents_now WHERE opened >= ? AND opened < ? AND NOT exercise AND state <> 'merged'",
        (since, until),
    )
    grave = [r for r in rows if r["severity"] == 1]
    waits = [(r["accepted"] - r["opened"]) / 1000 for r in grave if r["accepted"]]
    arrivals = [(r["on_scene"] - r["opened"]) / 60_000 for r in grave if r["on_scene"]]
    per_day: dict[date, dict[int, int]] = {day: {} for day in period.days}
    for r in rows:
        day = per_day.setdefault(from_ms(r["opened"]).astimezone(zone).date(), {})
        day[r["severity"]] = day.get(r["severity"], 0) + 1
    seen = reader.rows(
        "SELECT count(*), coalesce(sum(outcome = 'identified'), 0) FROM gatelog_passages WHERE at >= ? AND at < ?",
        (since, until),
    )[0]
    visits = reader.rows("SELECT person, how FROM elders_visits WHERE at >= ? AND at < ?", (since, until))
    return Report(
        period,
        len(rows),
        dict(Counter(r["kind"] for r in rows)),
        per_day,
        tuple(sorted(waits)),
        Share(sum(w <= 60 for w in waits), len(grave)),
        Share(sum(w <= 180 for w in waits), len(grave)),
        Share(sum(a <= 45 for a in arrivals), len(arrivals)),
        Share(sum(a <= 60 for a in arrivals), len(arrivals)),
        _false_alarms(reader, since, until),
        _blind_minutes(reader, since, until),
        len(visits),
        Share(len({person for person, how in visits if how == "visit"}), elders),
        seen[0],
        Share(seen[1], seen[0]),
        figures(reader, since),
    )


def _false_alarms(reader: Reader, since: int, until: int) -> int:
    """Incidents whose feedback says so, or that somebody dismissed."""
    rows = reader.rows(
        "SELECT f.incident, f.payload FROM incidents_facts f JOIN incidents_now n USING (incident) WHERE n.opened >= ?"
        " AND n.opened < ? AND NOT n.exercise AND f.kind IN ('incident.feedback', 'incident.rejected')",
        (since, until),
    )
    return len(
        {
            i
            for i, payload in rows
            if payload is None or json.loads(payload).get("outcome", "false_alarm") == "false_alarm"
        }
    )


def _blind_minutes(reader: Reader, since: int, until: int) -> int:
    """Minutes in which devices could not be heard, added over all devices."""
    rows = reader.rows(
        "SELECT json_extract(p.body, '$.device'), json_extract(p.body, '$.blind'), json_extract(p.body, '$.since'), f.at"
        " FROM facts f JOIN payloads p ON p.fact = f.rowid WHERE f.kind = 'device.blind' AND f.at < ? ORDER BY f.at",
        (until,),
    )
    open_: dict[str, int] = {}
    total = 0
    for device, blind, start, at in rows:
        if blind or blind is None:
            open_.setdefault(device, start or at)
        elif device in open_:
            total += max(0, min(at, until) - max(open_.pop(device), since))
    total += sum(max(0, until - max(start, since)) for start in open_.values())
    return total // 60_000
