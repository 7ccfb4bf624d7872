"""What readers of one passage add up to. Each reads without knowing what the others said; two who agree settle it.

Two independent readings and a third where they differ is how reference labels are made (ISO/IEC 19795-1, 7.4: ground truth).
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

RIGHT, WRONG_PERSON, STRANGER_IN = "right", "wrong_person", "stranger_in"
RESIDENT_REFUSED, ATTACK, UNSURE = "resident_refused", "attack", "unsure"
VERDICTS = (RIGHT, WRONG_PERSON, STRANGER_IN, RESIDENT_REFUSED, ATTACK, UNSURE)
NOT_THIS_PERSON = frozenset({WRONG_PERSON, STRANGER_IN})  # the resident was taken for somebody they are not


class Standing(StrEnum):
    """`SECOND`: somebody has looked, one more must. `DISPUTED`: those who decided differ, a third must look."""

    OPEN = "open"
    SECOND = "second"
    DISPUTED = "disputed"
    SETTLED = "settled"


def standing(said: Iterable[str]) -> tuple[Standing, str]:
    """How a passage stands from one verdict a reader, and what it was settled to ('' where it is not).

    Settled: at least two say the same, and more than say anything else. *Unsure* decides nothing.
    """
    verdicts = list(said)
    count = Counter(v for v in verdicts if v != UNSURE).most_common()
    if not verdicts:
        return Standing.OPEN, ""
    if len(count) > 1 and count[0][1] == count[1][1]:
        return Standing.DISPUTED, ""
    if count and count[0][1] >= 2:
        return Standing.SETTLED, count[0][0]
    return Standing.SECOND, ""


def fits(verdict: str, *, by_face: bool, named: bool) -> bool:
    """Whether it can be said of a passage at all. `named`: the face was identified as a resident's, or the card, PIN or code is
    somebody's.
    """
    match verdict:
        case "wrong_person":
            return named
        case "stranger_in":
            return named or not by_face
        case "resident_refused":
            return not named
        case "attack":
            return by_face
        case _:
            return True
