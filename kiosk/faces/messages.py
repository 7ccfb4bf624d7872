"""What the recogniser tells the window, one frozen message at a time; all of it can be pickled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.challenge import Turn as Turn
from domain.identification import Decision, Quality, Reason


@dataclass(frozen=True, slots=True)
class FaceBox:
    """One face: x, y, width and height as fractions of the frame; `chosen` is the one that is being decided."""

    x: float
    y: float
    w: float
    h: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen in one frame. `visit_id` is None while nobody is there; `coaching` says why nothing is decided yet.

    `evidence` 0..1 fills the ring. `frame_index` and `monotonic` are those of the frame, `ms` what it took, `embedded` how many
    faces of it were embedded to know whose they are (not those of a challenge).
    """

    visit_id: str | None
    faces: tuple[FaceBox, ...]
    coaching: Reason | None
    evidence: float
    quality: Quality | None
    frame_index: int
    monotonic: float
    ms: float
    embedded: int = 0


@dataclass(frozen=True, slots=True)
class ChallengeAsked:
    """The visit goes on to the head-turn challenge: show these turns one after another, each for `step_s` seconds.

    A DecisionMade follows in any case.
    """

    visit_id: str
    turns: tuple[Turn, ...]
    step_s: float
    started: float  # monotonic seconds of the first step
    slow: bool = False  # asked of somebody old: every turn is said, too


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A visit has been decided, exactly once."""

    decision: Decision


class Said(StrEnum):
    """What an engine on trial made of a visit, held against the one in use."""

    SAME = "same"  # both named the same resident
    NEITHER = "neither"  # neither named anybody
    MISSED = "missed"  # it did not know whom the other named
    OTHER = "other"  # it named somebody else
    FOUND = "found"  # it named somebody where the other did not


@dataclass(frozen=True, slots=True)
class Compared:
    """An engine on trial has looked at the frames of a visit that was decided. `person_id` is whom it named; it stays in memory."""

    visit_id: str
    engine: str
    said: Said
    person_id: str | None
    score: float | None
    threshold: float
    ms: float


@dataclass(frozen=True, slots=True)
class VisitEnded:
    """The face has left. Without an earlier DecisionMade one is sent just before.

    `again`: it has not, and is looked at once more, in a visit that begins now.
    """

    visit_id: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class GalleryApplied:
    """The recogniser matches against this revision from here on: withdrawals in it have taken effect."""

    revision: int
    people: int
    threshold: float
    threshold_ci95: tuple[float, float]
    fpir_ci95: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class RecogniserState:
    """The recogniser's process: `up` False while it is being restarted; `code` and `details` say with which error it ended."""

    up: bool
    restarts: int
    code: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


Message = Sighting | ChallengeAsked | DecisionMade | Compared | VisitEnded | GalleryApplied | RecogniserState
