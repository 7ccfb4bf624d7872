"""What the gate's contacts say: whether it stands open longer than it may, and the fire alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.visit.events import DoorHeld, FireInput, StandsOpen
from kiosk.visit.line import Line

# By then the staff are told of a door that is wedged open; nobody who sleeps above it has to hear of it all night.
ASKED_FOR = timedelta(minutes=5)


@dataclass(slots=True)
class Contacts:
    """As heard last; at first all are quiet."""

    fire: bool = False
    held_open: bool = False
    stands_open: bool = False  # on purpose, while no face can be recognised
    _held_since: datetime | None = None

    def hear(self, event: FireInput | DoorHeld | StandsOpen, now: datetime) -> None:
        match event:
            case FireInput(on):
                self.fire = on
            case DoorHeld(on):
                self.held_open = on
                self._held_since = now if on else None
            case StandsOpen(on):
                self.stands_open = on

    def to_shut(self, now: datetime) -> bool:
        """Whether whoever is there is asked to shut the door: not while it burns, and not for ever."""
        lasts = timedelta(0) if self._held_since is None else now - self._held_since
        return self.held_open and lasts < ASKED_FOR and not (self.fire or self.stands_open)

    @property
    def notes(self) -> tuple[Line, ...]:
        if self.fire:
            return (Line("kiosk.note.fire"),)
        if self.stands_open:
            return (Line("kiosk.note.stands_open"),)
        return (Line("kiosk.note.held_open"),) if self.held_open else ()
