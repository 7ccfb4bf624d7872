"""What the gate's contacts say: whether it stands open longer than it may, and the fire alarm."""

from dataclasses import dataclass

from kiosk.visit.line import Line


@dataclass(slots=True)
class Contacts:
    """As heard last; at first both are quiet."""

    fire: bool = False
    held_open: bool = False

    @property
    def to_shut(self) -> bool:
        """Whether somebody should shut the door: not while it burns."""
        return self.held_open and not self.fire

    @property
    def notes(self) -> tuple[Line, ...]:
        if self.fire:
            return (Line("kiosk.note.fire"),)
        return (Line("kiosk.note.held_open"),) if self.held_open else ()
