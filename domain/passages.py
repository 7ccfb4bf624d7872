"""Who may pass this gate now. Pure rules: the gate's configuration, an attempt, what was before, and the local time.

Two principles stand above every rule: nobody is ever locked in (an attempt to go out is always granted, and at most noticed),
and a fire input opens.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class Direction(StrEnum):
    """Which way a passage goes. A gate used both ways knows nothing of it unless the reader's side tells."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"

    @classmethod
    def told(cls, raw: object) -> "Direction":
        """As a fact says it; a newer program may know of more directions than this one."""
        return next((one for one in cls if one == raw), cls.UNKNOWN)


class Method(StrEnum):
    """How somebody asked to pass."""

    FACE = "face"
    CARD = "card"
    PIN = "pin"
    QR = "qr"
    GUARD = "guard"  # a person of the staff opened, by call
    FIRE = "fire"  # the fire input


class Group(StrEnum):
    """Whose schedule applies."""

    RESIDENT = "resident"
    STAFF = "staff"
    VISITOR = "visitor"


class Passback(StrEnum):
    """What is done when somebody comes in twice without having gone out."""

    OFF = "off"
    NOTICE = "notice"  # let in, tell the staff
    REFUSE = "refuse"


class Ruling(StrEnum):
    """Why the gate opened or stayed shut."""

    GRANTED = "granted"
    FIRE = "fire"
    OUTSIDE_HOURS = "outside_hours"
    METHOD_NOT_NOW = "method_not_now"  # another way in is allowed at this hour
    PASSBACK = "passback"
    BLOCKED = "blocked"
    UNHEARD = "unheard"  # this way rests: nothing was heard of the district for too long


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `start` until just before `end`, local time, on `days` (0 = Monday).

    An `end` at or before `start` runs past midnight and belongs to the day it began on; equal times mean the whole day.
    `on_holidays` None: as on any other day; True: on holidays too, whatever the weekday; False: never on holidays.
    """

    start: time = time(0)
    end: time = time(0)
    days: frozenset[int] = frozenset(range(7))
    on_holidays: bool | None = None

    def cover(self, local: datetime, holidays: Container[date]) -> bool:
        today, clock = local.date(), local.time()
        if self.start < self.end:
            return self.start <= clock < self.end and self._runs_on(today, holidays)
        if clock >= self.start:
            return self._runs_on(today, holidays)
        return clock < self.end and self._runs_on(today - timedelta(days=1), holidays)

    def _runs_on(self, day: date, holidays: Container[date]) -> bool:
        if day in holidays and self.on_holidays is not None:
            return self.on_holidays
        return day.weekday() in self.days


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a group may come in, and with which methods; no hours at all means never."""

    hours: tuple[Hours, ...] = (Hours(),)
    methods: frozenset[Method] = frozenset(Method)


@dataclass(frozen=True, slots=True)
class GateRules:
    """The configuration of one gate. A group without a schedule may come at any time in any way."""

    direction: Direction = Direction.UNKNOWN
    schedules: Mapping[Group, Schedule] = field(default_factory=dict)
    holidays: Container[date] = frozenset()
    passback: Passback = Passback.OFF
    passback_window: timedelta = timedelta(hours=12)
    open_seconds: float = 5.0
    slow_open_seconds: float = 10.0  # for those who walk slowly
    unheard: Mapping[Method, timedelta] = field(default_factory=dict)  # after so long without the district a way rests


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody known asks to pass. `side` is set where the reader or camera faces one way only."""

    person_id: str
    method: Method
    group: Group = Group.RESIDENT
    side: Direction = Direction.UNKNOWN
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """The last passage this community knows of a person."""

    direction: Direction
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate does. `notice` asks that the staff be told, whether it opens or not."""

    opens: bool
    ruling: Ruling
    direction: Direction
    seconds: float = 0.0
    notice: bool = False


def resting(rules: GateRules, silence: timedelta) -> frozenset[Method]:
    """The ways by which nobody comes in for now, the district having been silent for so long: who has withdrawn, which card was
    lost and which pass revoked, this gate would not know. None at a gate that leads out."""
    if rules.direction is Direction.OUT:
        return frozenset()
    return frozenset(method for method, longest in rules.unheard.items() if silence >= longest)


def judge(
    attempt: Attempt,
    rules: GateRules,
    blocked: frozenset[str],
    last: Passed | None,
    fire: bool,
    now: datetime,
    silence: timedelta = timedelta(0),
) -> Verdict:
    """The gate's answer. `now` is the aware local time of the gate, and so is `last.at`; `silence` is the district's."""
    direction = attempt.side if attempt.side is not Direction.UNKNOWN else rules.direction
    seconds = rules.slow_open_seconds if attempt.slow else rules.open_seconds
    barred = attempt.person_id in blocked
    if fire:
        return Verdict(True, Ruling.FIRE, direction, seconds)
    if direction is Direction.OUT:
        return Verdict(True, Ruling.GRANTED, direction, seconds, notice=barred)
    if attempt.method is Method.GUARD:
        return Verdict(True, Ruling.GRANTED, direction, seconds)
    if barred:
        return Verdict(False, Ruling.BLOCKED, direction, notice=True)
    if attempt.method in resting(rules, silence):
        return Verdict(False, Ruling.UNHEARD, direction)
    schedule = rules.schedules.get(attempt.group, Schedule())
    if not any(hours.cover(now, rules.holidays) for hours in schedule.hours):
        return Verdict(False, Ruling.OUTSIDE_HOURS, direction)
    if attempt.method not in schedule.methods:
        return Verdict(False, Ruling.METHOD_NOT_NOW, direction)
    twice = direction is Direction.IN and last is not None and came_in_twice(last, rules, now)
    if twice and rules.passback is Passback.REFUSE:
        return Verdict(False, Ruling.PASSBACK, direction, notice=True)
    return Verdict(True, Ruling.GRANTED, direction, seconds, notice=twice and rules.passback is Passback.NOTICE)


def came_in_twice(last: Passed, rules: GateRules, now: datetime) -> bool:
    """Whether the last known passage was inwards and recent enough to count."""
    return last.direction is Direction.IN and timedelta(0) <= now - last.at < rules.passback_window
