"""A report's figures by elder and month: false alarms, and the minutes in which nothing could see them. No Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from caregiver.elders.judging import devices, sources
from caregiver.elders.outages import Outages
from caregiver.memory.reading import Reader
from domain.events import from_ms
from domain.subjects import thing
from domain.watched import blind_minutes, watched, watching
from watch.plans import SET as PLAN


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month's share of a period: its name ("2026-11"), and [start, end)."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ElderMonth:
    """One line; elders without anything to tell have none."""

    month: str
    elder: str
    name: str
    false_alarms: int
    blind_min: int


def devices_blind(reader: Reader, start: datetime, end: datetime) -> int:
    """Minutes of start..end in which devices of homes could not be heard, added over all of them while they stood there."""
    total = 0.0
    for device, taken_down in devices(reader):
        last = min(end, taken_down or end)
        if last > start:
            total += (last - start - watched(start, last, device.spans())) / timedelta(minutes=1)
    return int(total)


def by_elder(
    reader: Reader,
    months: Sequence[Month],
    false_alarms: Mapping[tuple[str, str], int],
    now: datetime,
    name_of: Callable[[str], str],
) -> tuple[ElderMonth, ...]:
    """Newest month first, in it whoever had the most false alarms. `false_alarms` are by (elder, month) as in `domain.figures`."""
    blind: dict[tuple[str, str], int] = {}
    in_care = "SELECT subject, min(at) FROM facts WHERE kind = ? AND subject IS NOT NULL GROUP BY subject"
    agreed = {elder: from_ms(at) for elder, at in reader.rows(in_care, (PLAN,))}
    with_sensors = {
        elder for (elder,) in reader.rows("SELECT DISTINCT person FROM elders_sources WHERE person IS NOT NULL")
    }
    outages, first_day = Outages(reader), min((month.start for month in months), default=now)
    for elder in agreed.keys() | with_sensors:
        seen = sources(reader, elder, ())
        begun = min((each.since for each in watching(seen)), default=now)
        stood = outages.unheard(elder, first_day)
        for month in months:
            first, last = max(month.start, begun, agreed.get(elder, begun)), min(month.end, now)
            minutes = int(blind_minutes(seen, first, last, stood)) if seen else 0
            if minutes:
                blind[elder, month.name] = minutes
    people = {key for key in (*blind, *false_alarms) if thing(key[0]) is None}
    found = [
        ElderMonth(month, elder, name_of(elder), false_alarms.get((elder, month), 0), blind.get((elder, month), 0))
        for elder, month in people
    ]
    found.sort(key=lambda line: (-line.false_alarms, -line.blind_min, line.name))
    return tuple(sorted(found, key=lambda line: line.month, reverse=True))
