"""What is heard of an elder while an alarm about their life is open: told once each to those on their way, who alone end it."""

from datetime import datetime

from domain.doubts import SAID, doubt
from domain.events import from_ms, to_ms
from domain.incident import Incident
from domain.incident_kinds import LIFE_SAFETY, OPENED
from watch.cases import Cases
from watch.falls import SPEAKING, afterwards
from watch.ledger import Ledger, Seen


class Doubts:
    """A follower of the watch. That a device takes its own word back is told by the watch itself."""

    def __init__(self, ledger: Ledger, cases: Cases) -> None:
        self._ledger, self._cases = ledger, cases
        # whether an alarm is open; who is not in it was not asked about since the start
        self._open: dict[str, bool] = {}

    def follow(self, fact: Seen, now: datetime) -> None:
        elder = fact.subject
        if elder is None:
            return
        if fact.kind == OPENED:
            if fact.payload.get("kind") in LIFE_SAFETY:
                self._open[elder] = True
                self._look_back(str(fact.payload.get("incident")), elder, now)
        elif self._open.get(elder, True) and afterwards(fact) is not None:
            alarms = self._alarms(elder, now)
            self._open[elder] = bool(alarms)
            for incident in alarms:
                self._tell(incident, fact)

    def _look_back(self, id: str, elder: str, now: datetime) -> None:
        """A fall is confirmed a while after it happened: what was said in between has not been told."""
        for incident in self._alarms(elder, now):
            if incident.id == id:
                for fact in self._ledger.about(elder, SPEAKING, to_ms(incident.happened_at)):
                    self._tell(incident, fact)

    def _alarms(self, elder: str, now: datetime) -> list[Incident]:
        return [i for i in self._cases.of(elder, now) if i.open and i.kind in LIFE_SAFETY]

    def _tell(self, incident: Incident, fact: Seen) -> None:
        seen = afterwards(fact)
        if seen is None or incident.on_scene_at is not None:
            return
        reason = doubt(incident.kind, incident.happened_at, seen)
        if reason:
            what = str(seen.sign or seen.kind)
            detail = {"reason": reason, "sign": what, "tells": reason == SAID}
            self._cases.note(incident, f"{incident.id} {what}", from_ms(fact.at), fact.community, detail)
