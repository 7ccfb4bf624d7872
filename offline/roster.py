"""Who lives here and what they agreed to: a projection of the roster's facts, and the reading of names with the keystore."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.clock import Hlc
from domain.consent import APPLIED, GIVEN, WITHDRAWN, Consent, ConsentEvent, Purpose, ledger
from domain.events import moment
from domain.people import Profile
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.journal.turns import Turns
from offline.keys.identity import b64, unb64
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal

REGISTERED = "person.registered"
ERASED = "person.erased"


class RosterProjection:
    """roster_people: the newest sealed profile a person; roster_words: what was said of consent; roster_consents: what holds."""

    name = "roster"
    version = 4
    kinds = frozenset({REGISTERED, ERASED, GIVEN, WITHDRAWN, APPLIED})

    def create(self, db: sqlite3.Connection) -> None:
        db.execute(
            "CREATE TABLE roster_people (person TEXT PRIMARY KEY, community TEXT, profile TEXT, revision INTEGER, hlc TEXT)"
        )
        db.execute(
            "CREATE TABLE roster_consents (person TEXT, purpose TEXT, given INTEGER, version TEXT, by TEXT, at INTEGER, hlc TEXT,"
            " PRIMARY KEY (person, purpose))"
        )
        db.execute(
            "CREATE TABLE roster_words (id TEXT PRIMARY KEY, person TEXT, purpose TEXT, given INTEGER, version TEXT, by TEXT,"
            " at INTEGER, said TEXT, device TEXT, seq INTEGER, after TEXT)"
        )
        db.execute("CREATE TABLE roster_applied (withdrawal TEXT PRIMARY KEY) WITHOUT ROWID")  # at every gate
        db.execute("CREATE INDEX roster_words_of ON roster_words (person, purpose)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS roster_people")
        db.execute("DROP TABLE IF EXISTS roster_consents")
        db.execute("DROP TABLE IF EXISTS roster_words")
        db.execute("DROP TABLE IF EXISTS roster_applied")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if e.kind == ERASED:
            db.execute("DELETE FROM roster_people WHERE person = ?", (e.subject,))
            db.execute("DELETE FROM roster_consents WHERE person = ?", (e.subject,))
            db.execute("DELETE FROM roster_words WHERE person = ?", (e.subject,))
        elif p is None:
            db.execute("UPDATE roster_people SET profile = NULL WHERE person = ? AND hlc = ?", (e.subject, e.hlc))
        elif e.kind == REGISTERED:
            db.execute(
                "INSERT INTO roster_people VALUES (?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET"
                " community = excluded.community, profile = excluded.profile, revision = excluded.revision, hlc = excluded.hlc"
                " WHERE (excluded.revision, excluded.hlc) >= (revision, hlc)",
                (e.subject, e.community, p["profile"], p["revision"], e.hlc),
            )
        elif e.kind == APPLIED:
            if not p.get("below"):  # a hub's word on its own gates is for the one above it
                db.execute("INSERT OR IGNORE INTO roster_applied VALUES (?)", (p["withdrawal"],))
        else:
            self._word(db, fact, p)

    @staticmethod
    def _word(db: sqlite3.Connection, fact: StoredFact, p: dict[str, Any]) -> None:
        e, purpose = fact.envelope, Purpose(p["purpose"])
        given, after = e.kind == GIVEN, p.get("after")
        said = min(e.hlc, str(Hlc(fact.received, 0xFFFF)))  # a clock that is ahead says nothing later than its receipt
        db.execute(
            "INSERT OR REPLACE INTO roster_words VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (e.id, e.subject, purpose, given, p.get("version", ""), p.get("by", ""), e.at, said, e.device, e.seq,
             json.dumps([str(id) for id in after]) if given and isinstance(after, list) else None),
        )  # fmt: skip
        rows = db.execute(
            "SELECT * FROM roster_words WHERE person = ? AND purpose = ?", (e.subject, purpose)
        ).fetchall()
        words = [_consent_event(row) for row in rows]
        holds = ledger(words).get((str(e.subject), purpose))
        newest = max(words, key=lambda w: w.order)
        shown = holds or Consent(newest.version, newest.by, newest.at)  # of a withdrawal, what it said
        db.execute(
            "INSERT OR REPLACE INTO roster_consents VALUES (?, ?, ?, ?, ?, ?, ?)",
            (e.subject, purpose, holds is not None, shown.version, shown.by, shown.since, newest.order[0]),
        )


def _consent_event(row: tuple[Any, ...]) -> ConsentEvent:
    id, person, purpose, given, version, by, at, said, device, seq, after = row
    knew = None if after is None else frozenset(json.loads(after))
    return ConsentEvent(person, Purpose(purpose), bool(given), version, by, at, (said, device, seq), id, knew)


# Whether the last withdrawal of (person, purpose) still waits for a gate.
PENDING = (
    "SELECT 1 FROM (SELECT id, given FROM roster_words WHERE person = ? AND purpose = ? ORDER BY said DESC, given LIMIT 1)"
    " WHERE NOT given AND id NOT IN (SELECT withdrawal FROM roster_applied)"
)


class Roster:
    """Reads and writes people through a journal that carries `RosterProjection`."""

    def __init__(self, journal: Journal, keys: Keystore) -> None:
        self._journal, self._keys = journal, keys

    def undisturbed(self) -> Turns:
        """As `Journal.undisturbed`: nobody withdraws and nobody is erased meanwhile by this program."""
        return self._journal.undisturbed()

    def register(self, person: str, profile: Profile, revision: int = 1) -> None:
        """Record who `person` is, sealed under the person's own key."""
        plain = json.dumps(asdict(profile), ensure_ascii=False).encode()
        sealed = seal(self._keys.create(person), plain, b"profile|" + person.encode())
        self._journal.append(REGISTERED, {"profile": b64(sealed), "revision": revision}, subject=person)

    def consent(
        self, person: str, purpose: Purpose, given: bool, version: str, by: str, recorded_by: str = "",
        knew: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Record that `person` (or `by` for them) agreed or withdrew; `recorded_by` wrote it down for them. What is agreed to says
        which withdrawals it comes after: `knew`, or all that are known now."""
        payload: dict[str, Any] = {"purpose": purpose.value, "version": version, "by": by}
        if recorded_by:
            payload["recorded_by"] = recorded_by
        if given:
            payload["after"] = self.withdrawals(person, purpose) if knew is None else list(knew)
        self._journal.append(GIVEN if given else WITHDRAWN, payload, subject=person)

    def holds(self, person: str, purpose: Purpose) -> bool:
        """Whether consent for this purpose holds now."""
        rows = self._journal.query(
            "SELECT given FROM roster_consents WHERE person = ? AND purpose = ?", (person, purpose.value)
        )
        return bool(rows and rows[0]["given"])

    def held(self, person: str) -> dict[Purpose, str]:
        """What `person` agrees to now, and the version of the words that were agreed to."""
        rows = self._journal.query("SELECT purpose, version FROM roster_consents WHERE person = ? AND given", (person,))
        return {Purpose(row["purpose"]): row["version"] for row in rows}

    def withdrawals(self, person: str, purpose: Purpose) -> list[str]:
        """The ids of all that are known here, whatever was agreed to after them."""
        known = "SELECT id FROM roster_words WHERE person = ? AND purpose = ? AND NOT given ORDER BY id"
        return [row["id"] for row in self._journal.query(known, (person, purpose.value))]

    def agreeing(self, *purposes: Purpose) -> dict[str, frozenset[str]]:
        """Everybody who consents to all of these now, each with their withdrawals of any: what was made without knowing one of
        them was agreed to before it, and not by the consent that holds now."""
        people = set.intersection(*(self.consenting(purpose) for purpose in purposes))
        told: dict[str, set[str]] = {person: set() for person in people}
        among = ", ".join("?" for _ in purposes)
        said = f"SELECT person, id FROM roster_words WHERE NOT given AND purpose IN ({among})"
        for row in self._journal.query(said, [purpose.value for purpose in purposes]):
            if row["person"] in told:
                told[row["person"]].add(row["id"])
        return {person: frozenset(ids) for person, ids in told.items()}

    def withdrawn(self, person: str, purpose: Purpose) -> datetime | None:
        """When the newest withdrawal was received that nothing has been agreed to after; None where there is none."""
        if self.holds(person, purpose):
            return None
        rows = self._journal.query(
            "SELECT max(facts.received) AS at FROM roster_words JOIN facts ON facts.id = roster_words.id"
            " WHERE roster_words.person = ? AND purpose = ? AND NOT given",
            (person, purpose.value),
        )
        return moment(rows[0]["at"])

    def erased(self, person: str) -> bool:
        """Whether this person's data were ever asked to be erased: that name of theirs is never used again."""
        return bool(self._journal.query("SELECT 1 FROM facts WHERE kind = ? AND subject = ? LIMIT 1", (ERASED, person)))

    def withdrawal_pending(self, person: str, purpose: Purpose) -> bool:
        """Whether a withdrawal has not been applied at every gate of the community yet, as far as is known here."""
        return bool(self._journal.query(PENDING, (person, purpose.value)))

    def consenting(self, purpose: Purpose) -> set[str]:
        """Everybody whose consent for this purpose holds now."""
        rows = self._journal.query("SELECT person FROM roster_consents WHERE purpose = ? AND given", (purpose.value,))
        return {row["person"] for row in rows}

    def revision(self, person: str) -> int:
        """Of the newest profile; 0 where there is none."""
        rows = self._journal.query("SELECT revision FROM roster_people WHERE person = ?", (person,))
        return int(rows[0]["revision"]) if rows else 0

    def profile(self, person: str) -> Profile | None:
        """Who `person` is; None where that is not known here, was erased, or the key is not here (yet)."""
        rows = self._journal.query("SELECT profile FROM roster_people WHERE person = ?", (person,))
        return self._open(person, rows[0]["profile"]) if rows else None

    def profiles(self) -> dict[str, Profile]:
        """Everybody whose name can be read here."""
        rows = self._journal.query("SELECT person, profile FROM roster_people")
        found = {row["person"]: self._open(row["person"], row["profile"]) for row in rows}
        return {person: profile for person, profile in found.items() if profile is not None}

    def unreadable(self) -> list[str]:
        """People of the roster whose keys are not here, or another than their profile was sealed under."""
        rows = self._journal.query("SELECT person, profile FROM roster_people WHERE profile IS NOT NULL")
        return [row["person"] for row in rows if self._unsealed(row["person"], row["profile"]) is None]

    def _open(self, person: str, sealed: str | None) -> Profile | None:
        words = None if sealed is None else self._unsealed(person, sealed)
        if words is None:
            return None
        try:
            raw: dict[str, Any] = json.loads(words)
            fields = Profile.__dataclass_fields__
            known: dict[str, Any] = {
                k: v for k, v in raw.items() if k in fields and isinstance(v, bool if k == "lives_alone" else str)
            }
            return Profile(**known)
        except (ValueError, TypeError, AttributeError):  # one person's broken card hides nobody else's
            return None

    def _unsealed(self, person: str, sealed: str) -> bytes | None:
        key = self._keys.find(person)
        try:
            return None if key is None else unseal(key, unb64(sealed), b"profile|" + person.encode())
        except (SealBroken, ValueError):
            return None
