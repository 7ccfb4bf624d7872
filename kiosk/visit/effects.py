"""What a visit wants done. `kiosk.hands` does it; answers come back as events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.consent import Purpose
from domain.identification import Decision
from domain.passages import Direction, Method, Ruling


class GateDid(StrEnum):
    SHUT = "shut"
    OPENING = "opening"
    OPENED = "opened"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OpenGate:
    ref: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RecordPassage:
    """One decision at the gate, whole. `ruling` is None where there was nobody to judge (unsure, unknown, a bad card)."""

    ref: str
    at: datetime
    method: Method
    direction: Direction
    gate: GateDid
    person_id: str | None = None
    ruling: Ruling | None = None
    refused: str = ""  # why a credential was no good
    credential: str = ""
    once: bool = False
    by: str = ""  # who of the staff opened
    decision: Decision | None = None

    @property
    def by_own(self) -> str:
        """Whose own card or PIN has opened the gate; nobody's where it was something else, or it stayed shut."""
        own = self.method in (Method.CARD, Method.PIN) and self.gate is GateDid.OPENED
        return (self.person_id or "") if own else ""

    @property
    def spends(self) -> str:
        """The one-time pass that has opened the gate; nobody's again."""
        return self.credential if self.once and self.gate is GateDid.OPENED else ""


@dataclass(frozen=True, slots=True)
class ReportWell:
    """The elder says that they are well, having been identified by `method`."""

    person_id: str
    method: Method
    at: datetime


@dataclass(frozen=True, slots=True)
class NotifyStaff:
    """Somebody whom the staff want to know of asked to pass: on the block list, or a second time inwards (`ruling`)."""

    ruling: Ruling
    person_id: str
    method: Method
    at: datetime
    opened: bool = False


@dataclass(frozen=True, slots=True)
class GiveCard:
    """From now on this card, by its keyed digest, is that resident's. `staff` signed in for it."""

    person_id: str
    card: str = field(repr=False)
    staff: str


@dataclass(frozen=True, slots=True)
class Speak:
    """A prompt below ``voice``; `name` is spoken after it, by language."""

    prompt: str
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartCall:
    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RingNext:
    call_id: str
    rung: int


@dataclass(frozen=True, slots=True)
class EndCall:
    call_id: str


@dataclass(frozen=True, slots=True)
class CheckPin:
    """What was typed at `pad`, which the answer names again: by then somebody else may stand before one of their own."""

    flat: str
    secret: str = field(repr=False)
    pad: int


@dataclass(frozen=True, slots=True)
class CheckStaff:
    secret: str = field(repr=False)
    pad: int


@dataclass(frozen=True, slots=True)
class LookForPass:
    """Whether camera frames are searched for QR passes."""

    on: bool


@dataclass(frozen=True, slots=True)
class RunSelfTest:
    """Drive known faces, strangers and an attack through the whole path to a dummy relay, now."""


@dataclass(frozen=True, slots=True)
class AskStatus:
    """How is the kiosk? Answered by StatusKnown."""


@dataclass(frozen=True, slots=True)
class FindResidents:
    """Who lives in this flat (its digits alone)? Answered by ResidentsFound."""

    flat: str


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """Keep the newest frame in memory, for the enrolment under way."""


@dataclass(frozen=True, slots=True)
class HoldVisitor:
    """Somebody of the staff signs in: whoever was unknown before is the visitor they may take over."""


@dataclass(frozen=True, slots=True)
class UseVisitor:
    """Take the frames of the visitor who was here, still in memory, as photos: they have agreed now."""


@dataclass(frozen=True, slots=True)
class SaveEnrolment:
    """Enrol with the photos taken. Answered by EnrolmentSaved or EnrolmentFailed. `staff` signed in for it."""

    person_id: str
    by_guardian: bool
    staff: str
    also: frozenset[Purpose] = frozenset()
    distinct: bool = False  # somebody has said that the newcomer is none of those they look like


@dataclass(frozen=True, slots=True)
class RenewConsent:
    """What an enrolled resident agrees to now, the face as it is. Answered by ConsentRenewed or EnrolmentFailed."""

    person_id: str
    by_guardian: bool
    staff: str
    also: frozenset[Purpose] = frozenset()


@dataclass(frozen=True, slots=True)
class DropPhotos:
    """Forget the photos taken, and the visitor's."""


Recorded = RecordPassage | ReportWell | NotifyStaff | GiveCard
Calling = StartCall | RingNext | EndCall
Enrolling = FindResidents | TakePhoto | HoldVisitor | UseVisitor | SaveEnrolment | RenewConsent | DropPhotos
Effect = (
    OpenGate | Recorded | Speak | Calling | CheckPin | CheckStaff | LookForPass | RunSelfTest | AskStatus | Enrolling
)  # fmt: skip
