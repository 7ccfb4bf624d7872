"""What the window stands on: the replica, who is signed in, the presenters, and what has changed since the last look. No Qt."""

import json
from collections.abc import Callable, Container
from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from caregiver.admin.accounts import Accounts
from caregiver.admin.exports import Exports, FileLine
from caregiver.asking import Asking
from caregiver.calls.desk import Calls
from caregiver.changes import Changes, Noted
from caregiver.colleagues import Colleagues
from caregiver.connection import Connection, connection
from caregiver.elders import remembered
from caregiver.elders.board import Board, Judge
from caregiver.elders.judging import agreed_plan, judge_for
from caregiver.elders.plans import summary
from caregiver.elders.projection import EldersProjection
from caregiver.elders.visits import Visits
from caregiver.gatelog.log import NOT_THIS_PERSON
from caregiver.gatelog.picture import LookLine, PictureDesk
from caregiver.gatelog.projection import VERDICT, WITHDRAWN, GateLogProjection
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.projection import IncidentsProjection
from caregiver.people import People
from caregiver.photos import Photos
from caregiver.reading import Reader
from caregiver.refusals import RefusalsProjection
from caregiver.residents.access import AccessDesk
from caregiver.residents.projection import ResidentsProjection
from caregiver.session import Session
from caregiver.wording import Tongue
from domain.duties import Actor
from domain.errors import Mendable
from domain.events import from_ms
from offline.journal import Journal
from offline.keystore import Keystore
from offline.node_clock import NodeClock
from offline.notes import open_note, seal_note
from offline.projections import Projection, StoredFact
from offline.roster import Roster, RosterProjection
from offline.sync import SyncStatus


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


class Sync(Protocol):
    """The part of `offline.sync.SyncService` that the desk uses."""

    @property
    def status(self) -> SyncStatus: ...

    def poke(self) -> None: ...

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]: ...


class AppState:
    """Made once by `caregiver.bootstrap`; everything but `note` is called from the window's thread."""

    def __init__(
        self,
        journal: Journal,
        keys: Keystore,
        clock: NodeClock,
        session: Session,
        sync: Sync | None = None,
        zone: tzinfo | None = None,
        judge: Judge | None = None,
        holidays: Container[date] = frozenset(),
    ) -> None:
        self.journal, self.keys, self.clock = journal, keys, clock
        self.session, self.sync, self.zone, self.holidays = session, sync, zone, holidays
        self.reader = Reader(journal.file)
        self.roster = Roster(journal, keys)
        self.people = People(self.reader, keys)
        self.incidents = IncidentDesk(
            journal, self.reader, self.people, Actor(session.person, session.role), self.hurry, clock.now
        )
        self._remembered = journal.path.with_name("standings"), keys.secret("standings")
        known = remembered.load(*self._remembered, self.reader, clock.now())
        self.board = Board(
            self.reader, self.people, self.incidents.of, judge or judge_for(self.reader, holidays), clock.now, known
        )
        self.visits = Visits(journal, self.reader, session.person, self.now)
        self.photos = Photos(journal, self.reader, keys, session.person)
        self.calls = Calls(journal, self.reader, session.person, self.hurry, clock.now)
        self.accounts: Accounts | None = None  # these three where somebody is signed in at a district
        self.exports: Exports | None = None
        self.retention: Asking | None = None
        self._names_file = Colleagues(journal.path.with_name("colleagues"), keys.secret("colleagues"))
        self.pictures = PictureDesk()
        self.access = AccessDesk(journal, keys, session.person, lambda: self.zone)
        self.colleague_names = self._names_file.kept()  # of accounts, by id
        self._noted = Noted()
        self._listeners: list[Callable[[], None]] = []
        self._stop_listening: list[Callable[[], None]] = []
        self._status = sync.status if sync else None
        if sync is not None:
            self._stop_listening.append(sync.on_status(self._heard))
        self._stop_listening += [journal.on_change(self._note), keys.on_arrival(self._keys_came)]

    def connect(self, line: Callable[[], DeskLine], token: Callable[[], str], community: str, url: str) -> None:
        """Ask the district as the person who sits here; each asker has a `line` of its own, since each has a thread."""
        self.accounts = Accounts(line(), token, community, url)
        self.access.connect(line(), token)
        self.pictures.connect(line(), token)
        self.exports = Exports(line(), token, community)
        self.retention = Asking(line(), token, "retention", {})
        asking = Asking(line(), token, "accounts", {})
        self._names_file = Colleagues(self.journal.path.with_name("colleagues"), self.keys.secret("colleagues"), asking)

    def ask_names(self) -> dict[str, str]:
        """The colleagues' names as the district has them now; for a background thread."""
        return self._names_file.ask()

    # ---- time and line ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The district's time in the zone of this desk."""
        return self.clock.now().astimezone(self.zone)

    def local(self, at: datetime | int) -> datetime:
        return (from_ms(at) if isinstance(at, int) else at).astimezone(self.zone)

    def connection(self) -> Connection:
        return connection(self._status, self.clock.now_ms())

    def _heard(self, status: SyncStatus) -> None:
        self._status = status
        self._tell()

    def hurry(self) -> None:
        """What was just recorded goes up now."""
        if self.sync is not None:
            self.sync.poke()

    # ---- changes ----------------------------------------------------------------------------------------------------

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` when there is something to `take`, on whatever thread it came."""
        self._listeners.append(listener)

    def _note(self, facts: list[StoredFact]) -> None:
        self._noted.note(facts)
        self._tell()

    def _keys_came(self, people: list[str]) -> None:
        """Names that could not be read can be now."""
        self._noted.names(people)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def take(self, at_most: int | None = None, first: Callable[[Changes], None] | None = None) -> Changes:
        """Bring the presenters up to date with everything noted since the last time, and say what it was.

        Incidents come first, and `first` is called when they are in. Of people no more than `at_most` are read again; the rest
        waits for the next time, and `more` says so.
        """
        changes = self._noted.take(at_most)
        try:
            if changes.roster:
                self.people.refresh(changes.roster)
            if changes.incidents:
                self.incidents.refresh(changes.incidents)
            if first is not None:
                first(changes)
            if changes.people:
                self.board.refresh(changes.people)
        except BaseException:  # nothing that was noted may be lost: the next time takes it again
            self._noted.put_back(changes)
            raise
        return changes

    @property
    def more(self) -> bool:
        """Whether there is something left to `take`."""
        return self._noted.any

    @property
    def urgent(self) -> bool:
        """Whether there are incidents among it."""
        return self._noted.urgent

    # ---- what the desk does -----------------------------------------------------------------------------------------

    def acknowledge(self, incident: str) -> None:
        """Take an incident: "I have it". Durable on return; goes to the district ahead of everything else."""
        self.incidents.acknowledge(incident)

    def payload(self, fact: int) -> dict[str, Any]:
        """The payload of a fact by its row; {} where it was erased."""
        body = self.reader.value("SELECT body FROM payloads WHERE fact = ?", (fact,))
        return {} if body is None else json.loads(body)

    def judge(self, passage: int, person: str | None, verdict: str) -> None:
        """A reader's verdict on a passage, in place of their last. "Not this person" also tightens that resident's margin at
        the kiosks, and taking it back releases it; a stranger is never stored. '' takes the verdict back."""
        id = self.reader.value("SELECT id FROM facts WHERE rowid = ?", (passage,))
        me = self.session.person
        before = self.reader.value("SELECT verdict FROM gatelog_verdicts WHERE passage = ? AND by = ?", (passage, me))
        about = {"passage": id, "by": me}
        said = (VERDICT, {**about, "verdict": verdict}) if verdict else (WITHDRAWN, about)
        facts: list[tuple[str, dict[str, Any], str | None, int | None, str | None]] = [(*said, None, None, None)]
        doubted, doubts = before in NOT_THIS_PERSON, verdict in NOT_THIS_PERSON
        if person is not None and doubts != doubted:
            facts.append(("margin.tightened" if doubts else "margin.released", about, person, None, None))
        self.journal.append_all(facts)

    def known_name(self, id: str) -> str:
        """Whoever an id in a fact is, as far as this desk knows: a resident, a colleague; '' for anybody else."""
        person = self.people.find(id)
        return person.name if person is not None else self.colleague_names.get(id, "")

    def name_of(self, id: str) -> str:
        """The name of whoever an id in a fact is, or the id itself."""
        return self.known_name(id) or id

    def colleagues(self) -> list[tuple[str, str]]:
        """(id, name) of those who have worked on incidents or are on call, whose names can be read here."""
        rows = self.reader.rows(
            "SELECT DISTINCT by FROM incidents_facts UNION SELECT DISTINCT leader FROM incidents_now"
        )
        found = {row[0]: name for row in rows if row[0] and (name := self.known_name(row[0]))}
        return sorted(found.items(), key=lambda pair: pair[1])

    def medical_note(self, person: str, why: str) -> str:
        """Break the glass: record who looks and why, then open the sealed copy; '' where there is none."""
        sealed = self.sealed_note(person, why)
        by = {"by": self.session.person, "what": "medical_note_sealed", "why": sealed["note"]}
        self.journal.append("record.viewed", by, subject=person)
        note = (self.board.plan(person) or {}).get("medical_note")
        return self.open_note(person, {"note": note})

    def plan_summary(self, person: str, tongue: Tongue) -> list[str]:
        """The care plan in plain words; nothing where there is none."""
        plain = self.board.plan(person)
        return [] if plain is None else summary(agreed_plan(self.reader, person, plain), tongue, self.zone)

    def sealed_note(self, about: str, words: str) -> dict[str, str]:
        """`words` sealed under the key of the person they are about, as a payload carries them."""
        return {"note": seal_note(self.keys, about, words)}

    def open_note(self, about: str, payload: dict[str, Any]) -> str:
        """The words that `sealed_note` sealed; '' where there are none or the key is not here."""
        return open_note(self.keys, about, payload.get("note"))

    def remember(self) -> None:
        """Keep what the rules said for the next start. A disk that will not, or damage, is no reason to fail: the rules are asked
        again."""
        with suppress(OSError, Mendable):
            remembered.save(*self._remembered, self.board.remember(), self.reader, self.clock.now())

    def close(self) -> None:
        for stop in self._stop_listening:
            stop()
        self.remember()
        self.reader.close()
