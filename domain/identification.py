"""What a face at the gate may end in, and the words in which every layer speaks of it (ISO/IEC 19795-1 terms)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """Every visit ends in exactly one of these."""

    IDENTIFIED = "identified"
    UNSURE = "unsure"  # somebody we may know: another factor is asked for
    UNKNOWN = "unknown"  # nobody we know: another way in is offered


class Reason(StrEnum):
    """Why a visit ended as it did, or why it has not ended yet; screens turn these into coaching."""

    MATCH = "match"
    NO_MATCH = "no_match"  # best score clearly below the threshold
    THIN_MARGIN = "thin_margin"  # first and second candidate too close (look-alikes)
    NEAR_THRESHOLD = "near_threshold"
    EMPTY_GALLERY = "empty_gallery"
    NO_FACE = "no_face"
    TOO_FAR = "too_far"
    OUT_OF_ZONE = "out_of_zone"
    SEVERAL_FACES = "several_faces"  # two of like size: one at a time
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    TOO_DARK = "too_dark"
    BACKLIT = "backlit"
    OCCLUDED = "occluded"
    CHALLENGE_FAILED = "challenge_failed"
    NOT_LIVE = "not_live"
    TIMED_OUT = "timed_out"


class Liveness(StrEnum):
    """Presentation attack detection (ISO/IEC 30107-3) of one visit."""

    NOT_ASSESSED = "not_assessed"  # only a source configured as simulated may say this
    LIVE = "live"
    ATTACK = "attack"
    UNDECIDED = "undecided"  # passive evidence alone can refuse but never vouch


@dataclass(frozen=True, slots=True)
class Quality:
    """Face image quality; component names as in ISO/IEC 29794-5. Scores are 0 (worst) to 1 (best)."""

    inter_eye_px: float  # distance between the eye centres, pixels
    sharpness: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    exposure: float
    occlusion: float  # 1 = nothing covered
    unified: float  # the overall value by which frames are weighted


@dataclass(frozen=True, slots=True)
class Candidate:
    """One resident the face was compared with; `score` is the engine's similarity after normalisation."""

    person_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of one visit. Times are aware UTC; `ms` runs from the first usable face to the decision."""

    visit_id: str
    outcome: Outcome
    reason: Reason
    person_id: str | None
    candidates: tuple[Candidate, ...]  # best first, at most two
    threshold: float
    frames_used: int
    quality: Quality | None
    liveness: Liveness
    engine: str
    decided_at: datetime
    ms: float
    first_face_at: datetime | None = None
    extras: dict[str, float] = field(default_factory=dict)
