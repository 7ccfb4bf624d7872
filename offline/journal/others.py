"""Others' facts as the feed brings them: taken over, put in their place, and given up where they have left this node's scope or are
not what the feed says."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from offline.journal.chain import Chain
from offline.journal.fact_table import ENVELOPE, FactTable, envelope_of, event_of, sums
from offline.journal.projections import Projector, StoredFact
from offline.journal.writer import Writer
from offline.keys.identity import unb64
from offline.wire import Event, FeedItem


class Others:
    """What it changes is part of the caller's transaction."""

    def __init__(self, writer: Writer, table: FactTable, chain: Chain, projector: Projector) -> None:
        self._writer, self._table, self._chain, self._projector = writer, table, chain, projector

    @property
    def cursor(self) -> str:
        """Where the feed has been applied through; '' at the beginning."""
        return str(self._writer.state("cursor") or "")

    @property
    def filling(self) -> bool:
        """Before the feed was read to its end for the first time; a cursor without a word on it is of an older program."""
        filled = self._writer.state("filled")
        return not filled if filled is not None else self._writer.state("cursor") is None

    def came_to(self, cursor: str) -> None:
        self._writer.set(filled=int(not self.filling), cursor=cursor)

    def take(self, items: Iterable[FeedItem]) -> tuple[list[StoredFact], list[StoredFact]]:
        """Those that were not here, and those that were and have a place now that a fold goes by."""
        fresh, placed = list[StoredFact](), list[StoredFact]()
        for item in items:
            if (here := self._table.find(item.event.id)) is None:
                fresh.append(self._put_in(item))
            elif self._place(here, item.position):
                placed.append(here)
        return fresh, placed

    def _put_in(self, item: FeedItem) -> StoredFact:
        envelope = item.event.envelope(item.device, item.epoch)
        self._chain.seen(envelope.hlc)
        salt = unb64(item.event.salt) if item.event.salt is not None else None
        body = bytes(item.event.payload) if item.event.payload is not None else None
        fact = self._table.insert(envelope, salt, body, item.received, item.trusted, None, item.position)
        self._projector.apply(self._writer.db, fact)
        return fact

    def _place(self, fact: StoredFact, position: int) -> bool:
        """The district's place for a fact that is here; whether a fold goes by it."""
        if fact.position == position:
            return False
        self._table.place(fact, position)
        return self._projector.placed(self._writer.db, replace(fact, position=position))

    def give_up(self, ids: Iterable[str]) -> list[StoredFact]:
        """Take out those of these that are others'."""
        gone = [f for id in ids if (f := self._table.find(id)) is not None and f.envelope.device != self._chain.device]
        self._table.delete(gone)
        return gone

    def mend(self, items: Iterable[FeedItem]) -> int:
        """Take out those that are here and are not what the feed says they are; how many."""
        harmed = [
            here
            for item in items
            if (here := self._table.find(item.event.id)) is not None
            and here.envelope.device != self._chain.device
            and here.envelope != item.event.envelope(item.device, item.epoch)
        ]
        self._table.delete(harmed)
        return len(harmed)

    def anything_about(self, person: str) -> bool:
        return bool(self._writer.read("SELECT 1 FROM facts WHERE subject = ? LIMIT 1", (person,)))

    def greatest_of(self, device: str) -> list[tuple[int, int]]:
        """(epoch, greatest number that is here) of somebody's facts."""
        return self._writer.read("SELECT epoch, max(seq) FROM facts WHERE device = ? GROUP BY epoch", (device,))

    def after(self, device: str, epoch: int, seq: int, limit: int) -> list[Event]:
        """Up to `limit` of somebody's facts after one of theirs, by their numbers."""
        rows = self._writer.read(
            f"SELECT {ENVELOPE}, p.salt, p.body FROM facts LEFT JOIN payloads p ON p.fact = facts.rowid"
            " WHERE device = ? AND epoch = ? AND seq > ? ORDER BY seq LIMIT ?",
            (device, epoch, seq, limit),
        )
        return [event_of(envelope_of(row), row[-2], row[-1]) for row in rows]

    def sums(self, through: Mapping[str, int]) -> dict[tuple[str, str, int], tuple[int, int]]:
        """(community, device, epoch) -> count and fold of their hashes, as the feed had them at `through`."""
        return sums(self._writer.file, self._chain.device, through)
