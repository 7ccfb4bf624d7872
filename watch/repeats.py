"""Signals that come faster than anybody could be told of them: a button that is stuck, a flood from outside.

What comes within ten seconds of a signal that was weighed, about the same and with nothing done in between, would join its incident
and ring nobody. It is counted, and the count is told when the ten seconds are over: weighing each by itself, against a history that
grows with each, would keep the alarms of everybody else waiting. Every signal is a fact all the same.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.incident_kinds import Kind
from domain.joins import JOIN_WITHIN
from watch.ledger import Seen

Key = tuple[
    str, Kind, bool, str
]  # of whom, what, whether it is a drill, and by which device where another's is more of it


@dataclass(slots=True)
class Weighed:
    """The last signal that was weighed, and what came of it; `more`: signals counted since, the `last` of them by its marker."""

    at: datetime
    fact: Seen
    more: int = 0
    last: str = ""


class Repeats:
    """In memory alone: after a restart the next signal is weighed again, and a count that was not told yet is lost."""

    def __init__(self) -> None:
        self._weighed: dict[Key, Weighed] = {}
        self._over: list[Weighed] = []

    def weighed(self, key: Key, at: datetime, fact: Seen) -> None:
        self._end(key)
        self._weighed[key] = Weighed(at, fact)

    def joins(self, key: Key, marker: str, at: datetime) -> Seen | None:
        """What the signal was counted with; None where it must be weighed."""
        found = self._weighed.get(key)
        if found is None or abs(at - found.at) > JOIN_WITHIN:
            return None
        found.more, found.last = found.more + 1, marker
        return found.fact

    def heed(self, fact: Seen) -> None:
        """A step of an incident of theirs, by whomever: the next signal is weighed by itself."""
        for key, found in list(self._weighed.items()):
            if key[0] == fact.subject and fact.id != found.fact.id:
                self._end(key)

    def over(self, now: datetime) -> list[Weighed]:
        """Those that counted something and count no more; they are forgotten."""
        for key, found in list(self._weighed.items()):
            if abs(now - found.at) > JOIN_WITHIN:
                self._end(key)
        over, self._over = self._over, []
        return over

    def _end(self, key: Key) -> None:
        found = self._weighed.pop(key, None)
        if found is not None and found.more:
            self._over.append(found)
