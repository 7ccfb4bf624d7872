"""By what a place in a feed is known again: by the fact that stands there. A database that was put back gives the same places to
other facts, and a reader that went on from its own would pass over them.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from district.feeds.feed import MARK_DIGITS
from district.scope import Lane
from district.store.port import Store
from offline.wire import FeedItem

_KEPT = 10_000  # places; all readers of a community stand at the same few
_LANES = ", ".join(str(int(lane)) for lane in sorted(Lane))
Place = tuple[str, int]


class Marks:
    """One a process; any thread. A fact never leaves its place and keeps its id: what was looked up once stays."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._known: OrderedDict[Place, str] = OrderedDict()

    def of(self, positions: Mapping[str, int], items: Iterable[FeedItem] = ()) -> dict[str, str]:
        """The mark of each community's place; '' where nothing stands there. `items`: facts that are at hand."""
        here = {(item.event.community, item.position): item.event.id[-MARK_DIGITS:] for item in items}
        return {c: here.get((c, at)) or self._at((c, at)) for c, at in positions.items() if at}

    def fit(self, positions: Mapping[str, int], marks: Mapping[str, str]) -> bool:
        """Whether these places are still what they were when the marks were written down; a place without one is believed."""
        return all(self._at((c, positions[c])) == mark for c, mark in marks.items() if positions.get(c))

    def _at(self, place: Place) -> str:
        with self._lock:
            if (known := self._known.get(place)) is not None:
                self._known.move_to_end(place)
                return known
        community, position = place
        rows = self._store.read_within(
            (community,),
            f"SELECT id FROM facts WHERE community = ? AND lane IN ({_LANES}) AND position = ?",
            (community, position),
        )
        if not rows:
            return ""
        found = str(rows[0][0]).replace("-", "")[-MARK_DIGITS:]  # the last digits of an id are drawn by lot
        with self._lock:
            self._known[place] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found
