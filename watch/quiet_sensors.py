"""Where a silence rings: is it the elder who is silent, or have the sensors failed?

A sensor that speaks only when something happens cannot be told from an elder who does nothing; one that reports of itself is found
out by that, and sooner or later called blind. Where other sensors of the home show somebody about meanwhile, nobody is called for
those that say nothing at all. Where nothing does, the alarm rings, in doubt, and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from domain.assessment import Occurrence
from domain.careplan import CarePlan
from domain.incident_kinds import SILENCES, Kind
from domain.signals import ANSWERS, HOME, SignOfLife
from domain.watched import Source
from watch.cases import Cases
from watch.ledger import Seen
from watch.signs import BLIND, CHARGING, NOT_WORN

LastWord = Callable[[str, str], datetime | None]  # (community, device): when it last said anything at all
_ABOUT = timedelta(hours=12)  # a night is shorter for whoever is well
_ECHO = timedelta(minutes=10)  # the last sign's own message, and what came with it


def unheard_of(_community: str, _device: str) -> datetime | None:
    return None


def say_nothing(
    o: Occurrence, plan: CarePlan, sources: Iterable[Source], last_word: Callable[[str], datetime | None]
) -> bool:
    """Whether nothing came since from the sensors whose silence rings, no report of themselves either. False where nobody knows."""
    if o.kind is not Kind.INACTIVITY:
        return False
    kinds = next((rule.kinds for rule in plan.backstops if rule.id == o.rule), HOME)
    words = [last_word(s.id) for s in sources if not s.kiosk and s.yields & kinds and s.id not in plan.paused]
    return bool(words) and all(word is not None and word <= o.since + _ECHO for word in words)


def shown_until(o: Occurrence, plan: CarePlan, signs: Iterable[SignOfLife], now: datetime) -> datetime | None:
    """Until when a fixed rule need not ring for sensors that say nothing, as other signs show somebody about; None: they do not."""
    rule = next((rule for rule in plan.backstops if rule.id == o.rule), None)
    if rule is None or o.kind is not Kind.INACTIVITY:
        return None
    others = (s.at for s in signs if s.kind not in rule.kinds and s.weight >= ANSWERS and plan.admits(s))
    last = max((at for at in others if o.since < at <= now), default=None)
    until = None if last is None else last + min(_ABOUT, rule.after)
    return until if until is not None and until > now else None


class BlindMeanwhile:
    """A follower of the watch: a sensor called blind while a silence rings is told to those who are on their way, once."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != BLIND or fact.subject is None or fact.payload.get("blind") is False:
            return
        if fact.payload.get("reason") in (CHARGING, NOT_WORN):
            return
        for incident in self._cases.of(fact.subject, now):
            if incident.open and incident.kind in SILENCES:
                detail = {"reason": "sensor_blind", "device": fact.payload.get("device"), "tells": True}
                self._cases.note(incident, f"{incident.id} sensor_blind", now, fact.community, detail)
