"""What a care plan would have done over the last quarter: how often it would have rung, and what it would have missed. No Qt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from caregiver.elders.judging import signs, sources
from caregiver.elders.outages import Outages
from caregiver.memory.reading import Reader
from domain.calendars import ORDINARY, Calendar
from domain.careplan import CarePlan
from domain.events import to_ms
from domain.replay import DAYS, Past, Replay, relearned
from domain.replay import replay as replayed
from domain.routine import Routine


@dataclass(frozen=True, slots=True)
class Tried:
    """`routine`: what the plan's learned rule would know of the days by now; None where it knows too little, or there is none."""

    past: Replay
    routine: Routine | None


def replay(reader: Reader, plan: CarePlan, now: datetime, calendar: Calendar = ORDINARY) -> Tried:
    """Judge every day of the last 90 again under `plan` and the routine it would have learned, each from what was known then."""
    since = now - timedelta(days=DAYS)
    heard = signs(reader, plan.elder, to_ms(since))
    past = Past(
        plan, heard, now, sources(reader, plan.elder, heard), calendar, Outages(reader).unheard(plan.elder, since)
    )
    learned = relearned(past)
    return Tried(replayed(past, learned), None if learned is None else learned.by_now())
