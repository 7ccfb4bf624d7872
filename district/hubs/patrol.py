"""Walks through the facts from end to end, a slice at a time, and holds each against its own hash: what a bad disk or a clumsy hand
has changed is known then, left out of the checksums, and mended from whoever still has it as it was.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from district.hubs.giving_way import Copy, GivingWay
from district.hubs.settled import Settled
from district.scope import Lane, Scope, may_lie_in
from district.store.own import is_sound_item
from district.store.port import DEVICE, EPOCH, ID, SEQ, Prepared, Store
from district.store.registry import Registry
from offline.wire import Checksum, FeedItem, fold_hash

log = logging.getLogger(__name__)
SLICE = 5_000  # about a quarter of a second once a minute: a million facts in three and a half hours
MOST_MISPLACED = 500  # in a walk, as many as a store puts in place at once


class Patrol:
    """One a process; any thread."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._lock = store, threading.Lock()
        self.settled = Settled(registry)
        self.giving_way = GivingWay(registry)  # sound ones that do not count: left out and replaced like the harmed
        self._reached: dict[tuple[str, int], int] = {}  # by community and lane, in this walk
        self._harmed: dict[tuple[str, int], Copy] = {}  # by community and position
        self._asked: set[str] = set()
        self._misplaced: list[str] = []  # ids of what lies in a lane that is not its kind's, in this walk
        self.put_right: Callable[[], None] = lambda: None  # told when rows have changed that may have been summed
        self.mended = 0  # facts, since this program started
        self.rounds = 0  # walks from end to end since this program started

    @property
    def harmed(self) -> list[Copy]:
        with self._lock:
            return list(self._harmed.values())

    @property
    def unsettled(self) -> list[Copy]:
        """What is harmed and nobody has settled yet."""
        return [copy for copy in self.harmed if copy not in self.settled]

    @property
    def discounted(self) -> list[Copy]:
        """What is harmed here or gives way: nobody needs to hold it, and it is put right by whoever has it."""
        return list({(c.community, c.position): c for c in (*self.giving_way.copies, *self.harmed)}.values())

    def walk(self, room: int = SLICE) -> int:
        """Look at the next facts, from the beginning again where the end was reached; how many harmed ones were found."""
        found = 0
        for community in sorted(heads := self._store.heads()):
            for lane in sorted(Lane):
                while room > 0 and (after := self._reached.get((community, int(lane)), 0)) < heads[community]:
                    page = self._store.feed_after(Scope((community,), frozenset({lane})), {community: after}, room)
                    found += sum(self._look(item, int(lane)) for item in page.items)
                    self._reached[community, int(lane)] = page.positions[community]
                    room -= max(1, len(page.items))
        if room > 0:
            self._reached.clear()
            self.rounds += 1
            misplaced, self._misplaced = self._misplaced, []
            if strays := self._store.put_in_place(misplaced):
                log.error(
                    "%d facts had no place in their feed, or another's: altered here; they stand at its end now", strays
                )
                self.mended += strays
                self.put_right()
        self._doubt()
        return found

    def _doubt(self) -> None:
        """What does not count here is no all-clear for the rules either."""
        self._store.doubted = frozenset(copy.id for copy in self.discounted)

    def _look(self, item: FeedItem, lane: int) -> bool:
        """Whether it is harmed, and that was not known."""
        key, e = (item.event.community, item.position), item.event
        sound = is_sound_item(item)
        self.settled.look(key, item, sound)
        if sound and not may_lie_in(lane, e.kind, e.subject) and len(self._misplaced) < MOST_MISPLACED:
            self._misplaced.append(e.id)
        if not sound:
            with self._lock:
                new = key not in self._harmed
                self._harmed[key] = Copy(
                    e.id, item.device, item.epoch, e.seq, e.community, lane, item.position, item.hash
                )
            if new:
                log.error("%s %s of %s at %s is not what its hash says: altered here", e.kind, e.id, item.device, key)
            return new
        with self._lock:
            self._harmed.pop(key, None)
        return False

    def sums(self, told: Sequence[Checksum], scope: Scope, positions: dict[str, int]) -> list[Checksum]:
        """The checksums of a reader of this scope, less what does not count here."""
        whole = {(s.community, s.device, s.epoch): (s.count, s.sum) for s in told}
        for h in self.discounted:
            key = (h.community, h.device, h.epoch)
            if key in whole and scope.reads(h.community, h.lane) and h.position <= positions.get(h.community, 0):
                count, folded = whole[key]
                whole[key] = (count - 1, folded ^ fold_hash(bytes.fromhex(h.hash)))
        return [Checksum(*key, *sums) for key, sums in whole.items() if sums[0]]

    def awaits(self, batch: Prepared) -> bool:
        """Whether some of these facts are harmed here or give way, and may be put right by it."""
        return bool((self._harmed and self._in([batch])) or self.giving_way.of([batch]))

    def _in(self, batches: Sequence[Prepared]) -> list[Copy]:
        facts = [fact for batch in batches for fact in batch.facts]
        keys, ids = {(f[DEVICE], f[EPOCH], f[SEQ]) for f in facts}, {f[ID] for f in facts}
        return [h for h in self.harmed if (h.device, h.epoch, h.seq) in keys or h.id in ids]

    def mend(self, batches: Sequence[Prepared], source: bool = False) -> int:
        """Put these facts in the place of what is harmed of them or gives way; how many that were."""
        count = self._store.mend(batches, source)
        if taking_over := self.giving_way.of(batches):
            count += self._store.mend(taking_over, source=True)
            self.giving_way.drop((f[DEVICE], f[EPOCH], f[SEQ]) for batch in taking_over for f in batch.facts)
        if count:
            self.put_right()
            log.warning(
                "%d facts are whole again; of those that were altered, what was found is kept as evidence", count
            )
        self.mended += count
        for h in self._in(batches):
            lane = Scope((h.community,), frozenset({Lane(h.lane)}))
            page = self._store.feed_after(lane, {h.community: h.position - 1}, 1)
            if not page.items or page.items[0].position != h.position or is_sound_item(page.items[0]):
                with self._lock:
                    self._harmed.pop((h.community, h.position), None)
                self.settled.drop((h.community, h.position))
        self._doubt()
        return count

    def ask_again(self, device: str, epoch: int, through: int) -> int:
        """Through which number to acknowledge, so that a device sends again what does not count here of its facts. Asked once: one
        that cannot be mended must not hold up what follows."""
        for h in self.discounted:
            if (h.device, h.epoch) == (device, epoch) and h.id not in self._asked:
                self._asked.add(h.id)
                through = min(through, max(0, h.seq - 1))
        return through
