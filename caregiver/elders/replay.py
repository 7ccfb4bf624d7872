"""What a care plan would have done over the last quarter: how often it would have rung, and for what. No Qt."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from caregiver.elders.judging import signs, sources
from caregiver.reading import Reader
from domain.careplan import CarePlan
from domain.checkins import assess
from domain.events import from_ms, to_ms
from domain.incident_kinds import TECHNICAL

DAYS = 90
CHUNK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Replay:
    """`days` of data there were; `rung` by rule; `late` of them answered themselves by a later sign of life."""

    days: int
    rung: dict[str, int]
    late: int

    @property
    def total(self) -> int:
        return sum(self.rung.values())


def replay(reader: Reader, plan: CarePlan, now: datetime) -> Replay:
    """Judge every day of the last 90 again under `plan`, each from what had been heard by then."""
    oldest = reader.value("SELECT min(at) FROM elders_signs WHERE person = ?", (plan.elder,))
    begin = max(now - timedelta(days=DAYS), from_ms(oldest) if oldest else now)
    heard = signs(reader, plan.elder, to_ms(begin - timedelta(days=3)))
    devices = sources(reader, plan.elder)
    found = {}
    at = begin + CHUNK
    while at <= now:
        near = [s for s in heard if at - timedelta(days=4) <= s.at <= at]
        for occurrence in assess(plan, near, at, sources=devices, since=at - CHUNK).occurrences:
            if occurrence.kind not in TECHNICAL:
                found[occurrence.id] = (occurrence.rule, any(s.at > occurrence.at and s.clears for s in heard))
        at += CHUNK
    return Replay(
        (now - begin).days, dict(Counter(rule for rule, _ in found.values())), sum(late for _, late in found.values())
    )
