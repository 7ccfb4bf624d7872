"""What the kiosk does while nobody passes: test itself, let go of what it has kept long enough, look for people who are alike."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from domain.errors import Mendable
from domain.events import to_ms
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, title
from kiosk.faces.gallery import Gallery
from kiosk.passages.facts import PASSAGE, WELL
from kiosk.passages.records import Records
from kiosk.residents.lookalikes import Radar
from kiosk.upkeep import selftest
from kiosk.upkeep.selftest import Trial
from kiosk.upkeep.status import StatusBoard
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.letters.block_list import NOTICED
from offline.letting_go import let_go_of_the_erased

log = logging.getLogger(__name__)

TESTED = "kiosk.self_tested"
# What people are told of it: that it went wrong, and that it no longer does
FAILED, RIGHT_AGAIN = "gate.self_test_failed", "gate.self_test_right_again"
NONE = "0/0"  # where there are no pictures to test it with


def went_wrong(journal: Journal) -> bool:
    """Whether the last thing told of this gate's self-test is that it went wrong."""
    told = [f for kind in (FAILED, RIGHT_AGAIN) for f in journal.facts(kind) if f.envelope.device == journal.device]
    return bool(told) and max(told, key=lambda f: f.envelope.hlc).envelope.kind == FAILED


class SelfTest:
    """Runs the trials of a folder; the outcome goes into the record and onto the maintenance screen.

    That a resident was kept out, or a stranger or a picture let in, people are told: `gate` is where.
    """

    def __init__(
        self,
        folder: Path,
        engine: Callable[[], FaceEngine],
        records: Records,
        board: StatusBoard,
        now: Callable[[], datetime],
        gate: str,
        journal: Journal,
    ) -> None:
        self._folder, self._engine, self._records, self._board, self._now = folder, engine, records, board, now
        self._gate, self._journal, self._told = gate, journal, went_wrong(journal)
        if (last := self._last()) is not None and last.payload is not None:
            at = last.envelope.happened.astimezone()
            board.tested(at, last.payload["passed"] is True, str(last.payload.get("count", NONE)))

    def last(self) -> datetime | None:
        """When this gate was tested last."""
        last = self._last()
        return None if last is None else last.envelope.happened

    def _last(self) -> StoredFact | None:
        mine = (f for f in self._journal.facts(TESTED) if f.envelope.device == self._journal.device)
        return max(mine, key=lambda f: f.envelope.hlc, default=None)

    def run(self) -> None:
        """Takes about 5 s a picture; not on a window's thread."""
        try:
            trials = selftest.run(self._folder, self._engine())
        except Mendable as e:
            log.warning("no self-test: %s", e)
            self._records.add(TESTED, {"passed": False, "why": e.code})
            self._board.tested(self._now(), False, NONE)
            return
        good = sum(trial.passed for trial in trials)
        count = f"{good}/{len(trials)}"
        self._records.add(TESTED, {"passed": good == len(trials), "count": count, "kinds": _by_kind(trials)})
        self._board.tested(self._now(), good == len(trials), count)
        wrong = good < len(trials)
        if wrong or self._told:
            self._records.add(FAILED if wrong else RIGHT_AGAIN, {"gate": self._gate, "count": count})
        self._told = wrong


def _by_kind(trials: Sequence[Trial]) -> dict[str, str]:
    """Of each kind how many went as they should. What goes up names nobody: the pictures may be called by residents' names."""
    shown = Counter(trial.kind for trial in trials)
    good = Counter(trial.kind for trial in trials if trial.passed)
    return {kind: f"{good[kind]}/{shown[kind]}" for kind in shown}


def let_go(journal: Journal, stays: tuple[datetime, datetime], pictures: Callable[[], object] = lambda: None) -> int:
    """Null what passages and notices say that are of other dates than from the first of `stays` to the last, once the district has
    them, and what is said of the erased; how many there were.

    Pictures of passages have a time of their own: `pictures` lets go of them.
    """
    pictures()
    rows = journal.query(
        "SELECT facts.id FROM facts JOIN payloads ON payloads.fact = facts.rowid AND payloads.body IS NOT NULL"
        " WHERE facts.kind IN (?, ?, ?) AND facts.at NOT BETWEEN ? AND ?"
        " AND (facts.device <> ? OR facts.epoch < ? OR facts.seq <= ?)",
        (PASSAGE, NOTICED, WELL, *map(to_ms, stays), journal.device, journal.epoch, journal.acked_through),
    )
    return journal.erase(row["id"] for row in rows) + let_go_of_the_erased(journal)


def sweep(journal: Journal, gallery: Gallery, engine: FaceEngine, target_fpir: float) -> int:
    """Tell who could be taken for whom, with everybody who is enrolled now; of how many people there was something new."""
    least = calibrate(gallery, engine.tail, target_fpir).threshold
    return Radar(journal, title(engine)).sweep(gallery, least)
