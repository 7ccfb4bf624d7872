"""What readers of one passage add up to. Each reads without knowing what the others said; two who agree settle it.

Two independent readings and a third where they differ is how reference labels are made (ISO/IEC 19795-1, 7.4: ground truth).
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

UNSURE = "unsure"


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
