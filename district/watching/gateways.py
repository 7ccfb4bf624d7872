"""A gateway that stays silent: one incident of its own, for the homes behind it are many and the fault is one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.events import from_ms, to_ms
from domain.incident_kinds import Kind
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen, as_said
from watch.rows import Due, WatchRows
from watch.signs import GATEWAY_SILENT, silent_since

RAISED_AFTER = timedelta(minutes=10)  # an update or a restart of the broker calls nobody
ROW = "gateway"


class Gateways:
    """`follow` is told every fact, `look` is asked when a gateway has been silent for long enough. One thread.

    Goes by when it was said and not by when it came: an old silence that is given back late, and its end, undo no newer one.
    """

    def __init__(self, ledger: Ledger, rows: WatchRows, cases: Cases) -> None:
        self._ledger, self._rows, self._cases = ledger, rows, cases

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != GATEWAY_SILENT or fact.subject is None:
            return
        told = self._told(fact.subject)
        if (began := _still(told)) is not None:
            self._rows.set(ROW, fact.subject, began.community, to_ms(silent_since(began) + RAISED_AFTER))
            return
        self._rows.drop(ROW, fact.subject)
        if told and told[-1].id == fact.id and not fact.payload.get("silent"):
            self._tell_of_end(told, now)

    def _tell_of_end(self, told: Sequence[Seen], now: datetime) -> None:
        """It is back: to whoever was told of the silence that this ends."""
        *before, back = told
        if not any(self._cases.has_raised(silence.subject or "", silence.id) for silence in _lately(before)):
            return
        for incident in self._cases.of(back.subject or "", now):
            if incident.open:
                detail = {"reason": "gateway_back", "resolves": True, "tells": True}
                self._cases.note(incident, back.id, from_ms(back.at), back.community, detail)

    def look(self, row: Due, now: datetime) -> datetime | None:
        """It has been silent all the while."""
        began = _still(self._told(row.key))
        if began is not None:
            since, place = silent_since(began), str(began.payload.get("place", ""))
            detail = {"gateway": row.key, "place": place, "since": to_ms(since)}
            alarm = Alarm(row.key, Kind.GATEWAY_SILENT, ROW, str(to_ms(since)), began.id, since, detail)
            self._cases.raise_(alarm, row.community, now)
        return None

    def _told(self, gateway: str) -> list[Seen]:
        return as_said(self._ledger.about(gateway, (GATEWAY_SILENT,)))


def _lately(told: Sequence[Seen]) -> list[Seen]:
    """The silences since it was last heard."""
    found: list[Seen] = []
    for fact in told:
        found = [*found, fact] if fact.payload.get("silent") else []
    return found


def _still(told: Sequence[Seen]) -> Seen | None:
    """The silence that lasts. Not one for the sake of the gateway that it is enrolled with: that is told."""
    return next((fact for fact in _lately(told) if not fact.payload.get("behind")), None)
