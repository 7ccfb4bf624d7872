"""A ladder as data: the small language it is written in, and the moments that it unrolls to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.incident import NOBODY_YET
from domain.incident_kinds import DEADLINES, Level, Severity

RESPONSIBLE = "responsible"  # everyone who has been told so far
ELDER = "elder"
RINGS_AGAIN = "rings_again"  # why a step comes: somebody pressed again
NOT_ON_SCENE = "not_on_scene"  # why a step comes: it was taken, and nobody has reported being there
SECOND = timedelta(seconds=1)
AGAIN = {
    Severity.P1: 300 * SECOND,
    Severity.P2: 1800 * SECOND,
    Severity.P3: timedelta(days=1),
    Severity.P4: timedelta(days=1),
}
STALE = {
    Severity.P1: 300 * SECOND,
    Severity.P2: 3600 * SECOND,
    Severity.P3: timedelta(days=2),
    Severity.P4: timedelta(days=5),
}
CHECK_EVERY = timedelta(days=1)
_ZONE = "Asia/Shanghai"
_LONGEST_S = 30 * 86_400.0
_DRAWN_BESIDE = (
    2000  # so often the district is rung beside what is still drawn: of a P1 for a week; what is later is left out
)


def everyone_at(level: Level) -> str:
    """The name that stands for whoever is on call at `level`; the district resolves it at the moment of the step."""
    return f"level:{int(level)}"


class Do(StrEnum):
    """What a ladder is written in."""

    CALL_ELDER = "call_elder"
    NOTIFY = "notify"
    WAIT = "wait"
    REPEAT = "repeat"  # this level's steps again, `times` more
    NEXT_LEVEL = "next_level"


@dataclass(frozen=True, slots=True)
class Step:
    """`who` are person ids, "roster:NAME" or `everyone_at(level)`; `hours` (from, to) limits a step to local hours."""

    do: Do
    who: tuple[str, ...] = ()
    seconds: float = 0.0
    times: int = 0
    hours: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The whole ladder of one elder; an incident carries a snapshot of it (`plain`) and keeps the one it started with."""

    steps: tuple[Step, ...] = ()
    zone: str = _ZONE
    stale_after_s: float | None = None  # an acceptance without a further step counts this long

    def plain(self) -> dict[str, Any]:
        """As it travels in the payload of incident.opened."""
        return {
            "zone": self.zone,
            "stale_after_s": self.stale_after_s,
            "steps": [
                {
                    "do": s.do.value,
                    "who": list(s.who),
                    "seconds": s.seconds,
                    "times": s.times,
                    "hours": list(s.hours) if s.hours else None,
                }
                for s in self.steps
            ],
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any] | None) -> "Ladder":
        """From a snapshot; what cannot be read of it is left out, for the severity's own deadlines call every level anyway."""
        data = plain or {}
        drawn = data.get("steps")
        steps = tuple(s for raw in (drawn if isinstance(drawn, list | tuple) else ()) if (s := _step(raw)) is not None)
        try:
            stale = _seconds(data.get("stale_after_s")) or None
        except (ValueError, TypeError):
            stale = None
        return cls(steps, zone_of(data).key, stale)


def zone_of(plain: Mapping[str, Any]) -> ZoneInfo:
    """The zone of a ladder's hours; China's where the snapshot names none that there is."""
    try:
        return ZoneInfo(str(plain.get("zone") or _ZONE))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return ZoneInfo(_ZONE)


def _seconds(raw: Any) -> float:
    """Raises ValueError or TypeError for what is no wait that could end: such a step is left out."""
    seconds = float(raw or 0)
    if not 0 <= seconds <= _LONGEST_S:
        raise ValueError("no wait")
    return seconds


def _step(raw: Mapping[str, Any]) -> Step | None:
    try:
        hours = raw.get("hours")
        return Step(
            Do(raw["do"]),
            tuple(map(str, raw.get("who") or ())),
            _seconds(raw.get("seconds")),
            int(raw.get("times") or 0),
            (int(hours[0]), int(hours[1])) if hours else None,
        )
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError):
        return None


def default_ladder(severity: Severity, home: Sequence[str] = (), call_elder_first: bool = False) -> Ladder:
    """Family and caregiver first, then whoever is on call at each level, at the severity's own deadlines."""
    steps = [Step(Do.CALL_ELDER), Step(Do.WAIT, seconds=20)] if call_elder_first else []
    steps.append(Step(Do.NOTIFY, tuple(home) or (everyone_at(Level.HOME),)))
    before = timedelta(seconds=20 if call_elder_first else 0)
    for level, at in zip(list(Level)[1:], DEADLINES[severity].accept, strict=True):
        wait = Step(Do.WAIT, seconds=(at - before).total_seconds())
        steps += [wait, Step(Do.NEXT_LEVEL), Step(Do.NOTIFY, (everyone_at(level),))]
        before = at
    return Ladder(tuple(steps))


class Act(StrEnum):
    """What a due step asks of the district."""

    CALL_ELDER = "call_elder"
    ALARM = "alarm"
    ESCALATE = "escalate"  # record the higher level; the alarm to it is a step of its own
    REMIND = "remind"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class Rung:
    """One unrolled step, `after` the start of the phase (or of the round, where `whole`)."""

    after: timedelta
    act: Act
    level: Level
    who: tuple[str, ...] = ()
    reason: str = ""
    hours: tuple[int, int] | None = None
    whole: bool = False


@lru_cache(maxsize=4096)
def unroll(ladder: Ladder, severity: Severity, start: Level) -> tuple[Rung, ...]:
    """A ladder as moments, from level `start` on.

    A level begins when the steps say so, and at the severity's deadline at the latest; one whose steps call nobody by then
    calls whoever is on call there. From the district's beginning on everybody told so far is rung again and again, whatever is
    still drawn below it. So no ladder, however it was drawn, can keep an alarm from climbing, or make it fall silent at the top.
    """
    blocks, begins = _blocks(ladder)
    floors = (timedelta(0), *DEADLINES[severity].accept)
    origin = min(floors[start], begins.get(start, floors[start]))
    rungs: list[Rung] = []
    at = timedelta(0)
    for level in list(Level)[start:]:
        at = max(timedelta(0), min(floors[level], begins.get(level, floors[level])) - origin)
        if level > start:
            rungs.append(Rung(at, Act.ESCALATE, level, (), NOBODY_YET))
        block = [replace(r, after=r.after + at) for r in blocks.get(level, [])]
        latest = max(at, floors[level or Level.COMMUNITY] - origin)  # at home the elder may be called first
        calls = [r.after for r in block if r.act is Act.ALARM and r.hours is None]
        if not calls or min(calls) > latest:
            block.append(Rung(latest if calls else at, Act.ALARM, level, (everyone_at(level),), "opened"))
        rungs += block
    again = AGAIN[severity]
    top = Rung(at, Act.ALARM, Level.DISTRICT, (RESPONSIBLE, everyone_at(Level.DISTRICT)), NOBODY_YET)
    times = min((max(r.after for r in rungs) - at) // again, _DRAWN_BESIDE) + 1
    *ringing, last = (replace(top, after=at + n * again) for n in range(1, times + 1))
    rungs += ringing
    return (*sorted((r for r in rungs if r.after <= last.after), key=lambda r: r.after), last)


def _blocks(ladder: Ladder) -> tuple[dict[Level, list[Rung]], dict[Level, timedelta]]:
    """Per level its rungs relative to the level's beginning, and when each level begins."""
    blocks: dict[Level, list[Rung]] = {}
    begins: dict[Level, timedelta] = {Level.HOME: timedelta(0)}
    level, clock = Level.HOME, timedelta(0)
    for step in ladder.steps:
        began = begins[level]
        match step.do:
            case Do.WAIT:
                clock += step.seconds * SECOND
            case Do.NOTIFY:
                rung = Rung(clock - began, Act.ALARM, level, step.who, "opened", step.hours)
                blocks.setdefault(level, []).append(rung)
            case Do.CALL_ELDER:
                rung = Rung(clock - began, Act.CALL_ELDER, level, (ELDER,), "opened", step.hours)
                blocks.setdefault(level, []).append(rung)
            case Do.REPEAT:
                length, once = clock - began, list(blocks.get(level, ()))
                for n in range(1, min(step.times, 20) + 1):
                    blocks.setdefault(level, []).extend(replace(r, after=r.after + n * length) for r in once)
                clock += min(step.times, 20) * length
            case Do.NEXT_LEVEL if level < Level.DISTRICT:
                level = Level(level + 1)
                begins[level] = clock
            case Do.NEXT_LEVEL:
                pass
    return blocks, begins
