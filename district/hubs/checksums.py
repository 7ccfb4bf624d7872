"""Checksums of a community's feed, by the device whose facts they are: by these a replica notices that it has drifted.

Facts never change, so what was summed through a position stays summed until the patrol has been through them all: a check costs
what has come since the last one, and what was rewritten meanwhile is found with the next walk.
"""

import threading

from district.scope import Scope
from district.store.own import blob_of, number_of, word_of
from district.store.port import Store
from offline.wire import Checksum, fold_hash

SLICE = 20_000
Sums = dict[tuple[str, int], tuple[int, int]]  # (device, epoch) -> count, fold of hashes


class Checksums:
    """One a process; any thread."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._turns: dict[
            tuple[str, int], threading.Lock
        ] = {}  # a million facts take 2.5 s: nobody waits for others' lanes
        self._walks = 0  # of the patrol; a sum that was begun before one is not kept after it
        self._known: dict[tuple[str, int], tuple[int, Sums]] = {}  # by community and lane: through which position

    def forget(self) -> None:
        """Sum everything anew when asked next."""
        with self._lock:
            self._known.clear()
            self._walks += 1

    def of(self, scope: Scope, positions: dict[str, int]) -> list[Checksum]:
        """What a reader of this scope must hold that has applied the feed through `positions`."""
        found: list[Checksum] = []
        for community in scope.communities:
            whole: Sums = {}
            for lane in sorted(scope.lanes):
                for key, (count, folded) in self._lane(community, int(lane), positions.get(community, 0)).items():
                    before = whole.get(key, (0, 0))
                    whole[key] = (before[0] + count, before[1] ^ folded)
            found += [Checksum(community, device, epoch, *sums) for (device, epoch), sums in sorted(whole.items())]
        return found

    def _lane(self, community: str, lane: int, through: int) -> Sums:
        with self._lock:
            turn = self._turns.setdefault((community, lane), threading.Lock())
        with turn:
            walk = self._walks
            reached, sums = self._known.get((community, lane), (0, {}))
            if through < reached - through:
                return self._summed(community, lane, 0, through, {})
            if through < reached:  # a reader who is behind the last one: what lies between comes out again
                return _less(sums, self._summed(community, lane, through, reached, {}))
            sums = self._summed(community, lane, reached, through, dict(sums))
            with self._lock:
                if walk == self._walks:
                    self._known[community, lane] = (through, sums)
            return sums

    def _summed(self, community: str, lane: int, after: int, through: int, sums: Sums) -> Sums:
        while rows := self._store.read_within(
            (community,),
            "SELECT position, device, epoch, hash FROM facts WHERE community = ? AND lane = ? AND position > ?"
            " AND position <= ? ORDER BY position LIMIT ?",
            (community, lane, after, through, SLICE),
        ):
            for _, device, epoch, content in rows:
                key = (word_of(device), number_of(epoch))
                count, folded = sums.get(key, (0, 0))
                sums[key] = (count + 1, folded ^ fold_hash(blob_of(content)))
            if len(rows) < SLICE:
                break
            after = rows[-1][0]
        return sums


def _less(sums: Sums, beyond: Sums) -> Sums:
    """Folding is its own inverse."""
    found = {k: (n - beyond.get(k, (0, 0))[0], folded ^ beyond.get(k, (0, 0))[1]) for k, (n, folded) in sums.items()}
    return {key: whole for key, whole in found.items() if whole[0]}
