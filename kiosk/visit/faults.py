"""What can be out of order, what is, and what no longer works because of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.passages import Method
from kiosk.visit.line import Line
from kiosk.visit.view import Way

_WAYS = {Method.CARD: Way.CARD, Method.PIN: Way.PIN, Method.QR: Way.QR}


class Part(StrEnum):
    """What can be out of order."""

    CAMERA = "camera"
    INFRARED = "infrared"  # the camera beside it, where there is one
    RECOGNISER = "recogniser"
    READER = "reader"
    GATE = "gate"
    DISTRICT = "district"
    STORAGE = "storage"
    CLOCK = "clock"  # nobody vouches for it, and what other gates have lent may have run out
    CASE = "case"  # of the gate's controller: somebody has opened it


@dataclass(frozen=True, slots=True)
class Fault:
    """A part failed (`code` and `details` of a Mendable) or works again (`code` empty)."""

    part: Part
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """What is out of order, and what no longer works because of it or rests."""

    resting: Callable[[], frozenset[Method]] = frozenset  # for want of word from the district
    # whether no face passes now without infrared; else whoever comes is asked to follow the lantern instead
    needs_infrared: Callable[[], bool] = lambda: True
    present: dict[Part, Fault] = field(default_factory=dict)

    def hear(self, fault: Fault) -> None:
        if fault.code:
            self.present[fault.part] = fault
        else:
            self.present.pop(fault.part, None)

    @property
    def face(self) -> Line | None:
        """Why no face opens the gate, for whoever can mend it."""
        needed = (Part.CAMERA, *((Part.INFRARED,) if self.needs_infrared() else ()), Part.RECOGNISER)
        fault = next((self.present[part] for part in needed if part in self.present), None)
        if fault is not None:
            return Line(f"error.{fault.code}", fault.details)
        return Line("kiosk.out_of_order.unheard") if Method.FACE in self.resting() else None

    @property
    def broken_ways(self) -> frozenset[Way]:
        broken = {Part.READER: Way.CARD, Part.CAMERA: Way.QR}
        rest = frozenset(_WAYS[method] for method in self.resting() if method in _WAYS)
        return rest | {way for part, way in broken.items() if part in self.present}

    @property
    def notes(self) -> tuple[Line, ...]:
        told = {Part.GATE: Line("kiosk.note.gate"), Part.CLOCK: Line("kiosk.note.clock")}
        if not self.needs_infrared():  # else it is said in the face's place
            told[Part.INFRARED] = Line("kiosk.note.infrared")
        return tuple(line for part, line in told.items() if part in self.present)

    @property
    def gate(self) -> bool:
        """Whether the gate does not answer: nobody knows whether it is open."""
        return Part.GATE in self.present

    @property
    def offline(self) -> bool:
        return Part.DISTRICT in self.present
