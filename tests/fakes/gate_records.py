"""A gate's journal, and passages recorded in it as the kiosk records them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.identification import Candidate, Decision, Liveness, Outcome, Quality, Reason
from domain.passages import Direction, Method
from kiosk.passages.records import Records
from kiosk.visit.effects import GateDid, Recorded, RecordPassage
from kiosk.visit.events import Event
from offline.journal.journal import Journal
from offline.journal.projections import Projection
from offline.node_clock import NodeClock

AT = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
QUALITY = Quality(92.0, 0.8, 3.0, -2.0, 1.0, 0.9, 1.0, 0.85)
DECISION = Decision(
    "v1", Outcome.IDENTIFIED, Reason.MATCH, "p1", (Candidate("p1", 0.76123456), Candidate("p2", 0.2)), 0.44, 3, QUALITY,
    Liveness.NOT_ASSESSED, "sface 2021dec", AT, 240.0, AT,
)  # fmt: skip


@contextmanager
def gate_journal(folder: Path, *projections: Projection) -> Iterator[Journal]:
    """The journal of gate-1 in Jinxiu."""
    opened = Journal(folder / "j.sqlite", NodeClock(), projections)
    opened.become("gate-1", 1, "jinxiu")
    yield opened
    opened.close()


def passage(**changes: Any) -> RecordPassage:
    told: dict[str, Any] = {
        "ref": "v1",
        "at": AT,
        "method": Method.FACE,
        "direction": Direction.IN,
        "gate": GateDid.OPENED,
    }
    return RecordPassage(**told | changes)


def record(journal: Journal, *what: Recorded) -> list[Event]:
    """Record it at the south gate; returns what the visit is told."""
    told: list[Event] = []
    records = Records(journal, "south", told.append, lambda: None)
    for each in what:
        records.take(each)
    records.close()
    return told
