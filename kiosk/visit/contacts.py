"""What the gate's contacts say: whether it stands open longer than it may, and the fire alarm."""

from dataclasses import dataclass

from kiosk.visit.events import DoorHeld, FireInput, StandsOpen
from kiosk.visit.line import Line


@dataclass(slots=True)
class Contacts:
    """As heard last; at first all are quiet."""

    fire: bool = False
    held_open: bool = False
    stands_open: bool = False  # on purpose, while no face can be recognised

    def hear(self, event: FireInput | DoorHeld | StandsOpen) -> None:
        match event:
            case FireInput(on):
                self.fire = on
            case DoorHeld(on):
                self.held_open = on
            case StandsOpen(on):
                self.stands_open = on

    @property
    def to_shut(self) -> bool:
        """Whether somebody should shut the door: not while it burns."""
        return self.held_open and not (self.fire or self.stands_open)

    @property
    def notes(self) -> tuple[Line, ...]:
        if self.fire:
            return (Line("kiosk.note.fire"),)
        if self.stands_open:
            return (Line("kiosk.note.stands_open"),)
        return (Line("kiosk.note.held_open"),) if self.held_open else ()
