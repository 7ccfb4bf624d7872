"""Digits being typed: whose flat, the PIN, or the staff's own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk.visit.effects import CheckPin, CheckStaff, FindResidents
from kiosk.visit.view import PinStage, PinView

FLAT_DIGITS = 8
SECRET_DIGITS = 8
SECRET_LEAST = 4


@dataclass(slots=True)
class PinEntry:
    """Digits on their way: first the flat, then the PIN; for the staff their PIN alone. `pad` is no other's number."""

    pad: int
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
        of_staff = self.stage is PinStage.STAFF
        check = CheckStaff(self.secret, self.pad) if of_staff else CheckPin(self.flat, self.secret, self.pad)
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
