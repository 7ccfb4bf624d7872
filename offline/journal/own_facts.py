"""A node's own facts: put in with number, time and link, and recorded anew where the node goes on in another epoch."""

import secrets
from typing import Any

import msgspec

from domain.events import derived_id, fresh_id, payload_digest
from offline.journal.chain import Chain
from offline.journal.fact_table import FactTable
from offline.journal.outbox import SHED, Outbox
from offline.journal.projections import Projector, StoredFact
from offline.journal.writer import Writer
from offline.node_clock import NodeClock

_SALT_BYTES = 16


class OwnFacts:
    """What it changes is part of the caller's transaction."""

    def __init__(
        self, writer: Writer, table: FactTable, chain: Chain, projector: Projector, outbox: Outbox, clock: NodeClock
    ) -> None:
        self._writer, self._table, self._chain, self._projector = writer, table, chain, projector
        self._outbox, self._clock = outbox, clock

    def add(
        self, kind: str, payload: dict[str, Any], subject: str | None, at: int | None, id: str | None
    ) -> StoredFact:
        """See `Journal.append`."""
        if id is not None and (here := self._table.find(id)) is not None:
            return here
        now, salt, body = self._clock.now_ms(), secrets.token_bytes(_SALT_BYTES), msgspec.json.encode(payload)
        envelope, link = self._chain.next(id or fresh_id(now), kind, subject, at, payload_digest(salt, body), now)
        fact = self._table.insert(envelope, salt, body, received=now, trusted=True, chain=link)
        self._projector.apply(self._writer.db, fact)
        self._chain.keep()
        if (shed := self._outbox.shed()) is not None:
            self.add(SHED, shed, None, None, None)
        return fact

    def begin(self, device: str, epoch: int, community: str) -> None:
        """Go on under this identity. What the district has not acknowledged is recorded anew there and once only counted; of
        another community it stays behind, and so does what has been erased or has given way: it has nothing to say any more."""
        orphans = self._unacknowledged() if community == self._chain.community else []
        self._writer.set(shed=0)  # numbers begin anew
        self._chain.begin(device, epoch, community)
        self._table.supersede([fact for fact, _ in orphans])
        waiting = frozenset(self._outbox.withheld())
        for fact, payload in orphans:
            e = fact.envelope
            if e.id in waiting:  # what is recorded now goes instead
                self._outbox.offered(e.id)
            self.add(e.kind, payload, e.subject, e.at, derived_id(e.id, str(epoch)))
        if orphans:
            self._projector.rebuild(self._writer.db, self._table.all())

    def say_anew(self, id: str, anew: str) -> bool:
        """Record a fact of this community anew under another id, and once only counted; whether there was anything to record."""
        fact = self._table.find(id)
        if fact is None or fact.payload is None or self._table.find(anew) is not None:
            return False
        e = fact.envelope
        if e.community != self._chain.community:  # enrolled elsewhere since: it stays behind
            return False
        self._table.supersede([fact])
        self.add(e.kind, fact.payload, e.subject, e.at, anew)
        return True

    def _unacknowledged(self) -> list[tuple[StoredFact, dict[str, Any]]]:
        chain, acked = self._chain, self._outbox.acked_through
        mine = (
            "WHERE device = ? AND epoch = ? AND seq > ? AND chain IS NOT NULL ORDER BY seq"  # not what came back down
        )
        found = self._table.select(mine, (chain.device, chain.epoch, acked))
        return [(fact, fact.payload) for fact in found if fact.payload is not None]
