"""The stages of a fall over the ledger: suspicions wait as rows, and end as ``fall.confirmed`` or ``fall.downgraded``.

A suspicion is a fact ``fall.suspected``; what speaks against or for it afterwards is ``fall.aftermath`` (of the detector),
``fall.downgraded`` without a `fall` (of the device itself), or any sign of life.
"""

from collections.abc import Container
from datetime import datetime, timedelta

from domain.events import derived_id, from_ms, moment, to_ms
from domain.falls import (
    CONFIRM_WITHIN,
    JOIN,
    Afterwards,
    Fall,
    Kind,
    Origin,
    Stage,
    Suspicion,
    fall_id,
    joined,
    stage,
)
from watch.ledger import Ledger, Seen
from watch.rows import Due, WatchRows
from watch.signs import SIGN_FACTS, sign_of_life

ROW = "fall"
SUSPECTED, CONFIRMED, DOWNGRADED, AFTERMATH = "fall.suspected", "fall.confirmed", "fall.downgraded", "fall.aftermath"
WAITS = timedelta(days=7)  # from its receipt a suspicion is settled, however long a server was down or a hub cut off
SPEAKING = (DOWNGRADED, AFTERMATH, *SIGN_FACTS)


class FallStages:
    """A follower of the watch, and the one who looks at its rows."""

    def __init__(self, ledger: Ledger, rows: WatchRows) -> None:
        self._ledger, self._rows = ledger, rows

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind == SUSPECTED and fact.subject is not None:
            self._rows.set(ROW, fact.subject, fact.community, to_ms(now))

    def look(self, row: Due, now: datetime) -> datetime | None:
        """Settle what can be settled about one elder; when to look again. However late a suspicion came, it is settled once."""
        told = self._ledger.about(row.key, (CONFIRMED, DOWNGRADED))
        settled = {f.payload.get("fall") for f in told}
        suspected = [f for f in self._ledger.about(row.key, (SUSPECTED,)) if f.received >= to_ms(now - WAITS)]
        hits = _unsettled([_suspicion(f, row.key) for f in suspected], settled)
        if not hits:
            return None
        facts = self._ledger.about(row.key, SPEAKING, to_ms(hits[0].impact))
        seen = [a for f in facts if (a := afterwards(f)) is not None]
        following: list[datetime] = []
        for reports in joined(hits, seen):
            if fall_id(row.key, reports[0].impact) in settled:
                continue
            fall = stage(reports, [a for a in seen if a.at >= reports[0].impact], now)
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


def _unsettled(hits: list[Suspicion], settled: Container[object]) -> list[Suspicion]:
    """From where on something may still be open, by impact; those before are too long ago to be of the same fall."""
    hits = sorted(hits, key=lambda h: h.impact)
    start = 0
    for place, hit in enumerate(hits):
        if place and hit.impact - hits[place - 1].impact > JOIN:
            start = place
        if fall_id(hit.elder, hit.impact) not in settled:
            return hits[start:]
    return []


def _suspicion(fact: Seen, elder: str) -> Suspicion:
    """A detector says when the impact was; a radar's warning is about now.

    By a clock that cannot be corrected the fall was when we heard of it: of a time long past any sign since would seem to speak
    against it.
    """
    data = fact.payload
    try:
        origin = Origin(data.get("origin", "radar_warning"))
    except ValueError:
        origin = Origin.DETECTOR
    score, received = data.get("score"), from_ms(fact.received)
    trusted = fact.trusted and data.get("trusted", True) is True
    when = (moment(data.get("impact")) or from_ms(fact.at)) if trusted else received
    return Suspicion(
        elder,
        str(data.get("device", "")),
        origin,
        min(when, received),
        received,
        float(score) if isinstance(score, int | float) else 1.0,
    )


def afterwards(fact: Seen) -> Afterwards | None:
    """What a fact shows that may speak for or against a fall before it; None where it shows nothing."""
    data, at = fact.payload, from_ms(min(fact.at, fact.received))
    trusted, source = fact.trusted and data.get("trusted", True) is True, str(data.get("device", ""))
    if fact.kind == DOWNGRADED:
        return None if "fall" in data else Afterwards(Kind.CANCEL, at, trusted=trusted, source=source)
    if fact.kind == AFTERMATH:
        try:
            kind = Kind(str(data.get("kind")))
        except ValueError:
            return None
        return Afterwards(kind, at, moment(data.get("since")), trusted=trusted, source=source)
    sign = sign_of_life(fact)
    return None if sign is None else Afterwards(Kind.SIGN, at, sign=sign.kind, trusted=sign.trusted, source=source)
