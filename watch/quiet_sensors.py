"""A sensor that is called blind while a silence rings: perhaps it was never the elder who was silent (`domain.mute`)."""

from datetime import datetime

from domain.incident_kinds import SILENCES
from watch.cases import Cases
from watch.ledger import Seen
from watch.signs import BLIND, CHARGING, NOT_WORN


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
