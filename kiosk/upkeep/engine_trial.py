"""An engine on trial: what it would have said of each visit is a fact, and by these it is decided whether it takes over."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.faces.messages import Compared, Said
from kiosk.passages.facts import PASSAGE
from kiosk.passages.habits import doubts
from kiosk.upkeep.engine_change import CHANGED
from kiosk.visit.events import Event
from offline.journal.journal import Journal

TRIAL = "kiosk.engine_on_trial"  # {engine}
COMPARED = "kiosk.engine_compared"  # {ref, engine, said, score, threshold}: of nobody, and nothing of the face
PROVED = "kiosk.engine_proved"  # {ref}: whom it named where the other did not came in by their own card or PIN at once
LEAST_VISITS = 200
PROVED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a trial on the decisions of this gate."""

    visits: int = 0
    missed: int = 0  # it did not know whom the engine in use let in, rightly as far as anybody said
    other: int = 0  # one of the two named the wrong resident
    found: int = 0  # it named somebody where the engine in use did not
    proved: int = 0  # and that was who then came in by card or PIN

    @property
    def welcome(self) -> bool:
        """Seen often enough, no name in doubt, nobody lost who was not gained elsewhere, and most whom it named beyond proved."""
        return (
            self.visits >= LEAST_VISITS
            and self.other == 0
            and self.missed <= self.proved
            and self.found - self.proved <= self.proved
        )


def on_trial(journal: Journal) -> str:
    """The engine that is on trial now, '' where none is: a change ends it."""
    mine = [f for kind in (TRIAL, CHANGED) for f in journal.facts(kind) if f.envelope.device == journal.device]
    last = max(mine, key=lambda f: f.envelope.seq, default=None)
    return str((last.payload or {}).get("engine", "")) if last is not None and last.envelope.kind == TRIAL else ""


def recorded(journal: Journal, engine: str, now: datetime) -> Recorded:
    """The comparisons of `engine` (name and version) since its trial began; passages that the staff doubted count for nobody."""
    began = max((f.envelope.seq for f in journal.facts(TRIAL) if f.envelope.device == journal.device), default=0)
    said: dict[str, str] = {}
    for fact in journal.facts(COMPARED):
        told = fact.payload or {}
        if fact.envelope.device == journal.device and fact.envelope.seq > began and told.get("engine") == engine:
            said[str(told.get("ref"))] = str(told.get("said"))
    for ref in _doubted(journal, now):
        said.pop(ref, None)
    counts = Counter(said.values())
    proved = {str((f.payload or {}).get("ref")) for f in journal.facts(PROVED)} & said.keys()
    return Recorded(len(said), counts[Said.MISSED], counts[Said.OTHER], counts[Said.FOUND], len(proved))


def _doubted(journal: Journal, now: datetime) -> set[str]:
    """The refs of passages of residents for whom the staff saw somebody else let in."""
    people = doubts(journal, now, "")
    passages = journal.facts(PASSAGE) if people else []
    return {str((f.payload or {}).get("ref")) for f in passages if f.envelope.subject in people}


class Comparisons:
    """Hears the recogniser's comparisons and who came in otherwise; `record` keeps a fact. Any thread."""

    def __init__(
        self, record: Callable[[str, dict[str, Any]], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._record, self._monotonic = record, monotonic
        self._lock = threading.Lock()
        self._found: tuple[str, str, float] | None = None  # visit, whom it named, when

    def hear(self, event: Event) -> None:
        if not isinstance(event, Compared):
            return
        score = None if event.score is None else round(event.score, 4)
        told = {"ref": event.visit_id, "engine": event.engine, "said": event.said.value, "score": score}
        self._record(COMPARED, told | {"threshold": round(event.threshold, 4)})
        if event.said is Said.FOUND and event.person_id:
            with self._lock:
                self._found = (event.visit_id, event.person_id, self._monotonic())

    def came_otherwise(self, person: str) -> None:
        """A resident was let in by their own card or PIN: was it whom the engine on trial had just named?"""
        with self._lock:
            found, self._found = self._found, None
        if found is not None and found[1] == person and self._monotonic() - found[2] <= PROVED_WITHIN_S:
            self._record(PROVED, {"ref": found[0]})
