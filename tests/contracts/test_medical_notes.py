"""An elder's medical note as the district hands it out, over SQLite and PostgreSQL."""

import msgspec

from district.people.audit import Audit
from district.people.medical_notes import MedicalNotes
from district.store.port import Store
from offline.keys.identity import Identity
from offline.letters.notes import READ, VIEWED
from tests.contracts.store_facts import NOW
from tests.fakes.there import there
from watch.plans import SET


def test_the_note_of_the_plan_in_force_is_handed_out_and_every_look_is_a_fact(store: Store) -> None:
    audit = Audit(store, Identity.create())
    notes = MedicalNotes(store, audit)
    store.append_own(SET, "jinxiu", "p1", NOW, {"medical_note": "bmV3", "revision": 2})
    store.append_own(SET, "jinxiu", "p1", NOW + 1, {"medical_note": "b2xk", "revision": 1})
    assert notes.read("p1", "jinxiu", "ann", NOW + 2) == "bmV3"
    assert notes.read("p1", "jinxiu", "bo", NOW + 3) == "bmV3"
    seen = [(i.event.community, msgspec.json.decode(there(i.event.payload))) for i in store.about("p1", (VIEWED,))]
    assert seen == [("jinxiu", {"by": by, "what": READ}) for by in ("ann", "bo")]
    assert [(line.actor, line.action) for line in audit.lines(about="p1")] == [
        ("ann", "record.medical_note"),
        ("bo", "record.medical_note"),
    ]


def test_where_there_is_none_nobody_has_looked(store: Store) -> None:
    audit = Audit(store, Identity.create())
    notes = MedicalNotes(store, audit)
    store.append_own(SET, "jinxiu", "p1", NOW, {"medical_note": "", "revision": 1})
    assert notes.read("p1", "jinxiu", "ann", NOW) == ""
    assert notes.read("p2", "jinxiu", "ann", NOW) == ""
    assert not list(store.about("p1", (VIEWED,)))
    assert audit.lines() == []


def test_a_community_that_an_elder_has_left_is_not_told_what_the_next_one_noted(store: Store) -> None:
    notes = MedicalNotes(store, Audit(store, Identity.create()))
    store.append_own(SET, "jinxiu", "p1", NOW, {"medical_note": "aGVyZQ", "revision": 1})
    store.append_own(SET, "yulan", "p1", NOW + 1, {"medical_note": "dGhlcmU", "revision": 2})
    assert notes.read("p1", "jinxiu", "ann", NOW + 2) == "aGVyZQ"
    assert notes.read("p1", "yulan", "bo", NOW + 2) == "dGhlcmU"
