"""Projections: ordinary tables folded from the journal, thrown away and folded again whenever their shape changes.

They are applied in the transaction that appends the fact, so a screen never sees one without the other. A fact whose payload a
projection cannot read is left out of that projection and logged, never its payload: it must not keep those behind it away.
A fact of a newer schema than this program reads is kept and passed over, and folded once the program has caught up.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import msgspec

from domain.events import SCHEMA, Envelope
from offline.journal.database import BAD_VALUE

log = logging.getLogger(__name__)
# What bad data raises; a full disk or a damaged file is no fault of the fact and goes up.
_UNREADABLE: tuple[type[Exception], ...] = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    *BAD_VALUE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as a node keeps it. `payload` is None once erased. `trusted` False: evidence, never an all-clear."""

    rowid: int
    envelope: Envelope
    payload: dict[str, Any] | None
    received: int
    trusted: bool
    position: int | None = None  # in the district's feed; None of an own fact that has not come back yet


class Projection(Protocol):
    """A fold over facts into tables of its own, whose names start with `name`."""

    name: str
    version: int
    kinds: frozenset[str]  # of the facts it wants; a trailing ".*" takes a family, "*" takes all

    def create(self, db: sqlite3.Connection) -> None: ...

    def drop(self, db: sqlite3.Connection) -> None: ...

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        """Fold one fact. Must be idempotent, and live with a missing payload."""


@runtime_checkable
class PlacedProjection(Projection, Protocol):
    """A projection whose fold goes by the district's order, not by that in which facts came here."""

    def placed(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        """An own fact that was applied before now has its place in the feed."""


class Projector:
    """Keeps a set of projections in step with the journal of one connection."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self.projections = tuple(projections)

    def prepare(self, db: sqlite3.Connection, facts: Iterable[StoredFact]) -> list[str]:
        """Create what is new, fold anew what has changed; returns the names that were folded from the start."""
        known = dict(db.execute("SELECT name, version FROM projections").fetchall())
        stale = [p for p in self.projections if known.get(p.name) != _folded_as(p)]
        if stale:
            self._fold(db, stale, facts)
        return [p.name for p in stale]

    def rebuild(self, db: sqlite3.Connection, facts: Iterable[StoredFact]) -> None:
        """Throw everything away and fold it again."""
        self._fold(db, self.projections, facts)

    def _fold(self, db: sqlite3.Connection, which: Sequence[Projection], facts: Iterable[StoredFact]) -> None:
        for p in which:
            p.drop(db)
            p.create(db)
            db.execute("INSERT OR REPLACE INTO projections VALUES (?, ?)", (p.name, _folded_as(p)))
        for fact in facts:
            self._apply(db, which, fact)

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        self._apply(db, self.projections, fact)

    def placed(self, db: sqlite3.Connection, fact: StoredFact) -> bool:
        """Tell the projections that go by the district's order of a fact's place in it; whether there is any that wants it."""
        caring = [p for p in self.projections if isinstance(p, PlacedProjection) and _wants(p, fact.envelope.kind)]
        for p in caring:
            self._guarded(db, p, fact, p.placed)
        return bool(caring)

    @staticmethod
    def _apply(db: sqlite3.Connection, which: Sequence[Projection], fact: StoredFact) -> None:
        for p in which:
            Projector._guarded(db, p, fact, p.apply)

    @staticmethod
    def _guarded(
        db: sqlite3.Connection, p: Projection, fact: StoredFact, fold: Callable[[sqlite3.Connection, StoredFact], None]
    ) -> None:
        kind = fact.envelope.kind
        if not _wants(p, kind) or fact.envelope.schema > SCHEMA:
            return
        db.execute("SAVEPOINT fact")
        try:
            fold(db, fact)
        except _UNREADABLE as e:
            db.execute("ROLLBACK TO fact")
            log.error("%s cannot read %s %s: %s", p.name, kind, fact.envelope.id, type(e).__name__)
        db.execute("RELEASE fact")


def _folded_as(p: Projection) -> int:
    """Its version, and which schemas were read."""
    return p.version + 1000 * (SCHEMA - 1)


def _wants(p: Projection, kind: str) -> bool:
    return kind in p.kinds or kind.partition(".")[0] + ".*" in p.kinds or "*" in p.kinds


_objects = msgspec.json.Decoder(dict[str, Any])


def read_payload(body: bytes | None) -> dict[str, Any] | None:
    """The payload of a stored fact; None where it is erased, or is no object that anybody could read."""
    if body is None:
        return None
    try:
        return _objects.decode(body)
    except (ValueError, RecursionError):
        return None
