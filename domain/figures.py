"""What a period's incidents add up to: how soon they were answered, how many were false, and how the drills went.

Targets of the field: 97.5 % answered within 60 s and 99 % within 180 s; on scene 90 % within 45 min and all within 60.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from domain.incident import FALSE_ALARM, Incident
from domain.incident_kinds import Severity, State

ANSWER = (timedelta(seconds=60), timedelta(seconds=180))
ON_SCENE = (timedelta(minutes=45), timedelta(minutes=60))


@dataclass(frozen=True, slots=True)
class Share:
    """`met` of `of`; no rate where there was nothing to meet."""

    met: int
    of: int

    @property
    def rate(self) -> float | None:
        return self.met / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Drill:
    """One exercise, timed: None for what nobody did."""

    incident: str
    opened_at: datetime
    answered_after: timedelta | None
    arrived_after: timedelta | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are of life-safety incidents (P1) that are no drill; one that nobody answered, or came to, met nothing."""

    incidents: int
    answered: tuple[Share, Share]  # within 60 s, 180 s
    on_scene: tuple[Share, Share]  # within 45 min, 60 min
    false_alarms: dict[tuple[str, str], int]  # by (elder, local month "2026-11")
    drills: tuple[Drill, ...]


def figures(incidents: Iterable[Incident], now: datetime, zone: tzinfo) -> Figures:
    """Of these incidents. One that has still time for a step is not yet held to it; nor to be at the scene of a false alarm."""
    known = [i for i in incidents if i.state is not State.MERGED]
    real = [i for i in known if not i.exercise]
    grave = [i for i in real if i.severity is Severity.P1]
    needed = [i for i in grave if i.outcome != FALSE_ALARM or i.arrived_after is not None]
    false = Counter((i.elder, f"{i.opened_at.astimezone(zone):%Y-%m}") for i in real if i.outcome == FALSE_ALARM)
    return Figures(
        len(real),
        (_share(grave, "answered_after", ANSWER[0], now), _share(grave, "answered_after", ANSWER[1], now)),
        (_share(needed, "arrived_after", ON_SCENE[0], now), _share(needed, "arrived_after", ON_SCENE[1], now)),
        dict(false),
        tuple(Drill(i.id, i.opened_at, i.answered_after, i.arrived_after) for i in known if i.exercise),
    )


def _share(incidents: Iterable[Incident], step: str, within: timedelta, now: datetime) -> Share:
    waits: list[tuple[timedelta | None, Incident]] = [(getattr(i, step), i) for i in incidents]
    held = [wait for wait, i in waits if wait is not None or now - i.started_at > within]
    return Share(sum(wait is not None and wait <= within for wait in held), len(held))
