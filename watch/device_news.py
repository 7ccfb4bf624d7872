"""What becomes of devices, told to those who were called: a sensor that goes blind while a silence rings, and one that is back."""

from datetime import datetime

from domain.events import from_ms
from domain.incident_kinds import SILENCES, Kind
from watch.cases import Cases
from watch.ledger import Ledger, Seen
from watch.signs import BLIND, CHARGING, NOT_WORN, SOURCE_FACTS, sources


class BlindMeanwhile:
    """A follower of the watch: a sensor called blind while a silence rings is told to those who are on their way, once."""

    def __init__(self, ledger: Ledger, cases: Cases) -> None:
        self._ledger, self._cases = ledger, cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != BLIND or fact.subject is None or fact.payload.get("blind") is False:
            return
        device = fact.payload.get("device")
        if fact.payload.get("reason") in (CHARGING, NOT_WORN) or not _is_blind(self._ledger, fact.subject, device):
            return
        for incident in self._cases.of(fact.subject, now):
            if incident.open and incident.kind in SILENCES:
                detail = {"reason": "sensor_blind", "device": device, "tells": True}
                self._cases.note(incident, f"{incident.id} sensor_blind", now, fact.community, detail)


class DevicesBack:
    """A follower: that a device speaks again is told to those who were called for it; it rings nobody, and the climb ends."""

    def __init__(self, ledger: Ledger, cases: Cases) -> None:
        self._ledger, self._cases = ledger, cases

    def follow(self, fact: Seen, now: datetime) -> None:
        device = fact.payload.get("device")
        if fact.kind != BLIND or fact.subject is None or fact.payload.get("blind", True):
            return
        if not fact.payload.get("spoke", True) or _is_blind(self._ledger, fact.subject, device):
            return
        for incident in self._cases.of(fact.subject, now):
            if incident.open and incident.kind is Kind.DEVICE_BLIND and incident.rule == device:
                detail = {"reason": "device_back", "device": device, "resolves": True, "tells": True}
                at = max(incident.opened_at, min(from_ms(fact.at), now))
                self._cases.note(incident, f"{incident.id} back {fact.id}", at, fact.community, detail)


def _is_blind(ledger: Ledger, elder: str, device: object) -> bool:
    """By now, and for whatever cause: what is followed may be an old word, or the end of another cause."""
    known = sources(ledger.about(elder, SOURCE_FACTS))
    return any(end is None for s in known if s.id == device for _, end in s.gaps)
