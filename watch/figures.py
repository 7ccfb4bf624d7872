"""The figures of a period from the facts: answers, arrivals, false alarms, drills, blind minutes, visits due and done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import from_ms, to_ms
from domain.figures import Figures, Share, figures
from domain.incident import Incident
from domain.watched import blind_minutes, watching
from watch.cases import STEPS, incidents_in
from watch.ledger import Ledger
from watch.outages import unheard
from watch.plans import SET
from watch.signs import KIOSK_FACTS, SOURCE_FACTS, kiosks, sources

VISIT = "visit.recorded"


@dataclass(frozen=True, slots=True)
class Period:
    """`visits`: this month's, by local calendar; `visits_due` are the elders nobody has been to yet this month."""

    figures: Figures
    blind: dict[
        str, float
    ]  # minutes in which nothing could see the elder: no sensor of theirs, or where there is none no gate
    visits: int
    visits_due: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON says it."""
        f = self.figures
        named = zip(
            ("answered_60_s", "answered_180_s", "on_scene_45_min", "on_scene_60_min"),
            (*f.answered, *f.on_scene),
            strict=True,
        )
        return {
            "incidents": f.incidents,
            **{name: _share(share) for name, share in named},
            "false_alarms": [{"elder": e, "month": m, "count": n} for (e, m), n in sorted(f.false_alarms.items())],
            "blind_minutes": {elder: round(minutes, 1) for elder, minutes in sorted(self.blind.items()) if minutes},
            "visits": self.visits,
            "visits_due": list(self.visits_due),
            "drills": [
                {
                    "incident": d.incident,
                    "opened": d.opened_at.isoformat(),
                    "answered_s": _seconds(d.answered_after),
                    "on_scene_s": _seconds(d.arrived_after),
                }
                for d in f.drills
            ],
        }


def period(
    ledger: Ledger,
    subjects: Iterable[str],
    elders: Iterable[tuple[str, str]],
    since: datetime,
    now: datetime,
    zone: str,
) -> Period:
    """Since when, until `now`. `subjects` are those whom incidents were about (gates too), `elders` those with a plan, and the
    community it is kept in."""
    found = [i for subject in subjects for i in incidents_of(ledger, subject) if i.opened_at >= since]
    month = now.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    blind: dict[str, float] = {}
    visits, due = 0, list[str]()
    at_gates = ledger.told(KIOSK_FACTS)
    for elder, where in elders:
        gates = kiosks(f for f in at_gates if f.community == where)
        seen = [s for s in (*sources(ledger.about(elder, SOURCE_FACTS)), *gates) if s.since < now]
        # a gate stood there before they were in care
        agreed = (from_ms(fact.at) for fact in ledger.about(elder, (SET,)))
        begun = min((s.since for s in watching(seen)), default=now)
        first = max(since, begun, min(agreed, default=since))
        blind[elder] = blind_minutes(seen, first, now, unheard(ledger, where, elder, first)) if seen else 0.0
        told = ledger.about(elder, (VISIT,), to_ms(month))
        done = [f for f in told if f.payload.get("how", "visit") == "visit" and from_ms(f.at) <= now]
        visits += len(done)
        due += [] if done else [elder]
    return Period(figures(found, now, ZoneInfo(zone)), blind, visits, tuple(due))


def incidents_of(ledger: Ledger, subject: str) -> list[Incident]:
    """Everything that was ever opened about somebody, or a gate."""
    return incidents_in(ledger.about(subject, STEPS))


def _share(share: Share) -> dict[str, Any]:
    return {"met": share.met, "of": share.of, "rate": share.rate}


def _seconds(after: timedelta | None) -> float | None:
    return None if after is None else after.total_seconds()
