"""What the elders' pages ask: the board, visits, a plan in plain words, the note behind its glass. No Qt."""

from contextlib import suppress
from datetime import datetime

from caregiver.elders import remembered
from caregiver.elders.board import Board, Judge
from caregiver.elders.judging import Routines, agreed_plan, judge_for, no_routine
from caregiver.elders.medical import MedicalNotes
from caregiver.elders.plans import summary
from caregiver.elders.sensors import sensors
from caregiver.elders.visits import Visits
from caregiver.incidents.desk import IncidentDesk
from caregiver.memory.changes import Changes
from caregiver.memory.replica import Replica
from caregiver.wording import Tongue
from domain.errors import Mendable


class Elders:
    """Follows what comes; `incidents` says what is open for whom, `judge` how somebody stands otherwise (else: the rules, and what
    `routine` knows of each home)."""

    def __init__(
        self, replica: Replica, incidents: IncidentDesk, judge: Judge | None = None, routine: Routines = no_routine
    ) -> None:
        self._replica, self.incidents = replica, incidents
        self._remembered = replica.journal.path.with_name("standings"), replica.keys.secret("standings")
        self._clock = replica.clock.now
        known = remembered.load(*self._remembered, replica.reader, self._clock())
        judge = judge or judge_for(replica.reader, replica.calendar, routine)
        self.board = Board(
            replica.reader,
            replica.people,
            incidents.of,
            judge,
            self._clock,
            known,
            lambda: replica.filling,
            replica.known_name,
        )
        self.medical = MedicalNotes(replica, self.board)
        self.visits = Visits(replica.journal, replica.reader, replica.photos, replica.session.person, replica.now)
        replica.follow(self._came)

    def _came(self, changes: Changes) -> None:
        if changes.people:
            self.board.refresh(changes.people)

    def last_sign(self, person: str) -> tuple[datetime, str, str] | None:
        """When somebody was last heard, by what kind of sign, and where; None where that is not known."""
        elder = self.board.find(person)
        return None if elder is None or elder.last is None else (elder.last, elder.last_kind, elder.last_place)

    def plan_summary(self, person: str, tongue: Tongue) -> list[str]:
        """The care plan in plain words; nothing where there is none."""
        plain, replica = self.board.plan(person), self._replica
        if plain is None:
            return []
        plan, known = agreed_plan(replica.reader, person, plain), sensors(replica.reader, person, tongue)
        return summary(plan, tongue, replica.zone, plain, known)

    def remember(self) -> None:
        """Keep what the rules said for the next start. A disk that will not, or damage, is no reason to fail: the rules are asked
        again."""
        with suppress(OSError, Mendable):
            remembered.save(*self._remembered, self.board.remember(), self._replica.reader, self._clock())
