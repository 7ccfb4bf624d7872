"""Facts that a server found altered where they lie, or in two versions: one incident of that server until somebody has looked."""

from datetime import datetime

from domain.events import from_ms
from domain.incident_kinds import Kind
from watch.cases import Alarm, Cases
from watch.ledger import Seen
from watch.signs import RECORDS

_COUNTS = ("altered", "differing", "given_way")


class Records:
    """`follow` is told every fact. One thread."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != RECORDS or fact.subject is None:
            return
        at, told = from_ms(fact.at), fact.payload
        if any(told.get(name) for name in _COUNTS):
            detail = {name: told.get(name) for name in ("place", "which", *_COUNTS)} | {"gateway": fact.subject}
            alarm = Alarm(fact.subject, Kind.RECORDS_ALTERED, "records", fact.id, fact.id, at, detail)
            self._cases.raise_(alarm, fact.community, now)
            return
        for incident in self._cases.of(fact.subject, now):
            if incident.open:
                self._cases.note(incident, fact.id, at, fact.community, {"reason": "records_whole"})
