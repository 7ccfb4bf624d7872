"""Facts that a server found altered where they lie, or in two versions, that a gate or desk found altered among its own, or that
the one above does not take: one incident of whoever found it until somebody has looked."""

from collections.abc import Callable
from datetime import datetime

from domain.events import from_ms
from domain.incident_kinds import Kind
from offline.journal.chain import ALTERED
from offline.line.pushing import WITHHELD
from watch.cases import Alarm, Cases
from watch.ledger import Ledger, Seen, as_said
from watch.signs import RECORDS

MOST_NAMED = 20  # facts that are named one by one
_COUNTS = ("altered", "differing", "given_way")


class Records:
    """`follow` is told every fact; `name` is what a device is called. One thread."""

    def __init__(self, ledger: Ledger, cases: Cases, name: Callable[[str], str]) -> None:
        self._ledger, self._cases, self._name = ledger, cases, name

    def follow(self, fact: Seen, now: datetime) -> None:
        at, told = from_ms(fact.at), fact.payload
        if fact.kind == ALTERED:
            count, which = told.get("altered"), told.get("which")
            named = [str(number) for number in which[:MOST_NAMED]] if isinstance(which, list) else []
            detail = {
                "place": self._name(fact.device), "device": fact.device, "which": named, "differing": 0, "given_way": 0,
                "altered": count if isinstance(count, int) else len(named),
            }  # fmt: skip
            alarm = Alarm(fact.device, Kind.RECORDS_ALTERED, "records", fact.id, fact.id, at, detail)
            self._cases.raise_(alarm, fact.community, now)
        if fact.kind == WITHHELD:
            number = f"{told.get('device')} {told.get('epoch')}/{told.get('seq')}"
            detail = {"place": self._name(fact.device), "device": fact.device, "which": [number], "withheld": 1}
            detail["because"] = str(told.get("because"))
            alarm = Alarm(fact.device, Kind.RECORDS_WITHHELD, "records", fact.id, fact.id, at, detail)
            self._cases.raise_(alarm, fact.community, now)
        if fact.kind != RECORDS or fact.subject is None:
            return
        came = [f for f in self._ledger.about(fact.subject, (RECORDS,)) if f.position <= fact.position]
        if as_said([*came, fact])[-1].id != fact.id:
            return  # an older word, given back after a newer one
        if any(told.get(name) for name in _COUNTS):
            detail = {name: told.get(name) for name in ("place", "which", *_COUNTS)} | {"gateway": fact.subject}
            alarm = Alarm(fact.subject, Kind.RECORDS_ALTERED, "records", fact.id, fact.id, at, detail)
            self._cases.raise_(alarm, fact.community, now)
            return
        settled = told.get("settled")
        ended = {"reason": "records_settled", "settled": settled} if settled else {"reason": "records_whole"}
        for incident in self._cases.of(fact.subject, now):
            if incident.open:
                self._cases.note(incident, fact.id, at, fact.community, ended)
