"""Signs of life: the kinds intake knows and how far each is to be believed, which decides what it may do.

A weight is the chance that the sign was made by the elder and not by somebody or something else: a pet before a motion sensor, a
timer on a plug, a relative with the card. What needs no more than one sign is read off its weight; what has rung already is
answered only by signs that together weigh enough (`convincing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import prod

from domain.passages import Direction


class Sign(StrEnum):
    GATE = "gate"  # a face at the gate, or a face with a credential
    GATE_CREDENTIAL = "gate_credential"  # card, PIN or code alone: somebody else may carry it
    BUTTON = "button"  # "I am well" on the kiosk or at home
    CALL = "call"  # a caregiver spoke with the elder
    VISIT = "visit"  # a caregiver saw the elder (探访)
    LINK = "link"  # the check-in link's button pressed; opening the page is nothing
    PRESS = "press"  # of a button that says no more than that it was pressed
    SOS = "sos"
    WEARABLE = "wearable"
    DOOR = "door"
    MOTION = "motion"
    PRESENCE = "presence"
    WATER = "water"  # `amount` in m3
    POWER = "power"
    BED = "bed"


WEIGHT: Mapping[Sign, float] = {
    Sign.GATE: 1.0,
    Sign.VISIT: 1.0,
    Sign.CALL: 0.95,
    Sign.BUTTON: 0.9,
    Sign.SOS: 0.9,
    Sign.PRESS: 0.85,
    Sign.WEARABLE: 0.85,
    Sign.LINK: 0.8,
    Sign.BED: 0.8,
    Sign.WATER: 0.75,
    Sign.DOOR: 0.7,
    Sign.PRESENCE: 0.7,
    Sign.MOTION: 0.65,
    Sign.POWER: 0.5,
    Sign.GATE_CREDENTIAL: 0.3,
}
CLEARS = (
    0.5  # satisfies a window that is open, begins silence anew, ends the watch for a return: as likely the elder as not
)
ANSWERS = 0.6  # speaks to what has rung, or against a fall: a kettle on a timer does neither
KNOWN = 0.95  # it was the elder and nobody else: going out, they pause the watch over their home

# Where a sign comes from, and how its maker must have been; of themselves these permit nothing.
HOME = frozenset(
    {Sign.PRESS, Sign.BED, Sign.WATER, Sign.DOOR, Sign.PRESENCE, Sign.MOTION, Sign.POWER}
)  # the home's own radio
UPRIGHT = frozenset({Sign.MOTION, Sign.DOOR, Sign.GATE, Sign.GATE_CREDENTIAL, Sign.VISIT, Sign.CALL, Sign.BUTTON})
PASSAGES = frozenset({Sign.GATE, Sign.GATE_CREDENTIAL})


def weighing(least: float) -> frozenset[Sign]:
    """The kinds of which a single sign weighs so much."""
    return frozenset(sign for sign, weight in WEIGHT.items() if weight >= least)


CLEARING = weighing(CLEARS)

_ALIASES = {
    "contact": Sign.DOOR,
    "occupancy": Sign.MOTION,
    "checkin": Sign.BUTTON,
    "passage": Sign.GATE,
    "card": Sign.GATE_CREDENTIAL,
    "pin": Sign.GATE_CREDENTIAL,
}


def sign_of(name: str) -> Sign | None:
    """The kind that intake's word means, None for a word that is no sign of life (smoke, battery)."""
    try:
        return Sign(name)
    except ValueError:
        return _ALIASES.get(name)


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """One sign. `at` is the time a rule may believe (`domain.clock.rule_time`), aware.

    Without `trusted` (a clock that cannot be corrected) it is evidence and clears nothing; a retained or replayed message never
    becomes one of these at all.
    """

    kind: Sign
    at: datetime
    source: str = ""  # device id
    direction: Direction = Direction.UNKNOWN
    trusted: bool = True
    amount: float = 0.0  # water: m3

    @property
    def weight(self) -> float:
        return WEIGHT[self.kind] if self.trusted else 0.0

    @property
    def clears(self) -> bool:
        return self.weight >= CLEARS

    @property
    def leaves(self) -> bool:
        """The elder was seen going out: the only sign that pauses the watch over the home."""
        return self.weight >= KNOWN and self.direction is Direction.OUT and self.kind in PASSAGES


@dataclass(frozen=True, slots=True)
class Answer:
    """By when what was heard weighed enough to answer an alarm: the sign that made it so, and the weight of all of them."""

    at: datetime
    kind: Sign
    weight: float


def convincing(signs: Iterable[SignOfLife]) -> Answer | None:
    """The moment at which these signs, in order of time, weigh `ANSWERS` together; None while they do not.

    Each source counts once, for a timer that switches all day is a timer still; different sources may
    not all be wrong for the same reason. What could not clear anything adds nothing: ten swipes of a card are one card.
    """
    heard: dict[tuple[Sign, str], float] = {}
    for sign in signs:
        if not sign.clears:
            continue
        heard[sign.kind, sign.source] = sign.weight
        weight = 1 - prod(1 - each for each in heard.values())
        if weight >= ANSWERS:
            return Answer(sign.at, sign.kind, weight)
    return None
