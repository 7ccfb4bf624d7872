"""The replica with every room's presenter over it, as the window hands them to its pages. No Qt."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol

from caregiver.account.own import OwnAccount
from caregiver.admin.exports import FileLine
from caregiver.admin.presenter import Administration
from caregiver.asking import Asking
from caregiver.calls.desk import Calls
from caregiver.elders.board import Judge
from caregiver.elders.judging import Routines, no_routine
from caregiver.elders.presenter import Elders
from caregiver.elders.projection import EldersProjection
from caregiver.gatelog.picture import LookLine
from caregiver.gatelog.projection import GateLogProjection
from caregiver.gatelog.review import Review
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.projection import IncidentsProjection
from caregiver.memory.colleagues import Colleagues
from caregiver.memory.refusals import RefusalsProjection
from caregiver.memory.replica import Replica, Sync
from caregiver.residents.access import AccessDesk
from caregiver.residents.projection import ResidentsProjection
from caregiver.session import Session
from domain.calendars import ORDINARY, Calendar
from offline.journal.journal import Journal
from offline.journal.projections import Projection
from offline.keys.keystore import Keystore
from offline.node_clock import NodeClock
from offline.roster import RosterProjection


def projections() -> tuple[Projection, ...]:
    """What the desk's journal must carry."""
    return (
        RosterProjection(),
        EldersProjection(),
        IncidentsProjection(),
        GateLogProjection(),
        ResidentsProjection(),
        RefusalsProjection(),
    )


class DeskLine(FileLine, LookLine, Protocol):
    """All that is asked of the district by whoever sits here."""


class AppState(Replica):
    """Made once by `caregiver.bootstrap` for whoever sits here. A page sees the replica and the presenter of its own room."""

    def __init__(
        self,
        journal: Journal,
        keys: Keystore,
        clock: NodeClock,
        session: Session,
        sync: Sync | None = None,
        zone: tzinfo | None = None,
        judge: Judge | None = None,
        calendar: Calendar = ORDINARY,
        routine: Routines = no_routine,
    ) -> None:
        super().__init__(journal, keys, clock, session, sync, zone, calendar)
        self.incidents = IncidentDesk(self)
        self.elders = Elders(self, self.incidents, judge, routine)
        self.review = Review(self)
        self.calls = Calls(journal, self.reader, session.person, self.hurry, clock.now)
        self.access = AccessDesk(journal, keys, session.person, self.now)
        self.administration = Administration()
        self.account: OwnAccount | None = None  # where somebody is signed in at a district

    def connect(self, line: Callable[[], DeskLine], token: Callable[[], str], community: str, url: str) -> None:
        """Ask the district as the person who sits here; each asker has a `line` of its own, since each has a thread."""
        self.administration.connect(line, token, community, url)
        self.access.connect(line(), token)
        self.elders.medical.connect(line(), token)
        self.account = OwnAccount(line(), token)
        self.review.pictures.connect(line(), token)
        self._names = Colleagues(*self._names_file, Asking(line(), token, "accounts", {}))

    def close(self) -> None:
        self.elders.remember()
        super().close()
