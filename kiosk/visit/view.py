"""What is shown: everything one picture of the kiosk needs, in keys and values, without words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.consent import Purpose
from kiosk.faces.messages import ChallengeAsked, Sighting, Turn
from kiosk.visit.effects import GateDid
from kiosk.visit.line import SILENT, Line
from kiosk.visit.people import Guest, Newcomer


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
    OPEN = "open"  # for a fire: nobody is asked for anything
    MAINTENANCE = "maintenance"
    ENROL = "enrol"


class Way(StrEnum):
    """The ways in beside the face, in the order of their row."""

    CARD = "card"
    PIN = "pin"
    QR = "qr"
    GUARD = "guard"


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


class CallState(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"  # somebody looks at the picture
    REFUSED = "refused"
    LOST = "lost"  # no line to anybody: telephone


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
    quality: int | None = None  # of the face as it is seen now, in per cent, by tens; None where none is
    hint: Line | None = None
    alike: tuple[Mapping[str, str], ...] = ()
    failed: Line | None = None
    also: frozenset[Purpose] = frozenset()  # what they agree to beside the face
    note: Line | None = None  # what a card just held to the reader means here
    renews: bool = False  # to agree changes what is agreed to, and leaves the face as it is


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
class View:
    """Everything one picture of the kiosk needs."""

    screen: Screen
    headline: Line = SILENT
    second: Line | None = None
    ring: float = 0.0
    guest: Guest | None = None
    covered: bool = False  # who was not recognised had something before the mouth
    gate: GateDid = GateDid.SHUT
    well: Well = Well.HIDDEN
    sighting: Sighting | None = None
    again: bool = False  # whoever stands there has been decided: to be looked at again they step back
    challenge: ChallengeAsked | None = None
    pin: PinView | None = None
    call: CallView | None = None
    notes: tuple[Line, ...] = ()  # what stays true: simulated camera, no line to the district
    broken_ways: frozenset[Way] = frozenset()
    offline: bool = False
    stands_open: bool = False  # held open while no face can be recognised: whoever comes walks in
    staff: str = ""
    status: tuple[StatusSection, ...] = ()
    visitor: bool = False  # somebody was here whom nobody knew, and can be enrolled from what was seen
    enrol: EnrolView | None = None
    large: bool = False  # it is the hour of elders: words as large as there is room for, in one language

    @property
    def elder(self) -> bool:
        return self.guest is not None and self.guest.elder
