"""The figures of a period, computed from the facts; the same for the screen, the workbook and the printed page. No Qt."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from caregiver.gatelog.log import Figures, figures
from caregiver.incidents.projection import DISTRICTS_ORDER, STEP, folded
from caregiver.memory.reading import Reader
from caregiver.parts.period import Period
from caregiver.reports.elders import ElderMonth, Month, by_elder, devices_blind
from domain.events import from_ms
from domain.figures import Share
from domain.figures import figures as worked
from domain.incident import Incident
from domain.incident_kinds import Severity


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
    by_elder: tuple[ElderMonth, ...] = ()


def report(
    reader: Reader,
    period: Period,
    zone: tzinfo | None,
    elders: int,
    now: datetime,
    name_of: Callable[[str], str] = str,
) -> Report:
    """Everything about `period` as of `now` (aware). Drills do not count. `name_of` a person's id."""
    since, until = period.bounds(zone)
    rows = reader.query(
        "SELECT * FROM incidents_now WHERE opened >= ? AND opened < ? AND NOT exercise AND state <> 'merged'",
        (since, until),
    )
    incidents = _incidents(reader, since, until)
    found = worked(incidents, now, zone or UTC)
    grave = [i for i in incidents if i.severity is Severity.P1 and not i.exercise]
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
        tuple(sorted(i.answered_after.total_seconds() for i in grave if i.answered_after is not None)),
        *found.answered,
        *found.on_scene,
        sum(found.false_alarms.values()),
        devices_blind(reader, from_ms(since), min(from_ms(until), now)),
        len(visits),
        Share(len({person for person, how in visits if how == "visit"}), elders),
        seen[0],
        Share(seen[1], seen[0]),
        figures(reader, since, until),
        by_elder(reader, months(period, zone), found.false_alarms, now, name_of),
    )


def months(period: Period, zone: tzinfo | None) -> list[Month]:
    """The calendar months it touches, each as far as it lies within."""
    firsts = [day for day in period.days if day == period.first or day.day == 1]
    parts = zip(firsts, [*(day - timedelta(days=1) for day in firsts[1:]), period.last], strict=True)
    spans = [(first, Period(first, last).bounds(zone)) for first, last in parts]
    return [Month(f"{first:%Y-%m}", from_ms(start), from_ms(end)) for first, (start, end) in spans]


def _incidents(reader: Reader, since: int, until: int) -> list[Incident]:
    """Those opened in [since, until), folded from their facts; merged ones are told of by what they went into."""
    rows = reader.rows(
        f"SELECT f.incident, {STEP} FROM incidents_facts f JOIN incidents_now n USING (incident)"
        f" WHERE n.opened >= ? AND n.opened < ? AND n.state <> 'merged' ORDER BY f.incident, {DISTRICTS_ORDER}",
        (since, until),
    )
    of: dict[str, list[tuple[str, str, int, str | None, int, str]]] = {}
    for incident, *fact in rows:
        of.setdefault(incident, []).append((fact[0], fact[1], fact[2], fact[3], fact[4], fact[5]))
    return [found for facts in of.values() if (found := folded(facts)) is not None]
