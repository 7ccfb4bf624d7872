"""Cards, PINs and passes as this kiosk knows them: a projection of facts, and the books the desk looks into."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date

from domain.passages import Group
from kiosk.credentials.port import CardHolder
from kiosk.passages.facts import PASSAGE
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.letters.access_orders import APPLIED, CARD_ISSUED, ORDERS, PASS_ISSUED, PIN_SET
from offline.roster import ERASED

STAFF_SET, STAFF_CLEARED = "config.staff_pin_set", "config.staff_pin_cleared"
ANY_GATE = "*"  # in place of a device: a card that was ended is ended everywhere, as a PIN that was cleared is cleared


class CredentialsProjection:
    """credentials_cards, _pins, _staff: the newest word on each; _passes: passes that were used or revoked; _ended: cards that
    are good no longer, whenever they may be handed out; _orders: what desks have ordered; _applied: which gate has done it;
    _visits: whom each pass leads to, so that it ends when they are erased.

    A card's digest and a PIN's hash, a resident's or the staff's, are made with a key of one gate, so each gate's word stands by
    itself, or one that was stolen could make a lost card good at another; a card is ended and a PIN cleared for all.
    """

    name = "credentials"
    version = 6
    kinds = frozenset({CARD_ISSUED, PIN_SET, STAFF_SET, STAFF_CLEARED, PASS_ISSUED, PASSAGE, ERASED, APPLIED}) | ORDERS
    tables = ("cards", "pins", "staff", "passes", "ended", "orders", "applied", "visits")

    def create(self, db: sqlite3.Connection) -> None:
        db.execute(
            "CREATE TABLE credentials_cards (digest TEXT, device TEXT, person TEXT, grp TEXT, last_day TEXT, card TEXT, hlc TEXT,"
            " PRIMARY KEY (digest, device))"
        )
        db.execute(
            "CREATE TABLE credentials_pins (person TEXT, device TEXT, hash TEXT, hlc TEXT, PRIMARY KEY (person, device))"
        )
        db.execute("CREATE TABLE credentials_visits (pass TEXT PRIMARY KEY, person TEXT)")
        db.execute("CREATE TABLE credentials_ended (card TEXT PRIMARY KEY)")
        db.execute("CREATE TABLE credentials_orders (id TEXT PRIMARY KEY, person TEXT)")
        db.execute("CREATE TABLE credentials_applied (id TEXT, device TEXT, PRIMARY KEY (id, device))")
        db.execute(
            "CREATE TABLE credentials_staff (name TEXT, device TEXT, hash TEXT, hlc TEXT, PRIMARY KEY (name, device))"
        )
        db.execute("CREATE TABLE credentials_passes (pass TEXT PRIMARY KEY)")

    def drop(self, db: sqlite3.Connection) -> None:
        for table in self.tables:
            db.execute(f"DROP TABLE IF EXISTS credentials_{table}")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload or {}
        newest = "hlc = excluded.hlc WHERE excluded.hlc > hlc"
        if e.kind in ORDERS:
            db.execute("INSERT OR IGNORE INTO credentials_orders VALUES (?, ?)", (e.id, e.subject))
        match e.kind:
            case "person.erased":
                db.execute(
                    "INSERT OR IGNORE INTO credentials_passes SELECT pass FROM credentials_visits WHERE person = ?",
                    (e.subject,),
                )
                for table in ("cards", "pins", "orders"):
                    db.execute(f"DELETE FROM credentials_{table} WHERE person = ?", (e.subject,))
            case "person.order_applied":
                db.execute("INSERT OR IGNORE INTO credentials_applied VALUES (?, ?)", (p.get("order"), e.device))
            case "person.card_revoked" if "card" in p:
                db.execute("INSERT OR IGNORE INTO credentials_ended VALUES (?)", (p["card"],))
            case "person.card_issued" | "person.card_revoked" if "digest" in p:
                device, person = (e.device, e.subject) if e.kind == CARD_ISSUED else (ANY_GATE, None)
                db.execute(
                    "INSERT INTO credentials_cards VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest, device) DO UPDATE SET"
                    " person = excluded.person, grp = excluded.grp, last_day = excluded.last_day, card = excluded.card,"
                    f" {newest}",
                    (p["digest"], device, person, p.get("group"), p.get("last_day"), p.get("card"), e.hlc),
                )
            case "person.pin_set" | "person.pin_cleared":
                db.execute(
                    "INSERT INTO credentials_pins VALUES (?, ?, ?, ?) ON CONFLICT (person, device) DO UPDATE SET"
                    f" hash = excluded.hash, {newest}",
                    (e.subject, e.device if e.kind == PIN_SET else ANY_GATE, p.get("hash"), p.get("ordered", e.hlc)),
                )
            case "config.staff_pin_set" | "config.staff_pin_cleared" if "name" in p:
                db.execute(
                    "INSERT INTO credentials_staff VALUES (?, ?, ?, ?) ON CONFLICT (name, device) DO UPDATE SET"
                    f" hash = excluded.hash, {newest}",
                    (p["name"], e.device if e.kind == STAFF_SET else ANY_GATE, p.get("hash"), e.hlc),
                )
            case "person.pass_issued" if "pass" in p:
                db.execute("INSERT OR REPLACE INTO credentials_visits VALUES (?, ?)", (p["pass"], e.subject))
            case "person.pass_revoked" if "pass" in p:
                db.execute("INSERT OR IGNORE INTO credentials_passes VALUES (?)", (p["pass"],))
            case "passage.recorded" if p.get("method") == "qr" and p.get("gate_did") == "opened" and p.get("once"):
                db.execute("INSERT OR IGNORE INTO credentials_passes VALUES (?)", (p["credential"],))


class Books:
    """Implements CardBook, PinBook and PassBook. `flat_of` gives a person's flat, whose digits alone are compared."""

    def __init__(self, journal: Journal, flat_of: Callable[[str], str]) -> None:
        self._journal, self._flat_of = journal, flat_of

    def holder(self, digest: str) -> CardHolder | None:
        for row in self._journal.query(
            "SELECT * FROM credentials_cards c WHERE digest = ? AND person IS NOT NULL AND device IN (?, '')"
            " AND coalesce(card, '') NOT IN (SELECT card FROM credentials_ended) AND NOT EXISTS (SELECT 1"
            " FROM credentials_cards d WHERE d.digest = c.digest AND d.device IN (?, '', '*') AND d.hlc > c.hlc)",
            (digest, self._journal.device, self._journal.device),
        ):
            group = Group(row["grp"]) if row["grp"] else None
            last = date.fromisoformat(row["last_day"]) if row["last_day"] else None
            return CardHolder(row["person"], group, last)
        return None

    def residents(self, flat: str) -> Sequence[tuple[str, str]]:
        rows = self._journal.query(
            "SELECT person, hash FROM credentials_pins p WHERE hash IS NOT NULL AND device IN (?, '') AND NOT EXISTS (SELECT 1"
            " FROM credentials_pins q WHERE q.person = p.person AND q.device IN (?, '', '*') AND q.hlc > p.hlc) ORDER BY person",
            (self._journal.device, self._journal.device),
        )
        return [(row["person"], row["hash"]) for row in rows if digits(self._flat_of(row["person"])) == flat]

    def staff(self) -> Sequence[tuple[str, str]]:
        rows = self._journal.query(
            "SELECT name, hash FROM credentials_staff s WHERE hash IS NOT NULL AND device IN (?, '') AND NOT EXISTS (SELECT 1"
            " FROM credentials_staff t WHERE t.name = s.name AND t.device IN (?, '', '*') AND t.hlc > s.hlc) ORDER BY name",
            (self._journal.device, self._journal.device),
        )
        return [(row["name"], row["hash"]) for row in rows]

    def spent(self, pass_id: str) -> bool:
        return bool(self._journal.query("SELECT 1 FROM credentials_passes WHERE pass = ?", (pass_id,)))


def digits(flat: str) -> str:
    """What is typed of a flat: ``3-2-501`` is 32501."""
    return "".join(c for c in flat if c.isdigit())
