"""Where the facts about one resident's ways in and photos are: an elder has tens of thousands of others."""

import sqlite3

from caregiver.memory.photos import TAKEN
from offline.journal.projections import StoredFact
from offline.letters.access_orders import APPLIED, CARD_ISSUED, ORDERS, PASS_ISSUED, PIN_SET

WAYS = ORDERS | {CARD_ISSUED, PIN_SET, PASS_ISSUED, APPLIED}


class ResidentsProjection:
    """residents_ways: the facts about cards, PIN, passes and the block list, by person. residents_photos: pictures by what they are
    of.
    """

    name = "residents"
    version = 2
    kinds = WAYS | {TAKEN}

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE residents_ways (person TEXT, fact INTEGER, PRIMARY KEY (person, fact)) WITHOUT ROWID")
        db.execute("CREATE TABLE residents_photos (ref TEXT, fact INTEGER, PRIMARY KEY (ref, fact)) WITHOUT ROWID")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS residents_ways")
        db.execute("DROP TABLE IF EXISTS residents_photos")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        e, p = fact.envelope, fact.payload
        if p is None:
            db.execute("DELETE FROM residents_ways WHERE person = ? AND fact = ?", (e.subject, fact.rowid))
            db.execute("DELETE FROM residents_photos WHERE fact = ?", (fact.rowid,))
        elif e.kind == TAKEN:
            db.execute("INSERT OR IGNORE INTO residents_photos VALUES (?, ?)", (str(p["ref"]), fact.rowid))
        elif e.subject:
            db.execute("INSERT OR IGNORE INTO residents_ways VALUES (?, ?)", (e.subject, fact.rowid))
