"""Four weeks of one elder's signs of life, as day strips from 06 to 06: where each mark stands, and what it was. No Qt."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from caregiver.memory.reading import Reader
from domain.events import from_ms, to_ms
from domain.signals import WEIGHT

DAY_BEGINS = 6  # o'clock: a night belongs to the day before it
DAYS = 28


@dataclass(frozen=True, slots=True)
class Mark:
    """`day` 0 is today, 1 yesterday …; `hour` runs from 0 (06:00) to 24. `kind` of an incident starts with "incident."."""

    day: int
    hour: float
    at: datetime
    kind: str
    place: str
    weight: float = 0.0  # how surely it was the elder; of an incident nothing


@dataclass(frozen=True, slots=True)
class Timeline:
    """`routine` is how likely something is heard in each half hour of the strip, 0 to 1, over the days before today."""

    days: tuple[date, ...]
    marks: tuple[Mark, ...]
    routine: tuple[float, ...]
    hour_now: float

    @property
    def signs(self) -> list[Mark]:
        return [mark for mark in self.marks if not mark.kind.startswith("incident.")]

    @property
    def alarms(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.kind.startswith("incident.")]


def timeline(reader: Reader, person: str, now: datetime, zone: tzinfo | None) -> Timeline:
    """Everything heard of `person` in the last four weeks; `now` aware."""
    local = now.astimezone(zone)
    today = (local - timedelta(hours=DAY_BEGINS)).date()
    since = to_ms(datetime.combine(today - timedelta(days=DAYS - 1), time(DAY_BEGINS), local.tzinfo))
    rows = reader.rows(
        "SELECT at, kind, place, sign, trusted FROM elders_signs WHERE person = ?1 AND at >= ?2"
        " UNION ALL SELECT at, 'passage.recorded', gate, iif(method = 'face', 'gate', 'gate_credential'), 1"
        " FROM gatelog_passages WHERE person = ?1 AND at >= ?2 AND outcome = 'identified'"
        " UNION ALL SELECT opened, 'incident.' || kind, '', NULL, 0 FROM incidents_now WHERE elder = ?1 AND opened >= ?2"
        " ORDER BY 1",
        (person, since),
    )
    marks = tuple(
        _mark(from_ms(at).astimezone(zone), kind, place or "", today, WEIGHT.get(sign, 0.0) * bool(trusted))
        for at, kind, place, sign, trusted in rows
    )
    days = tuple(today - timedelta(days=n) for n in range(DAYS))
    return Timeline(days, marks, _routine(marks), _hours(local))


def _hours(local: datetime) -> float:
    return ((local.hour - DAY_BEGINS) % 24) + local.minute / 60 + local.second / 3600


def _mark(local: datetime, kind: str, place: str, today: date, weight: float) -> Mark:
    day = (local - timedelta(hours=DAY_BEGINS)).date()
    return Mark((today - day).days, _hours(local), local, kind, place, weight)


def _routine(marks: tuple[Mark, ...]) -> tuple[float, ...]:
    """The share of earlier days with a sign in each half hour, smoothed over its neighbours."""
    days = {mark.day for mark in marks if mark.day > 0 and not mark.kind.startswith("incident.")}
    if not days:
        return (0.0,) * 48
    heard = {
        (mark.day, int(mark.hour * 2) % 48) for mark in marks if mark.day > 0 and not mark.kind.startswith("incident.")
    }
    share = [sum((day, slot) in heard for day in days) / len(days) for slot in range(48)]
    return tuple((share[i - 1] + 2 * share[i] + share[(i + 1) % 48]) / 4 for i in range(48))
