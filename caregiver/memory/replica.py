"""What every room of the desk stands on: the journal, the keys, the time, who sits here, names, and what changed since the last
look. No Qt."""

import json
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, Protocol

from caregiver.memory.changes import Changes, Noted
from caregiver.memory.colleagues import Colleagues
from caregiver.memory.connection import Connection, connection
from caregiver.memory.gates import gate_names
from caregiver.memory.people import People
from caregiver.memory.photos import Photos
from caregiver.memory.reading import Reader
from caregiver.memory.refusals import refused_steps
from caregiver.session import Session
from domain.calendars import ORDINARY, Calendar
from domain.events import from_ms
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.keystore import Keystore
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED
from offline.letters.notes import open_note, seal_note
from offline.letters.put_aside import PUT_ASIDE
from offline.line.link import SyncStatus
from offline.node_clock import NodeClock
from offline.roster import Roster

Follower = Callable[[Changes], None]
LONGEST_ID = 16  # characters that are shown of somebody who is not known here


Unsaved = dict[str, dict[str, Any]]  # by form, and by whom or what it is about


class Sync(Protocol):
    """The part of `offline.line.link.SyncService` that the desk uses."""

    @property
    def status(self) -> SyncStatus: ...

    def poke(self) -> None: ...

    def on_status(self, listener: Callable[[SyncStatus], None]) -> Callable[[], None]: ...


class Replica:
    """What this desk holds of the community. Everything but `note` is called from the window's thread."""

    def __init__(
        self,
        journal: Journal,
        keys: Keystore,
        clock: NodeClock,
        session: Session,
        sync: Sync | None = None,
        zone: tzinfo | None = None,
        calendar: Calendar = ORDINARY,
    ) -> None:
        self.journal, self.keys, self.clock = journal, keys, clock
        self.session, self.sync, self.zone, self.calendar = session, sync, zone, calendar
        self.reader = Reader(journal.file)
        self.roster = Roster(journal, keys)
        self.people = People(self.reader, keys)
        self.photos = Photos(journal, self.reader, keys, session.person)
        self._names_file = journal.path.with_name("colleagues"), keys.secret("colleagues")
        self._names = Colleagues(*self._names_file)
        self.colleague_names = self._names.kept()  # of accounts, by id
        self.gate_names = gate_names(self.reader)
        self.unsaved: Unsaved = {}  # what whoever sits here has begun to write
        self._noted = Noted()
        self._urgent: list[Follower] = []
        self._followers: list[Follower] = []
        self._listeners: list[Callable[[], None]] = []
        self._stop_listening: list[Callable[[], None]] = []
        self._status = sync.status if sync else None
        if sync is not None:
            self._stop_listening.append(sync.on_status(self._heard))
        self._stop_listening += [
            journal.on_change(self._note), journal.on_rebuild(self._folded_anew), keys.on_arrival(self._keys_came),
        ]  # fmt: skip

    # ---- time and line ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The district's time in the zone of this desk."""
        return self.clock.now().astimezone(self.zone)

    def local(self, at: datetime | int) -> datetime:
        return (from_ms(at) if isinstance(at, int) else at).astimezone(self.zone)

    def connection(self) -> Connection:
        return connection(self._status, self.clock.now_ms())

    @property
    def filling(self) -> bool:
        """Whether this desk has just joined and the past is still coming: nobody's standing can be told from a part of it."""
        return self._status is not None and self._status.filling

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

    def _folded_anew(self) -> None:
        """Somebody may have left this desk's scope: who is no more among those here must go from what is held of them."""
        held = [person.id for person in list(self.people)]
        here = [row["person"] for row in self.journal.query("SELECT person FROM roster_people")]
        kinds = [row["kind"] for row in self.journal.query("SELECT DISTINCT kind FROM facts")]
        self._noted.anew([*held, *here], kinds)
        self._tell()

    def _keys_came(self, people: list[str]) -> None:
        """Names that could not be read can be now."""
        self._noted.names(people)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def follow(self, follower: Follower, urgent: bool = False) -> None:
        """Call `follower` with whatever is taken over; the urgent ones before everybody else."""
        (self._urgent if urgent else self._followers).append(follower)

    def take(self, at_most: int | None = None, first: Follower | None = None) -> Changes:
        """Bring those who follow up to date with everything noted since the last time, and say what it was.

        Incidents come first, and `first` is called when they are in. Of people no more than `at_most` are read again; the rest
        waits for the next time, and `more` says so.
        """
        changes = self._noted.take(at_most)
        try:
            if changes.roster:
                self.people.refresh(changes.roster)
            if changes.kinds & {GATE_DESCRIBED, GATE_REMOVED}:
                self.gate_names = gate_names(self.reader)
            if PUT_ASIDE in changes.kinds:  # it names a number, not what stood under it
                changes.incident_steps(refused_steps(self.reader))
            for follower in (*self._urgent, *([first] if first is not None else []), *self._followers):
                follower(changes)
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

    # ---- what it can read -------------------------------------------------------------------------------------------

    def payload(self, fact: int) -> dict[str, Any]:
        """The payload of a fact by its row; {} where it was erased."""
        body = self.reader.value("SELECT body FROM payloads WHERE fact = ?", (fact,))
        return {} if body is None else json.loads(body)

    def ask_names(self) -> dict[str, str]:
        """The colleagues' names as the district has them now; for a background thread."""
        return self._names.ask()

    def known_name(self, id: str) -> str:
        """Whoever an id in a fact is, as far as this desk knows: a resident, a colleague; '' for anybody else."""
        person = self.people.find(id)
        return person.name if person is not None else self.colleague_names.get(id, "")

    def name_of(self, id: str) -> str:
        """The name of whoever an id in a fact is, or the id itself, no longer than a name."""
        return self.known_name(id) or (id if len(id) <= LONGEST_ID else f"{id[:8]}…")

    def begun(self, form: str) -> dict[str, Any]:
        """What was begun in a form that serves for many, by whom or what it is about."""
        return self.unsaved.setdefault(form, {})

    def sealed_note(self, about: str, words: str) -> dict[str, str]:
        """`words` sealed under the key of the person they are about, as a payload carries them."""
        return {"note": seal_note(self.keys, about, words)}

    def open_note(self, about: str, payload: dict[str, Any]) -> str:
        """The words that `sealed_note` sealed; '' where there are none or the key is not here."""
        return open_note(self.keys, about, payload.get("note"))

    def close(self) -> None:
        for stop in self._stop_listening:
            stop()
        self.reader.close()
