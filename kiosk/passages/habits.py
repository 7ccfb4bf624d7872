"""What makes a passage ordinary: who has passed today, at which hours each resident usually does, and who was mistaken for
somebody before. From the journal alone."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.events import from_ms, to_ms
from domain.identification import Doubt
from kiosk.faces.pipeline import Habits
from kiosk.known_time import DRIFT
from kiosk.passages.facts import PASSAGE
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact

LOOK_BACK = timedelta(days=28)
LEAST_PASSAGES = 10  # before an hour can be unusual for somebody
TIGHTENED = "margin.tightened"  # a reader of the gate's log said "not this person"
RELEASED = "margin.released"  # and took it back
DOUBT_FOR = timedelta(days=180)
BESIDE = 1  # an hour earlier or later than usual is usual still


def habits(journal: Journal, now: datetime, engine: str = "") -> Habits:
    """As of `now` (aware, local to the gate); scores of another engine than `engine` (name and version) say nothing."""
    rows = journal.query(
        "SELECT subject, at FROM facts WHERE kind = ? AND subject IS NOT NULL AND at BETWEEN ? AND ?",
        (PASSAGE, to_ms(now - LOOK_BACK), to_ms(now + DRIFT)),  # one of a clock that is further ahead tells no habit
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
    return Habits(frozenset(today), usual, doubts(journal, now, engine))


def habits_feed(
    journal: Journal,
    tell: Callable[[Habits], None],
    engine: str,
    now: Callable[[], datetime],
    elders: Callable[[], frozenset[str]] = frozenset,
) -> Callable[[], None]:
    """What tells the recogniser the habits as of now, and who is old; called by itself as soon as the staff doubt a passage."""

    def learn() -> None:
        tell(replace(habits(journal, now(), engine), elders=elders()))

    def heard(facts: list[StoredFact]) -> None:
        if any(fact.envelope.kind in (TIGHTENED, RELEASED) for fact in facts):
            learn()

    journal.on_change(heard)
    return learn


def doubts(journal: Journal, now: datetime, engine: str) -> dict[str, Doubt]:
    """Residents for whom somebody else was let in within DOUBT_FOR, as the staff saw it; each passage counts once. Of what one
    reader said of one passage the last word stands; where readers settled that it was the resident, nothing does of it."""
    rows = journal.query(
        "SELECT facts.kind, facts.subject, json_extract(CAST(payloads.body AS TEXT), '$.passage') AS passage,"
        " json_extract(CAST(payloads.body AS TEXT), '$.by') AS reader,"
        " json_extract(CAST(payloads.body AS TEXT), '$.settled') AS settled"
        " FROM facts JOIN payloads ON payloads.fact = facts.rowid AND payloads.body IS NOT NULL"
        " WHERE facts.kind IN (?, ?) AND facts.subject IS NOT NULL AND facts.at >= ? ORDER BY facts.rowid",
        (TIGHTENED, RELEASED, to_ms(now - DOUBT_FOR)),
    )
    doubting: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # the readers of each resident's passage
    for row in rows:
        readers = doubting[row["subject"], str(row["passage"])]
        if row["kind"] == TIGHTENED:
            readers.add(row["reader"])
        elif row["settled"]:
            readers.clear()
        else:
            readers.discard(row["reader"])
    passages: defaultdict[str, set[str]] = defaultdict(set)
    for (person, passage), readers in doubting.items():
        if readers:
            passages[person].add(passage)
    return {
        person: Doubt(len(ids), max((s for i in ids if (s := _score(journal, i, engine)) is not None), default=None))
        for person, ids in passages.items()
    }


def _score(journal: Journal, passage: str, engine: str) -> float | None:
    """What the passage was decided by, where it was this gate's and its payload is still kept."""
    fact = journal.find(passage)
    if fact is None or fact.payload is None or fact.payload.get("engine") != engine:
        return None
    scores = fact.payload.get("scores")
    best = scores[0] if isinstance(scores, list) and scores else None
    return float(best) if isinstance(best, int | float) else None
