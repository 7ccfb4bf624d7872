"""Whom this gate knows, held in memory so that a visit never waits for the disk; folded from the journal."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from assets.words import LANGUAGES
from domain.consent import GIVEN, WITHDRAWN, Purpose
from domain.events import from_ms, moment
from domain.passages import Direction, Passed
from domain.people import Profile
from kiosk.passages.facts import PASSAGE, WELL
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.consented import let_go_without_consent
from kiosk.residents.lending import both
from kiosk.residents.templates import KEPT_AT_THE_GATE, Embeddings, TemplateStore
from kiosk.visit.people import Guest
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.keystore import Keystore
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.roster import ERASED, REGISTERED, Roster

log = logging.getLogger(__name__)

REMINDER = "reminder.due"  # of the district: an elder has not been heard from today


class PassagesProjection:
    """passages_last: each person's newest passage through any gate; passages_blocked: who is on the block list."""

    name = "passages"
    version = 2
    kinds = frozenset({PASSAGE, BLOCKED, UNBLOCKED, ERASED})

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE passages_last (person TEXT PRIMARY KEY, direction TEXT, at INTEGER)")
        db.execute("CREATE TABLE passages_blocked (person TEXT PRIMARY KEY, blocked INTEGER, hlc TEXT)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS passages_last")
        db.execute("DROP TABLE IF EXISTS passages_blocked")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if e.kind == ERASED:
            db.execute("DELETE FROM passages_last WHERE person = ?", (e.subject,))
            db.execute("DELETE FROM passages_blocked WHERE person = ?", (e.subject,))
        elif e.kind in (BLOCKED, UNBLOCKED):
            db.execute(
                "INSERT INTO passages_blocked VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET"
                " blocked = excluded.blocked, hlc = excluded.hlc WHERE excluded.hlc > hlc",
                (e.subject, e.kind == BLOCKED, e.hlc),
            )
        elif e.subject and p is not None and p.get("gate_did") == "opened":
            db.execute(
                "INSERT INTO passages_last VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET"
                " direction = excluded.direction, at = excluded.at WHERE excluded.at > at",
                (e.subject, Direction.told(p.get("direction")), _passed_at(fact)),
            )


class Residents:
    """Kept in step by the journal's listener; every question is answered from memory, from any thread."""

    def __init__(
        self,
        journal: Journal,
        roster: Roster,
        templates: TemplateStore,
        keys: Keystore,
        engine: tuple[str, str],
        zone: tzinfo = UTC,
        gallery_changed: Callable[[list[tuple[str, Embeddings]], dict[str, str]], None] = lambda _gallery, _homes: None,
        borrowed: Borrowed | None = None,
        filling: Callable[[], bool] = lambda: False,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        """`gallery_changed` returns at once. `filling`: the past is still coming, and with it who has withdrawn."""
        self._journal, self._roster, self._templates, self._keys = journal, roster, templates, keys
        self._engine, self._zone, self._gallery_changed = engine, zone, gallery_changed
        self._borrowed, self._filling, self._today, self._lock = borrowed, filling, today, threading.Lock()
        self._withheld = False  # the gallery that was handed on last, while this gate was being filled
        self._guests: dict[str, Guest] = {}
        self._flats: dict[str, str] = {}
        self._last: dict[str, Passed] = {}
        self._blocked: frozenset[str] = frozenset()
        self._awaited: dict[str, datetime] = {}
        self.reload()
        journal.on_change(self._heard)
        keys.on_arrival(lambda _: self.reload())

    def guest(self, person: str) -> Guest | None:
        """How to greet somebody; None for a person this gate does not know."""
        guest = self._guests.get(person)
        due = self._awaited.get(person)
        return replace(guest, elder=True, awaited_until=due) if guest is not None and due is not None else guest

    def elders(self) -> frozenset[str]:
        """Who is greeted as an elder, and given an elder's time."""
        return frozenset(person for person in self._guests if (guest := self.guest(person)) is not None and guest.elder)

    def flat(self, person: str) -> str:
        """Where somebody lives; '' where that is not known."""
        return self._flats.get(person, "")

    def last(self, person: str) -> Passed | None:
        """The newest passage known of this person, in the gate's zone."""
        return self._last.get(person)

    def blocked(self) -> frozenset[str]:
        return self._blocked

    def gallery(self) -> list[tuple[str, Embeddings]]:
        """The templates of everybody who consents now: this gate's own, and what other gates have lent it. Nobody's while the
        past is still coming: templates of a copy lie here already, and somebody's withdrawal comes after their consent."""
        if self._filling():
            return []
        own = self._templates.gallery(*self._engine, self._roster.consenting(Purpose.FACE_AT_GATE))
        if self._borrowed is None:
            return own
        known = {person for person, _ in own}
        elsewhere = {person: told for person, told in both(self._roster).items() if person not in known}
        lent = self._borrowed.gallery(*self._engine, elsewhere)
        return sorted([*own, *lent], key=lambda one: one[0])

    def homes(self) -> dict[str, str]:
        """Who lives where: families are no strangers to each other when the threshold is found."""
        return dict(self._flats)

    def filled(self) -> None:
        """Called when the past may have come to its end: then everybody is known at once."""
        if self._withheld and not self._filling():
            for person in self._templates.people() - self._roster.consenting(Purpose.FACE_AT_GATE):
                if self._roster.withdrawals(
                    person, Purpose.FACE_AT_GATE
                ):  # and the consent that followed was never heard of
                    self._remove(person)
            self.reload()

    def let_go(self) -> None:
        """Erase what is kept here of those who do not consent, and the keys of the erased: another program of this gate may have
        been at it meanwhile, or the power went. Not while the past is still coming, and with it who consents."""
        with self._journal.undisturbed():
            if self._filling():
                return
            face, photos = map(self._roster.consenting, KEPT_AT_THE_GATE)
            said = self._journal.query(
                "SELECT DISTINCT subject FROM facts WHERE kind = ? AND subject IS NOT NULL", (ERASED,)
            )
            erased = {row["subject"] for row in said}
            kept = self._templates.people()
            doubted = (kept - face) | (kept & erased) | (self._templates.photographed() - photos)
            if let_go_without_consent(self._templates, self._roster, doubted):
                self._reload()
            for person in erased:
                if self._keys.find(person) is not None:
                    self._keys.destroy(person)

    def reload(self) -> None:
        """Read everybody again and hand on the gallery, at once. Nobody withdraws between the two: whoever had read before that
        would bring them back."""
        with self._journal.undisturbed():
            self._reload()

    def _reload(self) -> None:
        """Who is let in comes first: nothing that is read for the greeting may keep a withdrawal from the matcher."""
        blocked = self._journal.query("SELECT person FROM passages_blocked WHERE blocked")
        profiles = self._roster.profiles()
        with self._lock:
            self._blocked = frozenset(row["person"] for row in blocked)
            self._flats = {person: profile.flat for person, profile in profiles.items()}
        self._withheld = self._filling()
        self._gallery_changed(self.gallery(), self.homes())
        self._read_guests(profiles)

    def _read_guests(self, profiles: Mapping[str, Profile]) -> None:
        today, watched = self._today(), self._roster.consenting(Purpose.HOME_MONITORING)
        guests = {
            person: _guest(person, profile, elder=person in watched or profile.is_elder(today))
            for person, profile in profiles.items()
        }
        rows = self._journal.query("SELECT person, direction, at FROM passages_last")
        last = {row["person"]: self._passed(row["direction"], row["at"]) for row in rows}
        with self._lock:
            self._guests = guests
            self._last = {person: passed for person, passed in last.items() if passed is not None}

    def _passed(self, direction: object, at: int) -> Passed | None:
        """None for a time that this gate's zone does not have."""
        try:
            return Passed(Direction.told(direction), from_ms(at).astimezone(self._zone))
        except OverflowError:
            return None

    def _heard(self, facts: list[StoredFact]) -> None:
        """Withdrawals erase at once; the roster is read again, whatever came of them; a passage moves one line only."""
        try:
            for fact in facts:
                if (person := fact.envelope.subject) is not None:
                    self._withdraw(fact, person)
        finally:
            if {fact.envelope.kind for fact in facts} & {REGISTERED, GIVEN, WITHDRAWN, ERASED, BLOCKED, UNBLOCKED}:
                self.reload()
        for fact in facts:
            if (person := fact.envelope.subject) is not None:
                self._remind(fact, person)
                self._pass(fact, person)

    def _pass(self, fact: StoredFact, person: str) -> None:
        told = fact.payload or {}
        if fact.envelope.kind != PASSAGE or told.get("gate_did") != "opened":
            return
        passed = self._passed(told.get("direction"), _passed_at(fact))
        with self._lock:
            before = self._last.get(person)
            if passed is not None and (before is None or passed.at > before.at):
                self._last[person] = passed

    def _remind(self, fact: StoredFact, person: str) -> None:
        """Who is to be reminded, until when; not any more once they have said that they are well."""
        with self._lock:
            if fact.envelope.kind == REMINDER and (due := moment((fact.payload or {}).get("due"))) is not None:
                self._awaited[person] = due
            elif fact.envelope.kind in (WELL, ERASED):
                self._awaited.pop(person, None)

    def _withdraw(self, fact: StoredFact, person: str) -> None:
        if fact.envelope.kind == ERASED:
            self._remove(person)
            self._keys.destroy(person)
        elif fact.envelope.kind == WITHDRAWN:
            purpose = (fact.payload or {}).get("purpose")
            # A gate that is filled anew from its copy hears of withdrawals long past. Whether a consent has followed is no matter:
            # it may come in the same page, and is none to what was made before.
            if purpose in KEPT_AT_THE_GATE and fact.envelope.id not in self._templates.knew(person):
                if purpose == Purpose.FACE_AT_GATE:
                    self._remove(person)
                elif self._templates.remove_photos(person):
                    log.info("photos of %s erased", person)

    def _remove(self, person: str) -> None:
        if self._templates.remove(person):
            log.info("templates and photos of %s erased", person)


def _passed_at(fact: StoredFact) -> int:
    """ms: nobody passed after it was heard of, whatever the clock of that gate said."""
    return min(fact.envelope.at, fact.received)


def _guest(person: str, profile: Profile, elder: bool) -> Guest:
    greeting = {language: profile.greeting(language) for language in LANGUAGES}
    return Guest(person, greeting, elder=elder)
