"""What one gate's visits are told at the start: how long screens stay, where the gate is, and whom to ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.passages import GateRules, Hours, Method, Passed, resting
from kiosk.visit.line import Line
from kiosk.visit.people import Guest
from kiosk.visit.view import Way


@dataclass(frozen=True, slots=True)
class Holds:
    """How long a screen stays, seconds."""

    identified: float = 2.5
    identified_elder: float = 5.0
    well_offered: float = 12.0  # as long as an elder stands before the button
    unsure: float = 8.0
    unknown: float = 6.0
    refused: float = 8.0
    idle: float = 30.0  # card, PIN, QR without a touch
    maintenance: float = 300.0
    enrol: float = 120.0
    call: float = 180.0
    coach_after: float = 2.0


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """The gate's own: where it is, who is rung when the guard does not answer."""

    community: Mapping[str, str]
    gate: Mapping[str, str]
    phone: str
    simulated_camera: bool = False
    simulated_gate: bool = False
    call_rung_s: int = 30
    ways: frozenset[Way] = frozenset(Way)
    holds: Holds = field(default_factory=Holds)
    elder_hours: tuple[Hours, ...] = ()
    zone: tuple[float, float, float, float] = (0.1, 0.0, 0.9, 1.0)  # of the picture, where a face is decided

    def for_elders(self, now: datetime) -> bool:
        """Whether everybody is treated as an elder is at this hour, local: those who come then are mostly elders."""
        return any(hours.cover(now, ()) for hours in self.elder_hours)

    @property
    def notes(self) -> tuple[Line, ...]:
        """That something is simulated, said as long as it is."""
        match self.simulated_camera, self.simulated_gate:
            case True, True:
                return (Line("kiosk.note.simulated_both"),)
            case True, False:
                return (Line("kiosk.note.simulated_camera"),)
            case False, True:
                return (Line("kiosk.note.simulated_gate"),)
        return ()


@dataclass(frozen=True, slots=True)
class Knows:
    """What a visit asks of the rest of the kiosk; every answer comes from memory, at once."""

    guest: Callable[[str], Guest | None]
    rules: Callable[[], GateRules]
    blocked: Callable[[], frozenset[str]]
    last: Callable[[str], Passed | None]
    new_id: Callable[[], str]
    visitor: Callable[[], bool] = lambda: False  # whether an unknown visitor's frames are in memory
    silence: Callable[[], timedelta] = timedelta  # of the district
    needs_infrared: Callable[[], bool] = lambda: True  # whether no face passes now without it

    def resting(self) -> frozenset[Method]:
        """The ways that open nothing now, because nothing was heard of the district for too long."""
        return resting(self.rules(), self.silence())
