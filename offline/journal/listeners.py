"""Who hears of facts, and facts of which nobody has heard yet."""

import logging
from collections.abc import Callable, Iterable

from offline.journal.projections import StoredFact

log = logging.getLogger(__name__)
Changed = Callable[[list[StoredFact]], None]


class Listeners:
    """For whoever holds the journal's turns."""

    def __init__(self) -> None:
        self._listeners: list[Changed] = []
        self._kept: list[StoredFact] = []

    def add(self, listener: Changed) -> Callable[[], None]:
        """Returns what stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def keep(self, facts: Iterable[StoredFact]) -> None:
        """To be told before whatever comes next."""
        self._kept += facts

    def tell(self, facts: Iterable[StoredFact] = ()) -> None:
        """The facts are in the file: a listener that fails takes nothing back, and must not keep the others from hearing."""
        told, self._kept = [*self._kept, *facts], []
        for listener in list(self._listeners) if told else ():
            try:
                listener(told)
            except Exception:
                log.exception("a listener of the journal failed")
