"""Elders whom nobody sees while a gate is silent or recognises nobody: its incident is no longer only a technician's.

A gate by itself can wait for a technician (P3), for its other ways in go on. But whoever is awaited there and nowhere else could
lie at home for as long, and nobody would be called: somebody has to ask after them within the hour.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from domain.events import derived_id, to_ms
from domain.grading import ELDERS_UNSEEN, grades
from domain.incident import Incident
from domain.incident_kinds import GRADED, Kind, Severity
from domain.subjects import of_gate
from watch.cases import Cases
from watch.ledger import Ledger, Seen
from watch.signs import FACES_LOST

EVERY_MS = 30_000


class Unseen:
    """`blind` tells whom nobody sees now, and in which community; `closed` which kiosks of it see nobody, with what they said."""

    def __init__(
        self,
        ledger: Ledger,
        cases: Cases,
        blind: Callable[[], Mapping[str, str]],
        closed: Callable[[str], Iterable[tuple[str, Iterable[Seen]]]],
    ) -> None:
        self._ledger, self._cases, self._blind, self._closed = ledger, cases, blind, closed
        self._looked = 0
        self._graded: set[str] = set()

    def tick(self, now: datetime) -> None:
        """Look twice a minute, while there is anybody."""
        ms = to_ms(now)
        if 0 <= ms - self._looked < EVERY_MS or not (blind := self._blind()):
            return
        self._looked = ms
        for community, elders in Counter(blind.values()).items():
            for kiosk, told in self._closed(community):
                gates = {of_gate(str(f.payload.get("gate"))) for f in told if f.kind == FACES_LOST}
                for incident in (i for subject in (kiosk, *sorted(gates)) for i in self._cases.of(subject, now)):
                    self._grade(incident, community, elders, now)

    def _grade(self, incident: Incident, community: str, elders: int, now: datetime) -> None:
        """Once: whoever has looked into it may hold it for milder."""
        of_eyes = incident.kind is Kind.KIOSK_SILENT or (
            incident.kind is Kind.GATE_TROUBLE and incident.rule == "faces_lost"
        )
        mine = of_eyes and incident.open and incident.community == community and incident.id not in self._graded
        if not mine or incident.elders_unseen or Severity.P2 not in grades(incident) or incident.severity < Severity.P2:
            return
        why = {"incident": incident.id, "severity": int(Severity.P2), "by": "system", "elders": elders}
        why["reason"] = ELDERS_UNSEEN
        self._ledger.add(GRADED, why, community, incident.elder, to_ms(now), derived_id(ELDERS_UNSEEN, incident.id))
        self._graded.add(incident.id)
