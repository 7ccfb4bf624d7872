"""Whether the program came to its end in good order the last time. Where its power went, the gate may have opened for somebody
just before, or the disk was full and what waited is lost, and nothing else on record says so."""

import logging
from pathlib import Path
from typing import Any, Protocol

from offline.durable import keep
from offline.journal.journal import Journal

log = logging.getLogger(__name__)

CUT_OFF = "kiosk.cut_off"  # {gate, after}: until then (ms) everything is on record, and what came later may be nowhere


class Record(Protocol):
    def __call__(self, kind: str, payload: dict[str, Any]) -> None: ...


class CutOff:
    """A file that is there while the program runs, made before anything of this start is on record."""

    def __init__(self, path: Path, journal: Journal, gate_id: str) -> None:
        self._path, self._gate_id = path, gate_id
        newest = "SELECT at FROM facts WHERE device = ? ORDER BY rowid DESC LIMIT 1"
        mine = journal.query(newest, (journal.device,)) if path.exists() else []
        self.after: int | None = (
            mine[0]["at"] if mine else None
        )  # what was on record last when it was cut off; None where it was not

    def begin(self, record: Record) -> None:
        """Say that it was cut off, where it was."""
        if self.after is not None:
            record(CUT_OFF, {"gate": self._gate_id, "after": self.after})
        try:
            keep(self._path, b"")
        except OSError as e:
            log.warning("that the program runs is not kept: %s", e)

    def end(self, whole: bool) -> None:
        """In good order where it is `whole`: everything that was done is on record."""
        if whole:
            self._path.unlink(missing_ok=True)
