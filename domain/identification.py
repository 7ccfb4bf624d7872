"""What a face at the gate may end in, and the words in which every layer speaks of it (ISO/IEC 19795-1 terms)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_BANDS = 3.0  # a resident stays recognisable: their own scores lie further up, and there are other ways in


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


COVERED = 0.5  # of `Quality.occlusion`


@dataclass(frozen=True, slots=True)
class Quality:
    """Face image quality; component names as in ISO/IEC 29794-5. Scores are 0 (worst) to 1 (best)."""

    inter_eye_px: float  # distance between the eye centres, pixels
    sharpness: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    exposure: float
    occlusion: float  # 1 = the mouth is seen as the eyes are, 0 = nothing of it
    unified: float  # the overall value by which frames are weighted

    @property
    def covered(self) -> bool:
        """Whether a mask or a hand is before the mouth, as far as can be told: for advice, never to refuse."""
        return self.occlusion < COVERED


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


@dataclass(frozen=True, slots=True)
class Operating:
    """Where the gate decides. Scores are the engine's; `threshold_ci95` is the threshold's own 95 % interval, `fpir_ci95` what it
    means: where the rate at which a stranger's visit is taken for a resident's lies.

    `margin` is asked between first and second candidate, `pair_margins` a wider one between two residents who look alike;
    a best score within `band` below the threshold is unsure. `closest` is the score of the gallery's most alike pair. `tightened`
    is asked on top, of score and margin alike, before anybody is taken for a resident for whom a stranger was taken before.
    """

    threshold: float
    threshold_ci95: tuple[float, float]
    margin: float
    band: float
    target_fpir: float
    gallery: int
    fpir_ci95: tuple[float, float] = (0.0, 1.0)
    closest: float | None = None
    pair_margins: Mapping[frozenset[str], float] = field(default_factory=dict)
    tightened: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """How often the staff said of a passage in a resident's name that it was somebody else's, and the highest score it had.

    `score` is None where it is not known here, or was another engine's.
    """

    times: int
    score: float | None = None


def tighten(doubts: Mapping[str, Doubt], at: Operating) -> dict[str, float]:
    """What to ask on top of each doubted resident: enough to stop what was let in, with a margin over it, at most MOST_BANDS.

    Where its score is not known, half a band each time.
    """
    most = MOST_BANDS * at.band
    found = {}
    for person, doubt in doubts.items():
        steps = 0.5 * at.band * doubt.times
        enough = doubt.score - at.threshold + at.margin if doubt.score is not None else steps
        found[person] = min(most, max(enough, 0.5 * at.band))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scores say, before liveness: `person_id` only if identified."""

    outcome: Outcome
    reason: Reason
    person_id: str | None = None


def judge(candidates: tuple[Candidate, ...], at: Operating, *, stricter: float = 0.0) -> Verdict:
    """Compare the best candidates (best first) with the operating point; `stricter` is added to the threshold."""
    if not candidates:
        return Verdict(Outcome.UNKNOWN, Reason.EMPTY_GALLERY)
    first = candidates[0]
    stricter += at.tightened.get(first.person_id, 0.0)
    if first.score < at.threshold - at.band:
        return Verdict(Outcome.UNKNOWN, Reason.NO_MATCH)
    if first.score < at.threshold + stricter:
        return Verdict(Outcome.UNSURE, Reason.NEAR_THRESHOLD)
    if len(candidates) > 1:
        second = candidates[1]
        margin = max(at.margin, at.pair_margins.get(frozenset((first.person_id, second.person_id)), 0.0))
        margin += at.tightened.get(first.person_id, 0.0)
        if first.score - second.score < margin:
            return Verdict(Outcome.UNSURE, Reason.THIN_MARGIN)
    return Verdict(Outcome.IDENTIFIED, Reason.MATCH, first.person_id)


@dataclass(frozen=True, slots=True)
class Patience:
    """How much evidence a decision takes. Surplus and deficit are in bands above or below the threshold."""

    frames: int = 3  # fused frames after which a clear score is decided
    most_frames: int = 4  # and after which any score is
    early_surplus: float = 1.0  # one frame fewer to accept for every such surplus
    early_deficit: float = 2.0  # and to refuse for every such deficit
    most_s: float = 0.5  # seconds from the first usable face after which what there is has to do


def ripe(verdict: Verdict, best: float, at: Operating, frames: int, waited_s: float, patience: Patience) -> bool:
    """Whether `frames` fused frames suffice to end the visit with `verdict`, whose best score is `best`."""
    if frames >= patience.most_frames or waited_s >= patience.most_s:
        return True
    surplus = abs(best - at.threshold) / at.band if at.band else 0.0
    if verdict.outcome is Outcome.IDENTIFIED:
        return frames >= max(1, patience.frames - int(surplus / patience.early_surplus))
    if verdict.outcome is Outcome.UNKNOWN:  # a resident's first frame may be poor: never by one alone
        return frames >= max(2, patience.frames - int(surplus / patience.early_deficit))
    return False


def liveness_of(simulated: bool, assessed: Liveness) -> Liveness:
    """A simulated source is never assessed, a real one always: nothing else may say so."""
    if simulated:
        return Liveness.NOT_ASSESSED
    return Liveness.UNDECIDED if assessed is Liveness.NOT_ASSESSED else assessed
