"""The stages of a fall over the ledger: suspicions wait as rows, and end as ``fall.confirmed`` or ``fall.downgraded``.

A suspicion is a fact ``fall.suspected``; what speaks against or for it afterwards is ``fall.aftermath`` (of the detector),
``fall.downgraded`` without a `fall` (of the device itself), or any sign of life.
"""

from datetime import datetime, timedelta

from domain.events import derived_id, from_ms, moment, to_ms
from domain.falls import CONFIRM_WITHIN, Afterwards, Fall, Kind, Origin, Stage, Suspicion, joined, stage
from watch.ledger import Ledger, Seen
from watch.rows import Due, WatchRows
from watch.signs import SIGN_FACTS, sign_of_life

ROW = "fall"
SUSPECTED, CONFIRMED, DOWNGRADED, AFTERMATH = "fall.suspected", "fall.confirmed", "fall.downgraded", "fall.aftermath"
HISTORY = timedelta(hours=6)  # a server that was down this long still confirms what nobody cancelled
_SPEAKING = frozenset({SUSPECTED, DOWNGRADED, AFTERMATH, *SIGN_FACTS})


class FallStages:
    """A follower of the watch, and the one who looks at its rows."""

    def __init__(self, ledger: Ledger, rows: WatchRows) -> None:
        self._ledger, self._rows = ledger, rows

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind == SUSPECTED and fact.subject is not None:
            self._rows.set(ROW, fact.subject, fact.community, to_ms(now))

    def look(self, row: Due, now: datetime) -> datetime | None:
        """Settle what can be settled about one elder; when to look again."""
        facts = [f for f in self._ledger.about(row.key, since=to_ms(now - HISTORY)) if f.kind in _SPEAKING]
        after = [a for f in facts if (a := _afterwards(f)) is not None]
        following: list[datetime] = []
        for reports in joined(_suspicion(f, row.key) for f in facts if f.kind == SUSPECTED):
            begun = min(r.impact for r in reports)
            fall = stage(reports, [a for a in after if a.at >= begun], now)
            if fall.stage is Stage.SUSPECTED:  # a sign of life may settle it earlier: look again soon
                following.append(min(fall.due or now + CONFIRM_WITHIN, now + timedelta(seconds=2)))
            else:
                self._settle(fall, reports[0], row.community, now)
        return min(following, default=None)

    def _settle(self, fall: Fall, first: Suspicion, community: str, now: datetime) -> None:
        kind = CONFIRMED if fall.stage is Stage.CONFIRMED else DOWNGRADED
        told = {
            "fall": fall.id, "impact": to_ms(fall.impact), "cause": fall.cause.value, "score": fall.score,
            "device": first.source, "reports": fall.reports, "by": "system",
        }  # fmt: skip
        self._ledger.add(kind, told, community, fall.elder, to_ms(now), derived_id(fall.id, "settled"))


def _suspicion(fact: Seen, elder: str) -> Suspicion:
    """A detector says when the impact was; a radar's warning is about now."""
    data = fact.payload
    try:
        origin = Origin(data.get("origin", "radar_warning"))
    except ValueError:
        origin = Origin.DETECTOR
    score, received = data.get("score"), from_ms(fact.received)
    when = moment(data.get("impact")) or from_ms(fact.at)
    return Suspicion(
        elder,
        str(data.get("device", "")),
        origin,
        min(when, received),
        received,
        float(score) if isinstance(score, int | float) else 1.0,
    )


def _afterwards(fact: Seen) -> Afterwards | None:
    data, at = fact.payload, from_ms(min(fact.at, fact.received))
    trusted = fact.trusted and data.get("trusted", True) is True
    if fact.kind == DOWNGRADED:
        return None if "fall" in data else Afterwards(Kind.CANCEL, at, trusted=trusted)
    if fact.kind == AFTERMATH:
        try:
            kind = Kind(str(data.get("kind")))
        except ValueError:
            return None
        return Afterwards(kind, at, moment(data.get("since")), trusted=trusted)
    sign = sign_of_life(fact)
    return None if sign is None else Afterwards(Kind.SIGN, at, sign=sign.kind, trusted=sign.trusted)
