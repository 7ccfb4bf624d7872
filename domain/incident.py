"""One incident as its facts have made it so far, and a fact about it as the fold reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.clock import Hlc
from domain.events import derived_id, from_ms, to_ms
from domain.incident_kinds import FINAL, OF_EQUIPMENT, Kind, Level, Severity, State
from domain.subjects import is_stray

SYSTEM = "system"  # who did it, where no person did
FALSE_ALARM = "false_alarm"
NOBODY_YET = "unanswered"  # why the ladder calls the next level: nobody has taken it
OUTCOMES = ("helped", "hospital", FALSE_ALARM, "nobody_home", "other")  # what a report says of how it ended


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about an incident as the fold needs it: `by` is a person id or SYSTEM, `at` when it happened (aware UTC)."""

    kind: str
    payload: Mapping[str, Any]
    by: str
    at: datetime
    id: str = ""
    received: datetime | None = None  # by the district; where it is not known, `at` stands for it
    community: str = ""  # in which it was written; "" where that is not asked
    said: str = (
        ""  # the hybrid clock's stamp: later than that of whatever its author had heard of; "" where it is not known
    )

    @classmethod
    def of(
        cls,
        kind: str,
        payload: Mapping[str, Any] | None,
        at: int,
        id: str,
        received: int | None = None,
        community: str = "",
        said: str = "",
    ) -> "Event":
        """From a stored fact (times in ms): who did it stands in the payload's `by`; an erased payload is still a step."""
        found = payload or {}
        when = None if received is None else from_ms(received)
        return cls(kind, found, str(found.get("by") or SYSTEM), from_ms(at), id, when, community, said)

    @property
    def heard(self) -> datetime:
        return self.received or self.at

    @property
    def stamp(self) -> str:
        """When it was said, as text that sorts."""
        return self.said or str(Hlc(to_ms(self.at), 0))


@dataclass(frozen=True, slots=True)
class Incident:
    """What the facts add up to. The first of `accepted_by` leads; `refused` are steps that the table did not allow."""

    id: str
    elder: str
    kind: Kind
    severity: Severity
    state: State
    opened_at: datetime
    happened_at: datetime  # of a fall: the impact
    started_at: datetime  # the ladder's clock in this round: receipt at the district
    changed_at: datetime  # receipt of the last step that changed who must act
    level: Level = Level.HOME
    from_level: Level = Level.HOME  # the level when those who must act last changed: where the ladder begins
    round: int = 1
    starts: int = 1  # how often the ladder's clock began: the rounds, and every time the severity was raised
    # how often the severity changed, an answer was taken back or what was over began again: what the ladder awaits begins anew
    turns: int = 0
    exercise: bool = False
    confirmed: bool = True  # False: raised by a desktop that was cut off
    ladder: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""
    since: datetime | None = None  # of a silence, an elder's or a device's: when it began
    device: str = ""  # which told it, or is silent
    told_by: frozenset[str] = frozenset()  # every device that has told of it
    quiet_sensors: bool = False  # of a silence: its sensors said nothing at all since, so they may have failed
    elders_unseen: bool = False  # of a gate: whoever is awaited there alone is seen by nobody meanwhile
    community: str = ""  # whose it is; "" where that is not asked
    accepted_by: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    workers: frozenset[str] = frozenset()
    answers: tuple[tuple[str, str], ...] = ()  # who answered, by which step: what they may still take back
    # the steps (of `news`) by which somebody was sent, and whom they name
    sent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    on_scene_at: datetime | None = None
    feedback_at: datetime | None = None
    closed_at: datetime | None = None
    answered_after: timedelta | None = None  # from the clock's start to the first acceptance; whatever becomes of it
    arrived_after: timedelta | None = None  # to the first who was there
    outcome: str = ""  # of the feedback, or of the rejection: "false_alarm" is one
    extension_asked: tuple[datetime, str] | None = None  # until when, and who asks
    extended_until: datetime | None = None
    merged_into: str | None = None
    resolved_by_late_evidence: bool = False
    over: bool = False  # what was wrong is said to be right again; somebody still looks
    evidence: int = 0
    rings: int = 0  # new presses after the first
    rings_heard: int = 0  # how many of them there were when somebody last took it, or said to be at work on it
    rung_by: tuple[str, ...] = ()  # the facts (of `news`) that rang anew
    unheard_since: datetime | None = None  # receipt of the first press that nobody has answered yet
    called: str = (
        ""  # the stamp of the newest call for help, or of the reopening: what was said before is no answer to it
    )
    sought: int = 1  # how often somebody had to be looked for in this round (transfers, stale acknowledgements)
    rang_at: datetime | None = None  # when it last began to ring: repeats of the same press join it
    responsible: tuple[str, ...] = ()  # everyone told so far: they hear of every further step
    news: tuple[str, ...] = ()  # ids of the steps that those already responsible must hear of
    refused: tuple[Event, ...] = ()
    overtaken: tuple[str, ...] = ()  # steps that were taken before the newest call for help and came after it

    @property
    def unheard(self) -> bool:
        """Whether it was pressed again and nobody has said that they know."""
        return self.rings > self.rings_heard

    @property
    def leader(self) -> str | None:
        """Who leads: the first acceptance that reached the district."""
        return self.accepted_by[0] if self.accepted_by else None

    @property
    def open(self) -> bool:
        return self.state not in FINAL

    def asks(self, level: Level) -> Level:
        """Who is asked at a level: of what stands in nobody's home those of the community from the first on."""
        of_nobody = self.kind in OF_EQUIPMENT or is_stray(self.elder)
        return max(level, Level.COMMUNITY) if of_nobody else level

    def held_by(self, person: str) -> bool:
        """Whether they have taken it and nobody is sought anew since, or are at work on it."""
        return person in self.accepted_by or (self.state is State.HANDLING and person in self.workers)


def incident_id(elder: str, rule: str, occurrence: str) -> str:
    """The same occurrence gives the same id on every node: 32 hexadecimal digits.

    `occurrence` is the window id and local date, the last sign of life before a silence, or the time of the press or impact.
    """
    return derived_id(elder, rule, occurrence)
