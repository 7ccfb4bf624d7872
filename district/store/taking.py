"""One transaction taking batches in: judged by what is known already, in the same steps on every database."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from district.scope import STREAMED, Lane
from district.store import own, people
from district.store.port import COLUMNS, COMMUNITY, ID, LANE, SEQ, Appended, Fresh, Payload, Prepared, Row
from district.store.reckon import Reckoning, contiguous, gaps, reckon, release, sift
from offline.wire import FeedItem

Key = tuple[str, int]  # device, epoch
_PASSAGE, _ROSTER = int(Lane.PASSAGE), int(Lane.ROSTER)  # compared for every fact: an enum takes three times as long
# Of one that is enrolled with a hub the epochs are told there.
_FORK = "UPDATE devices SET epoch = CASE WHEN epoch > ? THEN epoch ELSE ? END + 1 WHERE id = ? AND via IS NULL RETURNING epoch"


class Taking(ABC):
    """Batches in, and what is to be told of it when it is durable. A database gives what stands below as abstract."""

    def __init__(self, elders: people.Elders) -> None:
        self.elders = elders
        self.heads: dict[str, int] = {}
        self.erased: list[tuple[str, str]] = []
        self._lanes: dict[str, set[int]] = {}
        self._streamed: list[FeedItem] = []

    @abstractmethod
    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """A statement with `?` in this transaction."""

    @abstractmethod
    def stream(self, key: Key) -> tuple[int, int]:
        """(through, greatest) of a device's epoch: the end without gaps, and the highest number known."""

    @abstractmethod
    def expect(self, keys: set[Key]) -> None:
        """These streams will be asked for together: where a database locks them, it does so now and in their order."""

    @abstractmethod
    def erase(self, person: str, community: str) -> int:
        """Null the payloads of everything about a person there; how many had one."""

    @abstractmethod
    def prove(self) -> None:
        """As `Store.prove`, beyond what a transaction takes at its beginning."""

    @abstractmethod
    def find(self, id: str) -> FeedItem | None:
        """The fact of this id, if it is here."""

    @abstractmethod
    def flush(self) -> None:
        """Whatever was kept so far is seen by the statements that follow."""

    @abstractmethod
    def _moved(self, key: Key, through: int, greatest: int) -> None:
        """A device's epoch stands here now."""

    @abstractmethod
    def _keep(self, facts: Sequence[Row], payloads: Sequence[Payload]) -> None:
        """Keep facts that are known to be new."""

    @abstractmethod
    def _keep_if_new(self, batch: Prepared) -> bool:
        """Keep the batch whole, or nothing of it where one of its ids is taken: then False."""

    @abstractmethod
    def _taken(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that are here."""

    def append(self, batch: Prepared) -> Appended:
        """What a device sent: in one step where it goes on where its stream ended."""
        key = (batch.device, batch.epoch)
        through, greatest = self.stream(key)
        goes_on = through == greatest and not batch.poison and _follows(through, batch.facts)
        if goes_on and self._keep_if_new(batch):
            through += len(batch.facts)
            self._moved(key, through, through)
            return Appended(through, fresh=len(batch.facts))
        self.flush()
        return self._append_carefully(batch)

    def _append_carefully(self, batch: Prepared) -> Appended:
        if batch.released:
            release(self.execute, batch)
        reckoning = reckon(batch, *self._known(batch))
        if reckoning.fork:
            rows = self.execute(_FORK, (batch.epoch, batch.epoch, batch.device))
            return Appended(0, fork_epoch=rows[0][0] if rows else batch.epoch + 1)
        through, beyond = self._settle(batch, reckoning)
        aside = tuple(sorted(p.seq for p in batch.poison))
        return Appended(through, gaps(through, beyond), aside, fresh=len(reckoning.keep))

    def absorb(self, batch: Prepared) -> int:
        """Facts from upstream; how many were new."""
        self.flush()
        known, aside, taken = self._known(batch)
        if any(fact[SEQ] in aside for fact in batch.facts):  # the one above has taken what was put aside here
            release(self.execute, batch)
            known, aside, taken = self._known(batch)
        reckoning = sift(batch, known, aside, taken)
        if reckoning.keep or reckoning.evidence:
            self._settle(batch, reckoning)
        return len(reckoning.keep)

    def _settle(self, batch: Prepared, reckoning: Reckoning) -> tuple[int, list[int]]:
        """Do what was reckoned. Where the stream stands then, and the numbers beyond the former end."""
        self._keep([batch.facts[i] for i in reckoning.keep], [batch.payloads[i] for i in reckoning.keep])
        self._put_aside(batch, reckoning)
        return self._advance((batch.device, batch.epoch))

    def _known(self, batch: Prepared) -> tuple[dict[int, bytes], set[int], set[str]]:
        """Of the batch's numbers: hashes known and what was put aside; and those of its ids that are taken."""
        seqs = [f[SEQ] for f in batch.facts] + [p.seq for p in batch.poison]
        span = (batch.device, batch.epoch, min(seqs, default=0), max(seqs, default=0))
        where = "WHERE device = ? AND epoch = ? AND seq BETWEEN ? AND ?"
        known: dict[int, bytes] = {row[0]: row[1] for row in self.execute(f"SELECT seq, hash FROM facts {where}", span)}
        aside = {
            row[0]
            for table in ("quarantine", "evidence")
            for row in self.execute(f"SELECT seq FROM {table} {where}", span)
        }
        return known, aside, self._taken([f[ID] for f in batch.facts if f[SEQ] not in known])

    def _put_aside(self, batch: Prepared, reckoning: Reckoning) -> None:
        for i in reckoning.evidence:
            fact = batch.facts[i]
            told = repr(dict(zip(COLUMNS, fact, strict=True)))
            self.execute(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, fact[SEQ], fact[ID], told, *batch.payloads[i]),
            )
        for i in reckoning.poison:
            p = batch.poison[i]
            self.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)",
                (batch.device, batch.epoch, p.seq, p.reason, p.raw, batch.received),
            )

    def _advance(self, key: Key) -> tuple[int, list[int]]:
        self.flush()
        through, greatest = self.stream(key)
        beyond = [
            row[0]
            for table in ("facts", "quarantine", "evidence")
            for row in self.execute(
                f"SELECT seq FROM {table} WHERE device = ? AND epoch = ? AND seq > ? AND seq <= ?",
                (*key, through, own.GREATEST),
            )
        ]
        through = contiguous(through, beyond)
        self._moved(key, through, max([greatest, through, *beyond]))
        return through, beyond

    def _learn(self, facts: Sequence[Row], payloads: Sequence[Payload]) -> tuple[list[Row], list[tuple[str, str]]]:
        """Facts of the roster are heeded in their order, and passages that follow put into the lane of their person.

        The facts as they are to be kept, and whom one of them erases: (person, community).
        """
        found, gone = [], []
        for fact, (_, body) in zip(facts, payloads, strict=True):
            lane = fact[LANE]
            if lane == _PASSAGE:
                fact = people.relane(fact, self.elders)
            elif lane == _ROSTER and (person := people.learn(fact, body, self.elders, self.execute)):
                gone.append((person, fact[COMMUNITY]))
            found.append(fact)
        return found, gone

    def _tell(self, facts: Sequence[Row], positions: Iterable[int], payloads: Sequence[Payload]) -> None:
        """Note for `fresh` what has been kept."""
        lanes = {(fact[COMMUNITY], fact[LANE]) for fact in facts}
        for community, lane in lanes:
            self._lanes.setdefault(community, set()).add(lane)
        if any(lane in STREAMED for _, lane in lanes):
            self._streamed += [
                own.feed_item(position, fact, *payload)
                for fact, position, payload in zip(facts, positions, payloads, strict=True)
                if fact[LANE] in STREAMED
            ]

    def fresh(self) -> Fresh | None:
        """What listeners are told once this is durable; None where there is nothing."""
        if not (self.heads or self.erased):
            return None
        lanes = {community: frozenset(found) for community, found in self._lanes.items()}
        return Fresh(dict(self.heads), lanes, self._streamed, self.erased)


def _follows(through: int, facts: Sequence[Row]) -> bool:
    """Whether the numbers go on from `through` without a gap."""
    return bool(facts) and [fact[SEQ] for fact in facts] == list(range(through + 1, through + 1 + len(facts)))
