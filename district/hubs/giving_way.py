"""Copies of which an operator has said that they do not count: whatever comes next under their number takes their place, once.

Of two sound copies neither proves itself (docs/decisions/0079): a person looks at both, and says it where the wrong one lies.
"""

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from district.store.port import DEVICE, EPOCH, SEQ, Prepared
from district.store.registry import Registry

NOTE = "giving_way"
Number = tuple[str, int, int]  # device, epoch, seq


@dataclass(frozen=True, slots=True)
class Copy:
    """A fact as it is stored here: the row's own words, right ones or wrong ones. `hash` hex."""

    id: str
    device: str
    epoch: int
    seq: int
    community: str
    lane: int
    position: int
    hash: str

    @property
    def number(self) -> Number:
        return self.device, self.epoch, self.seq


class GivingWay:
    """Kept in the database: a restart forgets none. Any thread."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._lock = registry, threading.Lock()
        told = [Copy(**each) for each in json.loads(registry.note(NOTE) or "[]")]
        self._copies = {copy.number: copy for copy in told}

    @property
    def copies(self) -> list[Copy]:
        with self._lock:
            return list(self._copies.values())

    def add(self, copy: Copy) -> None:
        with self._lock:
            self._copies[copy.number] = copy
            self._keep()

    def drop(self, numbers: Iterable[Number]) -> int:
        """These stand again, or have been replaced; how many of them had been giving way."""
        with self._lock:
            gone = [number for number in numbers if self._copies.pop(number, None) is not None]
            if gone:
                self._keep()
            return len(gone)

    def of(self, batches: Sequence[Prepared]) -> list[Prepared]:
        """Those facts of the batches for which something here gives way."""
        if not self._copies:
            return []
        found = []
        for batch in batches:
            wanted = [i for i, f in enumerate(batch.facts) if (f[DEVICE], f[EPOCH], f[SEQ]) in self._copies]
            if wanted:
                facts, payloads = ([told[i] for i in wanted] for told in (batch.facts, batch.payloads))
                found.append(replace(batch, facts=facts, payloads=payloads))
        return found

    def _keep(self) -> None:
        self._registry.put_note(NOTE, json.dumps([asdict(copy) for copy in self._copies.values()]))
