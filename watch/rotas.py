"""Who is on duty when, as a fold over `config.rota_set`: a community's whole rota at a time. The last word stands, however
late an older one comes.

Payload: `zone`; `shifts` of {person, level or name, start, end ("HH:MM"), weekdays (0 = Monday), first, last (ISO dates)};
`absent` of {person, start, end (ms)}. What cannot be read of it is left out.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from domain.coverage import Shift, on_duty
from domain.events import from_ms
from domain.incident_kinds import Level
from domain.ladder_steps import zone_of
from watch.ledger import Ledger, Seen, said_before

ROTA_SET = "config.rota_set"
_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError)


@dataclass(frozen=True, slots=True)
class Rota:
    """`named` are the shifts of rosters that a ladder calls by name; `absent` the spans in which somebody is on leave.

    `holidays` are the country's, and no part of what was drawn.
    """

    zone: str = "Asia/Shanghai"
    shifts: tuple[Shift, ...] = ()
    named: Mapping[str, tuple[Shift, ...]] = field(default_factory=dict)
    absent: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    holidays: Container[date] = frozenset()

    def at(self, level: Level, now: datetime) -> list[str]:
        """Who is on duty at a level."""
        return self._there(on_duty(self.shifts, level, now, self.zone, self.holidays), now)

    def of(self, name: str, now: datetime) -> list[str]:
        """Who is on duty in a named roster."""
        return self._there(on_duty(self.named.get(name, ()), Level.HOME, now, self.zone, self.holidays), now)

    def draws(self, level: Level) -> bool:
        """Whether anybody was ever put down for this level; where not, everybody with the role is called."""
        return any(shift.level is level for shift in self.shifts)

    def _there(self, people: Iterable[str], now: datetime) -> list[str]:
        return [p for p in people if not self.on_leave(p, now)]

    def on_leave(self, person: str, now: datetime) -> bool:
        return any(a <= now < b for a, b in self.absent.get(person, ()))


class Rotas:
    """Every community's rota; fed by the watch."""

    def __init__(self, holidays: Container[date] = frozenset()) -> None:
        self._holidays = holidays
        self._of: dict[str, Rota] = {}
        self._told: dict[str, Seen] = {}

    def recall(self, ledger: Ledger) -> None:
        for fact in ledger.told((ROTA_SET,)):
            self.heed(fact)

    def heed(self, fact: Seen, _now: datetime | None = None) -> None:
        if fact.kind == ROTA_SET and not said_before(fact, self._told.get(fact.community)):
            self._told[fact.community] = fact
            self._of[fact.community] = rota_of(fact.payload, self._holidays)

    def of(self, community: str) -> Rota:
        return self._of.get(community) or Rota(holidays=self._holidays)


def rota_of(payload: Mapping[str, Any], holidays: Container[date] = frozenset()) -> Rota:
    """The rota of a payload."""
    shifts: list[Shift] = []
    named: dict[str, tuple[Shift, ...]] = {}
    for raw in _items(payload.get("shifts")):
        try:
            shift = _shift(raw)
        except _UNREADABLE:
            continue
        if name := str(raw.get("name") or ""):
            named[name] = (*named.get(name, ()), shift)
        else:
            shifts.append(shift)
    absent: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
    for raw in _items(payload.get("absent")):
        try:
            person, span = str(raw["person"]), (from_ms(int(raw["start"])), from_ms(int(raw["end"])))
        except _UNREADABLE:
            continue
        absent[person] = (*absent.get(person, ()), span)
    return Rota(zone_of(payload).key, tuple(shifts), named, absent, holidays)


def _shift(raw: Mapping[str, Any]) -> Shift:
    return Shift(
        str(raw["person"]),
        Level.HOME if raw.get("name") else Level(int(raw["level"])),
        time.fromisoformat(str(raw.get("start") or "00:00")),
        time.fromisoformat(str(raw.get("end") or "00:00")),
        frozenset(int(day) for day in raw.get("weekdays") or range(7)),
        date.fromisoformat(raw["first"]) if raw.get("first") else None,
        date.fromisoformat(raw["last"]) if raw.get("last") else None,
    )


def _items(raw: object) -> list[Mapping[str, Any]]:
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, list | tuple) else []
