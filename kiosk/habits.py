"""What makes a passage ordinary: who has passed today, and at which hours each resident usually does. From the journal alone."""

from collections import defaultdict
from datetime import datetime, timedelta

from domain.events import from_ms, to_ms
from kiosk.faces.pipeline import Habits
from kiosk.passage_facts import PASSAGE
from offline.journal import Journal

LOOK_BACK = timedelta(days=28)
LEAST_PASSAGES = 10  # before an hour can be unusual for somebody
BESIDE = 1  # an hour earlier or later than usual is usual still


def habits(journal: Journal, now: datetime) -> Habits:
    """As of `now` (aware, local to the gate)."""
    rows = journal.query(
        "SELECT subject, at FROM facts WHERE kind = ? AND subject IS NOT NULL AND at >= ?",
        (PASSAGE, to_ms(now - LOOK_BACK)),
    )
    hours: defaultdict[str, list[int]] = defaultdict(list)
    today: set[str] = set()
    for row in rows:
        local = from_ms(row["at"]).astimezone(now.tzinfo)
        hours[row["subject"]].append(local.hour)
        if local.date() == now.date():
            today.add(row["subject"])
    usual = {
        person: frozenset((hour + by) % 24 for hour in seen for by in range(-BESIDE, BESIDE + 1))
        for person, seen in hours.items()
        if len(seen) >= LEAST_PASSAGES
    }
    return Habits(frozenset(today), usual)
