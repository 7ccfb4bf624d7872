"""What no longer is what its hash says becomes it again, in its old place, in the same steps on every database."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from district.scope import Lane, lane_of, may_lie_in
from district.store import own, people
from district.store.port import COMMUNITY, KIND, LANE, SUBJECT, Payload, Prepared, Row
from district.store.reckon import keep_evidence
from district.store.taking import Taking

Tx = TypeVar("Tx", bound=Taking)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in the place of a fact: the row as it is, its payload, and how the database finds it again."""

    row: Row
    payload: Payload
    place: Any


class Mending(ABC, Generic[Tx]):
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @abstractmethod
    def _look(self, fact: Row) -> Found | None:
        """What is here under the number or the id of `fact`; None where that is nothing, or two facts."""

    @abstractmethod
    def _found(self, ids: Sequence[str], astray: bool) -> list[Found]:
        """These facts; `astray`: those of them that stand nowhere in their feed."""

    @abstractmethod
    def _place(self, found: Found, fact: Row, payload: Payload) -> None:
        """Take a fact from where it was found to the end of its feed."""

    def put_in_place(self, ids: Sequence[str], misplaced: Sequence[str]) -> int:
        """As `Store.put_in_place`, of these."""
        self._tx.flush()
        astray = self._found(ids, astray=True) if ids else []
        elsewhere = self._found(misplaced, astray=False) if misplaced else []
        astray += [f for f in elsewhere if not may_lie_in(f.row[LANE], own.word_of(f.row[KIND]), f.row[SUBJECT])]
        for found in astray:
            row, watched = found.row, self._tx.elders.of(found.row[COMMUNITY])
            lane = lane_of(own.word_of(row[KIND]), row[SUBJECT], watched)
            self._place(found, (*row[:LANE], int(lane)), found.payload)
        return len(astray)

    @abstractmethod
    def _replace(self, found: Found, fact: Row, payload: Payload) -> None:
        """Put a fact into the place of what was found."""

    def mend(self, batches: Sequence[Prepared], source: bool) -> int:
        """As `Store.mend`."""
        self._tx.flush()
        return sum(self._mend(batch, source) for batch in batches)

    def _mend(self, batch: Prepared, source: bool) -> int:
        payloads = people.without_the_erased(batch.facts, batch.payloads, self._tx.elders)
        return sum(self._mend_one(*given, source) for given in zip(batch.facts, payloads, strict=True))

    def _mend_one(self, fact: Row, payload: Payload, source: bool) -> bool:
        tx, found = self._tx, self._look(fact)
        if found is None:
            return False
        mended = own.mended(found.row, found.payload, people.relane(fact, tx.elders), payload, source)
        if mended is None:
            return False
        row, (_, body) = mended
        self._replace(found, *mended)
        keep_evidence(tx.execute, fact, found.row, found.payload)
        if row[LANE] == Lane.ROSTER and (gone := people.learn(row, body, tx.elders, tx.execute)):
            tx.erase(gone, fact[COMMUNITY])
            tx.erased.append((gone, fact[COMMUNITY]))
        return True
