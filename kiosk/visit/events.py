"""What may happen to a visit: a face, a credential, a call, a finger, a fault, time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.consent import Purpose
from domain.passages import Direction, Group, Method
from kiosk.faces.messages import Message
from kiosk.visit.faults import Fault
from kiosk.visit.people import Newcomer
from kiosk.visit.view import CallState, StatusSection, Way


@dataclass(frozen=True, slots=True)
class CredentialAccepted:
    """A card, PIN or pass that is good. `reference` names it in the record without being it, `pad` is where a PIN was typed."""

    method: Method
    person_id: str
    reference: str
    side: Direction = Direction.UNKNOWN
    group: Group | None = None  # of a pass; else the guest's own
    once: bool = False  # a pass that is spent when the gate has opened for it
    card: str = field(default="", repr=False)  # the card's keyed digest, by which it can be given to somebody
    pad: int = 0


@dataclass(frozen=True, slots=True)
class CredentialRefused:
    """`why` is a key below ``kiosk.refused``; `wait_s` until the next PIN may be tried."""

    method: Method
    why: str
    reference: str = ""
    wait_s: int = 0
    card: str = field(default="", repr=False)  # the card's keyed digest, by which it can be given to somebody
    pad: int = 0


@dataclass(frozen=True, slots=True)
class CallChanged:
    call_id: str
    state: CallState


@dataclass(frozen=True, slots=True)
class GuardOpened:
    """A signed, verified "open" of a person of the staff, for this call."""

    call_id: str
    by: str


@dataclass(frozen=True, slots=True)
class GateAnswered:
    """What became of OpenGate `ref`."""

    ref: str
    opened: bool


@dataclass(frozen=True, slots=True)
class FireInput:
    on: bool


@dataclass(frozen=True, slots=True)
class DoorHeld:
    """The door stands open longer than it may; `on` False: it is shut again."""

    on: bool


@dataclass(frozen=True, slots=True)
class StandsOpen:
    """The gate is held open because no face can be recognised, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class StaffAccepted:
    name: str
    pad: int = 0


@dataclass(frozen=True, slots=True)
class StatusKnown:
    """How the kiosk is, for the maintenance screen: gallery, devices, sync, storage, self-test."""

    sections: tuple[StatusSection, ...]


@dataclass(frozen=True, slots=True)
class ResidentsFound:
    """Who lives in the flat that was asked for."""

    people: tuple[Newcomer, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    person_id: str


@dataclass(frozen=True, slots=True)
class AlsoAgreed:
    """The newcomer agrees to one thing more, or takes it back before anything is saved."""

    purpose: Purpose
    on: bool


@dataclass(frozen=True, slots=True)
class EnrolmentSaved:
    """The newcomer is enrolled; `alike` are residents they could be taken for."""

    alike: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolmentDoubted:
    """The newcomer looks like these residents, most alike first: is it the same person? Nothing is saved yet."""

    alike: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class ConsentRenewed:
    """What an enrolled resident agrees to is on record; the face stays as it was."""


@dataclass(frozen=True, slots=True)
class EnrolmentFailed:
    code: str
    details: Mapping[str, object] = field(default_factory=dict)


class Press(StrEnum):
    """Buttons without a value."""

    BACK = "back"
    WELL = "well"
    STAFF = "staff"
    ERASE = "erase"
    ENTER = "enter"
    SELF_TEST = "self_test"
    ENROL = "enrol"
    AGREE = "agree"
    SAME = "same"  # the newcomer is the resident they look like
    DIFFERENT = "different"
    TAKE_OVER = "take_over"  # enrol the visitor who was here just now
    RETAKE = "retake"  # new pictures of somebody who is enrolled


@dataclass(frozen=True, slots=True)
class Pressed:
    """A finger or a key: a way in, a button, or a digit."""

    what: Way | Press | str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


Credential = CredentialAccepted | CredentialRefused
EnrolmentStep = (
    ResidentsFound | Chosen | AlsoAgreed | EnrolmentSaved | EnrolmentDoubted | ConsentRenewed | EnrolmentFailed
)  # fmt: skip
Event = (
    Message | Credential | CallChanged | GuardOpened | GateAnswered | Fault | FireInput | DoorHeld | StandsOpen
    | StaffAccepted | StatusKnown | EnrolmentStep | Pressed | Tick
)  # fmt: skip
