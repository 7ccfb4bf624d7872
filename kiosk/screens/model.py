"""The vocabulary between a visit and its screens: what may happen, what is shown, what is to be done. No Qt, no words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.consent import Purpose
from domain.identification import Decision
from domain.passages import Direction, Group, Method, Ruling
from kiosk.faces.messages import ChallengeAsked, Message, Sighting, Turn


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence by its key. A detail may be a mapping by language."""

    key: str
    details: Mapping[str, object] = field(default_factory=dict)


# ---------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class Guest:
    """What the screen may know of a resident: how to greet them (family name and title), never the full name or the flat."""

    person_id: str
    greeting: Mapping[str, str]  # by language
    group: Group = Group.RESIDENT
    elder: bool = False  # larger, slower, and asked whether they are well
    awaited_until: datetime | None = None  # they have not been heard from today, and are reminded until then


# ---------------------------------------------------------------- what may happen


class Way(StrEnum):
    """The ways in beside the face, in the order of their row."""

    CARD = "card"
    PIN = "pin"
    QR = "qr"
    GUARD = "guard"


class Part(StrEnum):
    """What can be out of order."""

    CAMERA = "camera"
    RECOGNISER = "recogniser"
    READER = "reader"
    GATE = "gate"
    DISTRICT = "district"
    SOUND = "sound"
    STORAGE = "storage"
    CASE = "case"  # of the gate's controller: somebody has opened it


@dataclass(frozen=True, slots=True)
class CredentialAccepted:
    """A card, PIN or pass that is good. `reference` names it in the record without being it."""

    method: Method
    person_id: str
    reference: str
    side: Direction = Direction.UNKNOWN
    group: Group | None = None  # of a pass; else the guest's own
    once: bool = False  # a pass that is spent when the gate has opened for it
    card: str = field(default="", repr=False)  # the card's keyed digest, by which it can be given to somebody


@dataclass(frozen=True, slots=True)
class CredentialRefused:
    """`why` is a key below ``kiosk.refused``; `wait_s` until the next PIN may be tried."""

    method: Method
    why: str
    reference: str = ""
    wait_s: int = 0
    card: str = field(default="", repr=False)  # the card's keyed digest, by which it can be given to somebody


class CallState(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"  # somebody looks at the picture
    REFUSED = "refused"
    LOST = "lost"  # no line to anybody: telephone


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
class Fault:
    """A part failed (`code` and `details` of a Mendable) or works again (`code` empty)."""

    part: Part
    code: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireInput:
    on: bool


@dataclass(frozen=True, slots=True)
class DoorHeld:
    """The door stands open longer than it may; `on` False: it is shut again."""

    on: bool


@dataclass(frozen=True, slots=True)
class StaffAccepted:
    name: str


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One line of the maintenance screen; `state` is a colour token with its symbol ("well", "overdue", "alarm", "blind")."""

    label: Line
    value: Line | str
    state: str = ""


@dataclass(frozen=True, slots=True)
class StatusSection:
    title: Line
    rows: tuple[StatusRow, ...]


@dataclass(frozen=True, slots=True)
class StatusKnown:
    """How the kiosk is, for the maintenance screen: gallery, devices, sync, storage, self-test."""

    sections: tuple[StatusSection, ...]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A resident of the roster who may be enrolled here. `minor`: the guardian agrees; `enrolled`: has a template already.

    `holds` is what they have agreed to beside the face; `outdated`: to words that have changed since.
    """

    person_id: str
    greeting: Mapping[str, str]
    minor: bool = False
    enrolled: bool = False
    holds: frozenset[Purpose] = frozenset()
    outdated: bool = False


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


Event = (
    Message | CredentialAccepted | CredentialRefused | CallChanged | GuardOpened | GateAnswered | Fault | FireInput
    | DoorHeld | StaffAccepted | StatusKnown | ResidentsFound | Chosen | AlsoAgreed | EnrolmentSaved | EnrolmentDoubted
    | ConsentRenewed | EnrolmentFailed | Pressed | Tick
)  # fmt: skip

# ---------------------------------------------------------------- what is shown


class Screen(StrEnum):
    STANDBY = "standby"
    APPROACHING = "approaching"
    COACHING = "coaching"  # two seconds without a decision
    CHALLENGE = "challenge"
    IDENTIFIED = "identified"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    CARD = "card"
    PIN = "pin"
    QR = "qr"
    CALLING = "calling"
    OUT_OF_ORDER = "out_of_order"
    MAINTENANCE = "maintenance"
    ENROL = "enrol"


class GateDid(StrEnum):
    SHUT = "shut"
    OPENING = "opening"
    OPENED = "opened"
    FAILED = "failed"


class Well(StrEnum):
    """The elder's "I am well"."""

    HIDDEN = "hidden"
    OFFERED = "offered"
    SAID = "said"


class PinStage(StrEnum):
    FLAT = "flat"
    SECRET = "secret"  # noqa: S105  a stage, not a password
    CHECKING = "checking"
    STAFF = "staff"
    ENROL = "enrol"  # whose flat is to be enrolled


@dataclass(frozen=True, slots=True)
class PinView:
    stage: PinStage
    flat: str = ""
    digits: int = 0
    wait_s: int = 0
    refused: str = ""  # a key below kiosk.refused


@dataclass(frozen=True, slots=True)
class CallView:
    state: CallState
    seconds: int
    rung: int  # how many people have been rung before this one
    phone: str


class EnrolStage(StrEnum):
    WHO = "who"
    VISITOR = "visitor"  # is this you?
    CONSENT = "consent"
    POSES = "poses"
    SAVING = "saving"
    DOUBT = "doubt"
    CARD = "card"  # a card nobody has was held to the reader: is it the newcomer's?
    DONE = "done"
    RENEWED = "renewed"  # only what they agree to has changed
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EnrolView:
    """How far an enrolment is. `pose` is where to look, `hint` why no picture was taken yet."""

    stage: EnrolStage
    people: tuple[Newcomer, ...] = ()
    newcomer: Newcomer | None = None
    pose: Turn = Turn.CENTRE
    taken: int = 0
    needed: int = 0
    hint: Line | None = None
    alike: tuple[Mapping[str, str], ...] = ()
    failed: Line | None = None
    also: frozenset[Purpose] = frozenset()  # what they agree to beside the face
    note: Line | None = None  # what a card just held to the reader means here
    renews: bool = False  # to agree changes what is agreed to, and leaves the face as it is


@dataclass(frozen=True, slots=True)
class View:
    """Everything one picture of the kiosk needs."""

    screen: Screen
    headline: Line = Line("")
    second: Line | None = None
    ring: float = 0.0
    guest: Guest | None = None
    gate: GateDid = GateDid.SHUT
    well: Well = Well.HIDDEN
    sighting: Sighting | None = None
    challenge: ChallengeAsked | None = None
    pin: PinView | None = None
    call: CallView | None = None
    notes: tuple[Line, ...] = ()  # what stays true: simulated camera, no line to the district
    broken_ways: frozenset[Way] = frozenset()
    offline: bool = False
    staff: str = ""
    status: tuple[StatusSection, ...] = ()
    visitor: bool = False  # somebody was here whom nobody knew, and can be enrolled from what was seen
    enrol: EnrolView | None = None

    @property
    def elder(self) -> bool:
        return self.guest is not None and self.guest.elder


# ---------------------------------------------------------------- what is to be done


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


@dataclass(frozen=True, slots=True)
class ReportWell:
    """The elder says that they are well, having been identified by `method`."""

    person_id: str
    method: Method
    at: datetime


@dataclass(frozen=True, slots=True)
class NotifyStaff:
    ruling: Ruling
    person_id: str
    method: Method
    at: datetime


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
    flat: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckStaff:
    secret: str = field(repr=False)


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
class GiveCard:
    """From now on this card, by its keyed digest, is that resident's. `staff` signed in for it."""

    person_id: str
    card: str = field(repr=False)
    staff: str


@dataclass(frozen=True, slots=True)
class HoldVisitor:
    """Somebody of the staff signs in: whoever was unknown before is the visitor they may take over."""


@dataclass(frozen=True, slots=True)
class UseVisitor:
    """Take the frames of the visitor who was here, still in memory, as photos: they have agreed now."""


@dataclass(frozen=True, slots=True)
class DropPhotos:
    """Forget the photos taken, and the visitor's."""


Effect = (
    OpenGate | RecordPassage | ReportWell | NotifyStaff | Speak | StartCall | RingNext | EndCall | CheckPin | CheckStaff
    | LookForPass | RunSelfTest | AskStatus | FindResidents | TakePhoto | HoldVisitor | UseVisitor | SaveEnrolment
    | RenewConsent | GiveCard | DropPhotos
)  # fmt: skip
