"""What the screen is about, until when, and what belongs to whoever stands before it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.passages import Method
from kiosk.visit.effects import Effect, EndCall, GateDid
from kiosk.visit.enrol_guide import EnrolGuide
from kiosk.visit.guard_call import Call
from kiosk.visit.people import Guest
from kiosk.visit.pin_entry import PinEntry
from kiosk.visit.view import PinStage, Screen, Well

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Person:
    """Everything that is forgotten when the screen turns to somebody else."""

    staff: str = ""  # who of the staff is signed in
    why: str = ""  # a key below ``kiosk.refused``
    covered: bool = False  # a mask or a hand was before the mouth, and they were not recognised
    guest: Guest | None = None  # who is let in
    method: Method = Method.FACE
    ref: str = ""  # of the passage
    gate: GateDid = GateDid.SHUT
    open_until: datetime = NEVER  # for them, by when the gate was asked
    well: Well = Well.HIDDEN
    enrol: EnrolGuide | None = None
    pin: PinEntry | None = None
    call: Call | None = None


SLOWER = 1.5  # at the hours of elders


@dataclass(slots=True)
class Scene:
    """One screen since `since`, until `until` (None: for as long as nothing happens). `now` is the event's.

    `elders` says that it is the hour of those who read and walk slowly.
    """

    now: datetime
    elders: bool = False
    screen: Screen = Screen.STANDBY
    since: datetime = field(init=False)
    until: datetime | None = None
    person: Person = field(default_factory=Person)
    pads: int = 0  # opened by now

    def __post_init__(self) -> None:
        self.since = self.now

    def change(self, screen: Screen, hold: float, staff: str = "") -> list[Effect]:
        """Turn to a screen for `hold` seconds; what the last one had begun ends. `staff` stays signed in."""
        call = self.person.call
        ended: list[Effect] = [EndCall(call.call_id)] if call is not None and call.sent else []
        if self.person.enrol is not None:
            ended += self.person.enrol.end()
        self.person = Person(staff=staff)
        self.screen, self.since = screen, self.now
        self.stay(hold)
        return ended

    def open_pad(self, stage: PinStage) -> None:
        """For whoever stands there now."""
        self.pads += 1
        self.person.pin = PinEntry(self.pads, stage)

    def pad(self, number: int) -> PinEntry | None:
        """The pad of that number, as long as it is there."""
        pin = self.person.pin
        return pin if pin is not None and pin.pad == number else None

    def rest(self) -> list[Effect]:
        """Turn to standby, and stay."""
        ended = self.change(Screen.STANDBY, 0)
        self.until = None
        return ended

    def stay(self, hold: float) -> None:
        slower = self.elders and not self.person.staff
        self.until = self.now + timedelta(seconds=hold * (SLOWER if slower else 1))

    @property
    def over(self) -> bool:
        return self.until is not None and self.now >= self.until
