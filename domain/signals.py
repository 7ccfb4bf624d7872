"""Signs of life: the kinds intake knows, how far each is to be trusted, and what each may do.

Weights are the chance that the sign was made by the elder and not by somebody or something else (a pet before a motion sensor,
a timer on a plug, a relative with the card). They order evidence; what a sign *may do* is declared beside them and not computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What a kind of sign may do."""

    weight: float
    clears: bool = True  # satisfies a window, begins silence anew, speaks to an open missed check-in
    home: bool = False  # comes from the home: ends the pause that a passage out began
    person: bool = False  # shows that it was the elder: a passage out of this kind may begin a pause


STANDING: Mapping[Sign, Standing] = {
    Sign.GATE: Standing(1.0, person=True),
    Sign.VISIT: Standing(1.0, person=True),
    Sign.CALL: Standing(0.95, person=True),
    Sign.BUTTON: Standing(0.9),
    Sign.SOS: Standing(0.9),
    Sign.PRESS: Standing(0.85, home=True),  # heard by the home's own radio
    Sign.WEARABLE: Standing(0.85),
    Sign.LINK: Standing(0.8),
    Sign.BED: Standing(0.8, home=True),
    Sign.WATER: Standing(0.75, home=True),
    Sign.DOOR: Standing(0.7, home=True),
    Sign.PRESENCE: Standing(0.7, home=True),
    Sign.MOTION: Standing(0.65, home=True),
    Sign.POWER: Standing(0.5, home=True),
    Sign.GATE_CREDENTIAL: Standing(0.3, clears=False),
}
HOME = frozenset(s for s in Sign if STANDING[s].home)
CLEARING = frozenset(s for s in Sign if STANDING[s].clears)

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
    def clears(self) -> bool:
        return self.trusted and STANDING[self.kind].clears

    @property
    def leaves(self) -> bool:
        """The elder was seen going out: the only sign that pauses the watch over the home."""
        return self.trusted and self.direction is Direction.OUT and self.kind is Sign.GATE
