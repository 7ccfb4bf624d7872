"""Elders, and what happened to them: what a walk knows and the district has to find out."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 10, tzinfo=ZONE)  # a Thursday; mid-autumn and the week of the national holiday lie ahead
EVERY = timedelta(minutes=2)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
GRACE = timedelta(minutes=30)
LIE_LATE = timedelta(hours=30)  # whoever lies is found by then, by a neighbour if by nobody else


@dataclass
class Span:
    """What happened to somebody, and what must come of it."""

    elder: str
    what: str  # sos, fall, lies, away, dead DEVICE, cleared
    begin: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.begin <= at and (self.end is None or at < self.end)


@dataclass
class Elder:
    """`windows`: (id, start hour, end hour, days), and from when on it counts."""

    id: str
    rng: random.Random
    windows: list[tuple[str, float, float, str, datetime]] = field(default_factory=list)
    wakes: float = 6.8
    sleeps: float = 22.0
    truth: list[Span] = field(default_factory=list)
    # what a sensor that lives has seen of them, and told
    heard: list[tuple[datetime, str]] = field(default_factory=list)
    out: datetime | None = None

    def state(self, what: str, at: datetime) -> bool:
        return any(s.what == what and s.holds(at) for s in self.truth)

    def absent(self, at: datetime) -> bool:
        """Whether no sensor can see them stir."""
        return self.state("lies", at) or self.state("away", at)


def here(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M:%S}"
