"""What a step cannot have known: a call for help that came after it was taken, by a desk that was cut off.

The district's order alone would let a report of twenty past end a press of half past. So whoever ends, or answers, does that for
what was heard by then. The hybrid clock tells: a desk that has read of the press stamps whatever is done at it later, though
its own clock be a little behind.
"""

from datetime import timedelta

from domain.clock import Hlc
from domain.events import to_ms
from domain.incident import Event, Incident
from domain.incident_kinds import ACKNOWLEDGED, CLOSED, FEEDBACK, HANDLING, LOWERED, MERGED, ON_SCENE, REJECTED

ENDS = frozenset({FEEDBACK, REJECTED, CLOSED, MERGED, LOWERED})  # or lets it ring more slowly
ANSWERS = frozenset({ACKNOWLEDGED, HANDLING, ON_SCENE})
_AGREES = timedelta(
    seconds=5
)  # as `rule_time`: a stamp that is further ahead than this was made by a clock that had been wrong


def is_overtaken(now: Incident, event: Event) -> bool:
    """Whether `event` was said before the newest call for help. Not where the district's clock went back in between: then a step
    that was just taken would look old, and nobody could end anything."""
    said = min(event.stamp, _stamp(event, _AGREES))
    return said < now.called <= str(Hlc(to_ms(event.heard), 0xFFFF))


def newest_call(now: Incident, call: Event) -> str:
    """The stamp of the newest call for help, after this one; one from a time to come was made before the clock was put back.
    A merge calls from when it was said: the district's note of it is later, and whoever merged may have ended both by then."""
    stamp = min(call.stamp, str(call.payload.get("said") or call.stamp)) if "merged" in call.payload else call.stamp
    gone = now.called > str(Hlc(to_ms(call.heard), 0xFFFF))
    return stamp if gone else max(now.called, stamp)


def _stamp(event: Event, more: timedelta) -> str:
    return str(Hlc(to_ms(event.at + more), 0xFFFF))
