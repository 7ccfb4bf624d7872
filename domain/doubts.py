"""What is heard of an elder while people are on their way to them: told to those people, and never an all-clear.

A telephone may be in somebody else's hand, and whoever lies on the floor may say that all is well. So "I am well", by message or at
a button, is told of every alarm about their life; what shows that somebody moves is told of a fall alone, for it says nothing of an
SOS or of smoke.
"""

from datetime import datetime

from domain.falls import SETTLE, Afterwards, speaks_against
from domain.falls import Kind as Seen
from domain.incident_kinds import LIFE_SAFETY, Kind
from domain.signals import Sign

SAYS_WELL = frozenset({Sign.LINK, Sign.BUTTON, Sign.CALL, Sign.VISIT})
SAID, MOVED = "says_well", "moved"  # reasons


def doubt(kind: Kind, happened: datetime, seen: Afterwards) -> str:
    """Why those on their way to an incident of this kind should hear of what was seen; "" where they need not."""
    if kind not in LIFE_SAFETY or not seen.trusted or seen.at <= happened:
        return ""
    if seen.kind is Seen.SIGN and seen.sign in SAYS_WELL:
        return SAID
    if kind is not Kind.FALL or seen.kind is Seen.CANCEL:
        return ""
    pressed = seen.sign is Sign.PRESS and seen.at >= happened + SETTLE
    return MOVED if pressed or speaks_against(seen, happened) else ""
