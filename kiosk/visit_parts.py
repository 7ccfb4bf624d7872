"""The small memories of a visit: digits being typed, a call being rung, what was said, what is out of order. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk.screens.model import (
    CallState,
    CallView,
    CheckPin,
    CheckStaff,
    Fault,
    FindResidents,
    Line,
    Part,
    PinStage,
    PinView,
    Speak,
    Way,
)

FLAT_DIGITS = 8
SECRET_DIGITS = 8
SECRET_LEAST = 4


@dataclass(slots=True)
class PinEntry:
    """Digits on their way: first the flat, then the PIN; for the staff their PIN alone."""

    stage: PinStage = PinStage.FLAT
    flat: str = ""
    secret: str = field(default="", repr=False)
    blocked_until: datetime | None = None
    refused: str = ""

    def type(self, digit: str) -> None:
        self.refused = ""
        if self.stage in (PinStage.FLAT, PinStage.ENROL):
            self.flat = (self.flat + digit)[:FLAT_DIGITS]
        elif self.stage is not PinStage.CHECKING:
            self.secret = (self.secret + digit)[:SECRET_DIGITS]

    def erase(self) -> None:
        if self.stage is PinStage.SECRET and not self.secret:
            self.stage = PinStage.FLAT
        elif self.stage in (PinStage.FLAT, PinStage.ENROL):
            self.flat = self.flat[:-1]
        elif self.stage is not PinStage.CHECKING:
            self.secret = self.secret[:-1]

    def enter(self, now: datetime) -> CheckPin | CheckStaff | FindResidents | None:
        """The next stage, or what is to be checked; None while there is too little, or the wait is running."""
        if self.waiting(now):
            return None
        if self.stage is PinStage.FLAT and self.flat:
            self.stage = PinStage.SECRET
            return None
        if self.stage is PinStage.ENROL and self.flat:
            return FindResidents(self.flat)
        if len(self.secret) < SECRET_LEAST or self.stage not in (PinStage.SECRET, PinStage.STAFF):
            return None
        check = CheckStaff(self.secret) if self.stage is PinStage.STAFF else CheckPin(self.flat, self.secret)
        self.stage, self.secret = PinStage.CHECKING, ""
        return check

    def fail(self, why: str, wait_s: int, now: datetime, staff: bool) -> None:
        self.stage, self.secret, self.refused = PinStage.STAFF if staff else PinStage.SECRET, "", why
        self.blocked_until = now + timedelta(seconds=wait_s) if wait_s else None

    def waiting(self, now: datetime) -> int:
        """Whole seconds until the next try, 0 when it may be made."""
        if self.blocked_until is None:
            return 0
        return max(0, -((now - self.blocked_until) // timedelta(seconds=1)))

    def view(self, now: datetime) -> PinView:
        return PinView(self.stage, self.flat, len(self.secret), self.waiting(now), self.refused)


@dataclass(slots=True)
class Call:
    """A call to the guard. Whoever does not answer in `rung_s` seconds is followed by the next, and a telephone number."""

    call_id: str
    since: datetime
    rung_s: int
    phone: str
    state: CallState = CallState.RINGING
    rung: int = 0

    def next_rung(self, now: datetime) -> bool:
        """Whether the next person is to be rung now."""
        due = int((now - self.since).total_seconds()) // self.rung_s
        if self.state is not CallState.RINGING or due <= self.rung:
            return False
        self.rung = due
        return True

    def view(self, now: datetime) -> CallView:
        shown = self.phone if self.rung or self.state in (CallState.LOST, CallState.REFUSED) else ""
        return CallView(self.state, int((now - self.since).total_seconds()), self.rung, shown)


@dataclass(slots=True)
class Prompter:
    """Says each prompt at most once in `pause`."""

    pause: timedelta = timedelta(seconds=10)
    _again: dict[str, datetime] = field(default_factory=dict)  # from when on it may be said again

    def say(
        self, prompt: str, now: datetime, name: Mapping[str, str] | None = None, pause: timedelta | None = None
    ) -> list[Speak]:
        words = f"{prompt} {sorted((name or {}).items())}"
        self._again = {key: at for key, at in self._again.items() if now < at}
        if words in self._again:
            return []
        self._again[words] = now + (self.pause if pause is None else pause)
        return [Speak(prompt, name or {})]


@dataclass(slots=True)
class Faults:
    """What is out of order, and what no longer works because of it."""

    present: dict[Part, Fault] = field(default_factory=dict)

    def hear(self, fault: Fault) -> None:
        if fault.code:
            self.present[fault.part] = fault
        else:
            self.present.pop(fault.part, None)

    @property
    def face(self) -> Line | None:
        """Why no face can be recognised, for whoever can mend it."""
        fault = self.present.get(Part.CAMERA) or self.present.get(Part.RECOGNISER)
        return Line(f"error.{fault.code}", fault.details) if fault else None

    @property
    def broken_ways(self) -> frozenset[Way]:
        broken = {Part.READER: Way.CARD, Part.CAMERA: Way.QR}
        return frozenset(way for part, way in broken.items() if part in self.present)

    @property
    def notes(self) -> tuple[Line, ...]:
        return (Line("kiosk.note.gate"),) if Part.GATE in self.present else ()

    @property
    def offline(self) -> bool:
        return Part.DISTRICT in self.present
