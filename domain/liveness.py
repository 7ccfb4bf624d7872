"""How much proof of life a passage takes: policy per gate and hour, evidence by strength (ISO/IEC 30107-3 terms).

The order of evidence: an infrared picture of the face, an answered challenge, and passive cues, which may refuse and never vouch.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.challenge import Answer
from domain.identification import Liveness
from domain.passages import Hours

# Asked in a challenge: a recorded answer passes 3.7 % of the first, 0.5 % of the second (decision 12)
USUAL_TURNS, WARY_TURNS = 4, 6
MOST_FAILED = 3  # challenges that did not pass, after which a face is not asked again for a while
FAILED_FOR_S = 1800.0  # so long one is held against whom it named


class Policy(StrEnum):
    """What a gate asks for."""

    CONVENIENT = "convenient"  # passive refusals; a challenge when drawn at random or when there is a risk
    STANDARD = "standard"  # infrared, or a challenge unless the passage is low-risk
    STRICT = "strict"  # infrared and a challenge


class Infrared(StrEnum):
    """What the infrared camera showed where the colour camera had a face."""

    ABSENT = "absent"  # there is no such camera
    MISSING = "missing"  # there is one, and it gave no picture of some moment that counts: that accuses nobody and proves nothing
    NO_FACE = "no_face"
    FACE = "face"


class Demand(StrEnum):
    """What follows for this passage."""

    GRANT = "grant"
    CHALLENGE = "challenge"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Risk:
    """What speaks for asking more. `drawn` is the random sample, `proved_today` an earlier challenge or infrared passage."""

    unusual_hour: bool = False
    thin_margin: bool = False
    first_today: bool = False
    drawn: bool = False
    proved_today: bool = False

    @property
    def any(self) -> bool:
        return self.unusual_hour or self.thin_margin or self.first_today or self.drawn


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one visit's liveness; `challenge` is None until one was asked.

    `failed_lately`: challenges within FAILED_FOR_S that named the same resident and were not passed, those left midway among
    them: whoever replays an answer sees at the first turn whether it fits.
    """

    passive_refusal: bool = False
    infrared: Infrared = Infrared.ABSENT
    challenge: Answer | None = None
    failed_lately: int = 0


def demand(policy: Policy, evidence: Evidence, risk: Risk) -> tuple[Demand, Liveness]:
    """What to do and what may be recorded. Fails closed: without the proof a policy asks for, nothing is granted."""
    if evidence.passive_refusal or evidence.infrared is Infrared.NO_FACE:
        return Demand.REFUSE, Liveness.ATTACK
    if evidence.challenge in (Answer.FAILED, Answer.INCOMPLETE):
        return Demand.REFUSE, Liveness.ATTACK if evidence.challenge is Answer.FAILED else Liveness.UNDECIDED
    infrared, passed = evidence.infrared is Infrared.FACE, evidence.challenge is Answer.PASSED
    shown = Liveness.LIVE if infrared or passed else Liveness.UNDECIDED
    if policy is Policy.STRICT:
        if not infrared:
            return Demand.REFUSE, Liveness.UNDECIDED
        return (Demand.GRANT if passed else _asking(evidence)), shown
    if shown is Liveness.LIVE:
        return Demand.GRANT, shown
    calm = not risk.any and not evidence.failed_lately and evidence.infrared is not Infrared.MISSING
    low_risk = calm and (policy is Policy.CONVENIENT or risk.proved_today)
    return (Demand.GRANT if low_risk else _asking(evidence)), shown


def _asking(evidence: Evidence) -> Demand:
    return Demand.CHALLENGE if evidence.failed_lately < MOST_FAILED else Demand.REFUSE


def turns_asked(policy: Policy, evidence: Evidence) -> int:
    """How long a challenge is: longer where much is at stake, or where one was not passed just now."""
    return WARY_TURNS if policy is Policy.STRICT or evidence.failed_lately else USUAL_TURNS


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """A gate's policy over the day: of `spans` the first whose hours these are decides."""

    default: Policy = Policy.STANDARD
    spans: tuple[tuple[Hours, Policy], ...] = ()

    def at(self, local: datetime) -> Policy:
        """The policy at a local time."""
        return next((policy for hours, policy in self.spans if hours.cover(local, ())), self.default)
