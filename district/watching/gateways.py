"""A gateway that stays silent: one incident of its own, for the homes behind it are many and the fault is one."""

from datetime import datetime, timedelta

from domain.events import from_ms, to_ms
from domain.incident_kinds import Kind
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen
from watch.rows import Due, WatchRows
from watch.signs import GATEWAY_SILENT, silent_spans

RAISED_AFTER = timedelta(minutes=10)  # an update or a restart of the broker calls nobody
ROW = "gateway"


class Gateways:
    """`follow` is told every fact, `look` is asked when a gateway has been silent for long enough. One thread."""

    def __init__(self, ledger: Ledger, rows: WatchRows, cases: Cases) -> None:
        self._ledger, self._rows, self._cases = ledger, rows, cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != GATEWAY_SILENT or fact.subject is None:
            return
        if fact.payload.get("silent") and fact.payload.get("behind"):
            return  # the one it is enrolled with is silent, and that is told
        if fact.payload.get("silent"):
            self._rows.set(ROW, fact.subject, fact.community, fact.at + RAISED_AFTER // timedelta(milliseconds=1))
        elif not self._rows.drop(ROW, fact.subject):
            for incident in self._cases.of(fact.subject, now):
                if incident.open:
                    detail = {"reason": "gateway_back", "tells": True}
                    self._cases.note(incident, fact.id, from_ms(fact.at), fact.community, detail)

    def look(self, row: Due, now: datetime) -> datetime | None:
        """It has been silent all the while."""
        told = self._ledger.about(row.key, (GATEWAY_SILENT,))
        since = next((start for start, end in silent_spans(told) if end is None), None)
        if since is not None:
            key, place = str(to_ms(since)), str(told[-1].payload.get("place", ""))
            detail = {"gateway": row.key, "place": place, "since": to_ms(since)}
            alarm = Alarm(row.key, Kind.GATEWAY_SILENT, ROW, key, told[-1].id, since, detail)
            self._cases.raise_(alarm, row.community, now)
        return None
