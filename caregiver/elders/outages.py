"""When no server heard a home (`watch.outages`), from what the replica holds."""

from datetime import datetime

from caregiver.elders.seen import facts
from caregiver.memory.reading import Reader
from domain.watched import Span
from watch.ledger import Seen
from watch.outages import HEARD, STOOD, Heard, server_of, unheard_since

# where the plan is kept; without one, where the home's devices stand
_COMMUNITY = """SELECT coalesce(
    (SELECT f.community FROM elders_plans e JOIN facts f ON f.id = e.id WHERE e.person = ?1),
    (SELECT community FROM elders_devices WHERE person = ?1 LIMIT 1))"""
# as `watch.outages.heard`, from columns alone: to read what each sign says takes longer than the rest of judging
_HEARD = """SELECT f.device, s.at, f.received, f.trusted FROM elders_signs s JOIN facts f ON f.rowid = s.fact
    WHERE s.person = ? AND s.at >= ? AND s.device <> '' AND s.kind GLOB ?"""


class Outages:
    """For as many homes as are asked for: what servers said of themselves is read when there is more of it than before."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._read = reader, 0
        self._told: list[Seen] = []

    def unheard(self, person: str, since: datetime) -> list[Span]:
        """The spans that end after `since` in which no server of their community heard the home of `person`."""
        if not (told := self._stood_still()):
            return []
        server = server_of(self._reader.value(_COMMUNITY, (person,)) or "")
        of_theirs = [fact for fact in told if fact.subject == server]
        return unheard_since(since, of_theirs, lambda begin: self._heard(person, begin))

    def _stood_still(self) -> list[Seen]:
        there = int(self._reader.value("SELECT count(*) FROM facts WHERE kind = ?", (STOOD,)))
        if there != self._read:
            self._read, self._told = there, facts(self._reader, "WHERE f.kind = ?", STOOD)
        return self._told

    def _heard(self, person: str, since: int) -> list[Heard]:
        return [Heard(*row) for row in self._reader.rows(_HEARD, (person, since, f"{HEARD}*"))]
