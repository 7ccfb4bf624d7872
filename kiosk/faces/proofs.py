"""What this gate remembers of residents' proofs of life: passed, not passed, and when; in memory only."""

from datetime import date

from domain.liveness import FAILED_FOR_S, MOST_FAILED


class Proofs:
    """By person. Days are local; seconds are monotonic."""

    def __init__(self) -> None:
        self._proved: dict[str, date] = {}  # day of the last proof of life
        self._passed: dict[str, date] = {}  # and of the last passage, since the journal last spoke
        self._failed: dict[str, list[float]] = {}  # when challenges were not passed

    def journal_spoke(self) -> None:
        """Who passed today is known from the journal again."""
        self._passed.clear()

    def passed(self, person: str, day: date) -> None:
        self._passed[person] = day

    def proved(self, person: str, day: date) -> None:
        """They are alive: what was tried for them before is forgotten."""
        self._proved[person] = day
        self._failed.pop(person, None)

    def failed(self, person: str, at: float) -> None:
        """A challenge was not passed: it is held against the next one who is taken for them."""
        self._failed.setdefault(person, []).append(at)

    def came_otherwise(self, person: str) -> None:
        """By their own card or PIN: what others tried with their picture bars their face no longer, but it is asked warily."""
        self._failed[person] = self._failed.get(person, [])[1 - MOST_FAILED :]

    def passed_on(self, person: str, day: date) -> bool:
        return self._passed.get(person) == day

    def proved_on(self, person: str, day: date) -> bool:
        return self._proved.get(person) == day

    def failed_lately(self, person: str, now: float) -> int:
        """How many challenges that named them were not passed within FAILED_FOR_S."""
        return sum(now - at < FAILED_FOR_S for at in self._failed.get(person, ()))
