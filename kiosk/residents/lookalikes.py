"""Whom a resident could be taken for at this gate, as facts: ids only, told again only when it has changed."""

from collections import defaultdict
from collections.abc import Sequence

from kiosk.faces.gallery import Gallery
from offline.journal.journal import Journal

FOUND = "person.lookalikes_found"


class Radar:
    """`engine` is the one whose templates were compared: another sees other likenesses."""

    def __init__(self, journal: Journal, engine: str) -> None:
        self._journal, self._engine = journal, engine

    def tell(self, person: str, others: Sequence[str]) -> bool:
        """Record that `person` could be taken for `others`; False where that is known already."""
        wanted = sorted(others)
        if self._known().get(person, []) == wanted:
            return False
        self._journal.append(FOUND, {"others": wanted, "engine": self._engine}, subject=person)
        return True

    def sweep(self, gallery: Gallery, least: float) -> int:
        """Compare everybody with everybody; how many people there was something new to tell about."""
        now: dict[str, set[str]] = defaultdict(set)
        for one, other in gallery.close_pairs(least):
            now[one].add(other)
            now[other].add(one)
        known = self._known()
        new = {who: sorted(now.get(who, ())) for who in sorted(known.keys() | now.keys())}
        facts = [(who, others) for who, others in new.items() if known.get(who, []) != others]
        self._journal.append_all(
            [(FOUND, {"others": others, "engine": self._engine}, who, None, None) for who, others in facts]
        )
        return len(facts)

    def _known(self) -> dict[str, list[str]]:
        """What this gate said last, by person; nothing of what has been erased."""
        mine = self._journal.device
        return {
            str(f.envelope.subject): list(f.payload["others"])
            for f in self._journal.facts(FOUND)
            if f.envelope.device == mine and f.payload is not None
        }
