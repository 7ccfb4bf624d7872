"""Where a silence rings: is it the elder who is silent, or have the sensors failed?

A sensor that speaks only when something happens cannot be told from an elder who does nothing; one that reports of itself is found
out by that, and sooner or later called blind. Where other sensors of the home show somebody about meanwhile, nobody is called for
those that say nothing at all. Where nothing does, the alarm rings, in doubt, and says so.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.assessment import Case
from domain.careplan import Backstop
from domain.signals import ANSWERS
from domain.watched import FOREVER, Source
from domain.windows import utc

_ABOUT = timedelta(hours=12)  # a night is shorter for whoever is well
_ECHO = timedelta(minutes=10)  # the last sign's own message, and what came with it


def mute_until(sources: Sequence[Source], since: datetime, by: datetime) -> datetime | None:
    """Until when nothing came from any of the sensors since then, no report of themselves either, as far as was known `by` then;
    None where something did, or nobody knows."""
    ends: list[datetime] = []
    for source in (s for s in sources if not s.kiosk):
        spans = [
            m for m in source.mute if m.since <= since + _ECHO and m.told <= by and (m.end or FOREVER) > since + _ECHO
        ]
        if not spans:
            return None
        ends.append(max(m.end or FOREVER for m in spans))
    return min(ends, default=None)


def put_off(case: Case, rule: Backstop, since: datetime, deadline: datetime) -> datetime:
    """When a fixed rule rings for sensors that say nothing, while other signs show somebody about."""
    mute = mute_until(case.yielding(rule.kinds), since, deadline)
    if mute is None:
        return deadline
    until = deadline
    for sign in case.signs:
        at = utc(sign.at)
        if since < at <= until and sign.kind not in rule.kinds and sign.weight >= ANSWERS:
            until = max(until, at + min(_ABOUT, rule.after))
    return max(deadline, min(until, mute))
