"""Where a silence rings: is it the elder who is silent, or have the sensors failed?

A sensor that speaks only when something happens cannot be told from an elder who does nothing; one that reports of itself is found
out by that, and sooner or later called blind. Until then the alarm rings, in doubt, and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from domain.assessment import Occurrence
from domain.careplan import CarePlan
from domain.incident_kinds import SILENCES, Kind
from domain.signals import HOME
from domain.watched import Source
from watch.cases import Cases
from watch.ledger import Seen
from watch.signs import BLIND, CHARGING, NOT_WORN

LastWord = Callable[[str, str], datetime | None]  # (community, device): when it last said anything at all
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
