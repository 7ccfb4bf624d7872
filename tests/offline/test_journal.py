import sqlite3
from pathlib import Path

import msgspec
import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import Hlc
from domain.errors import Mendable
from domain.events import Clock
from offline.journal import schema
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.identity import Identity, verified
from offline.node_clock import NodeClock
from offline.roster import RosterProjection
from offline.wire import Event, FeedItem


def item(
    position: int, device: str = "other", kind: str = "passage.recorded", body: bytes = b'{"gate":"south"}'
) -> FeedItem:
    event = Event(
        position,
        f"{device}{position}",
        kind,
        1,
        "jinxiu",
        1000,
        Clock.SYNCED,
        str(Hlc(1000, 0)),
        "x",
        payload=msgspec.Raw(body),
    )
    return FeedItem(position, device, 1, event, received=2000)


def test_facts_are_numbered_without_gaps_and_come_back_as_they_were(journal: Journal) -> None:
    first = journal.append("passage.recorded", {"gate": "south"}, subject="p1")
    second = journal.append("passage.recorded", {"gate": "north"})
    assert [first.envelope.seq, second.envelope.seq] == [1, 2]
    assert journal.find(first.envelope.id) == first
    assert [f.payload for f in journal.facts(subject="p1")] == [{"gate": "south"}]


def test_a_fact_with_an_id_that_is_here_is_not_recorded_again(journal: Journal) -> None:
    first = journal.append("incident.opened", {"a": 1}, id="i" * 32)
    again = journal.append("incident.opened", {"a": 2}, id="i" * 32)
    assert again == first
    assert journal.pending() == 1


def test_envelopes_cannot_be_changed_and_payloads_only_erased(journal: Journal, tmp_path: Path) -> None:
    journal.append("passage.recorded", {"gate": "south"})
    db = sqlite3.connect(tmp_path / "journal.sqlite")
    for statement in (
        "UPDATE facts SET kind = 'x'",
        "DELETE FROM facts",
        "UPDATE payloads SET body = 'x'",
        "DELETE FROM payloads",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()


def test_erasing_a_payload_leaves_the_chain_whole(journal: Journal) -> None:
    facts = [journal.append("passage.recorded", {"n": n}) for n in range(5)]
    assert journal.erase([facts[2].envelope.id, "nobody"]) == 1
    found = journal.find(facts[2].envelope.id)
    assert found is not None
    assert found.payload is None
    assert journal.broken() == []


def test_a_changed_envelope_breaks_the_chain(journal: Journal, tmp_path: Path) -> None:
    for n in range(3):
        journal.append("passage.recorded", {"n": n})
    db = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    db.execute("DROP TRIGGER facts_immutable")
    db.execute("UPDATE facts SET at = at + 1 WHERE seq = 2")
    db.close()
    assert journal.broken() == [2]


def test_a_days_last_link_is_signed_by_the_node_when_the_next_day_begins(tmp_path: Path) -> None:
    wall = [1_700_000_000.0]
    identity = Identity.create()
    journal = Journal(tmp_path / "j.sqlite", NodeClock(wall=lambda: wall[0]), sign=identity.sign.sign)
    journal.become("gate-1", 1, "jinxiu")
    for n in range(3):
        journal.append("passage.recorded", {"n": n})
    assert journal.query("SELECT * FROM segments") == [], "the day is not over"
    wall[0] += 86_400
    journal.append("passage.recorded", {"n": 3})
    [segment] = journal.query("SELECT * FROM segments")
    chain = journal.query("SELECT chain FROM facts WHERE seq = 3")[0]["chain"]
    assert (segment["day"], segment["last_seq"], segment["head"]) == ("2023-11-14", 3, chain)
    said = f"{segment['day']} 3 {chain}".encode()
    assert verified(identity.sign_public, segment["signature"], said)
    assert not verified(identity.sign_public, segment["signature"], said + b"x")
    assert journal.broken() == []
    with sqlite3.connect(tmp_path / "j.sqlite") as db:
        db.execute("UPDATE segments SET day = '2023-11-13'")
    db.close()
    assert journal.broken() == [3], "a head that the node did not sign"
    journal.close()


def test_the_outbox_holds_what_is_not_acknowledged_and_urgent_families_can_be_taken_first(journal: Journal) -> None:
    for n in range(4):
        journal.append("passage.recorded", {"n": n})
    journal.append("incident.acknowledged", {})
    journal.acknowledged(2)
    assert [e.seq for e in journal.unsent(10)] == [3, 4, 5]
    assert [e.seq for e in journal.unsent(10, families=["incident"])] == [5]
    assert all(e.payload_matches() for e in journal.unsent(10))
    journal.acknowledged(1)
    assert journal.acked_through == 2


def test_others_facts_come_once_with_their_cursor_and_our_own_are_passed_over(journal: Journal) -> None:
    mine = journal.append("passage.recorded", {})
    echo = FeedItem(9, "gate-1", 1, journal.unsent(1)[0], received=2000)
    assert [f.envelope.id for f in journal.absorb([item(1), item(1), echo], "c9")] == ["other1"]
    assert journal.cursor == "c9"
    assert journal.absorb([item(1)], "c10") == []
    assert mine.envelope.id == journal.unsent(1)[0].id
    journal.absorb([item(2)])
    assert journal.cursor == "c10", "what comes off the stream moves no place in the feed"


def test_listeners_hear_of_a_fact_after_it_is_durable(journal: Journal) -> None:
    heard: list[str] = []
    journal.on_change(lambda facts: heard.extend(f.envelope.kind for f in facts))
    journal.append("sign.button", {})
    journal.absorb([item(1)])
    assert heard == ["sign.button", "passage.recorded"]


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path, NodeClock())
    journal.become("gate-1", 3, "jinxiu")
    journal.append("sign.button", {"x": 1})
    journal.close()
    again = Journal(path, NodeClock())
    assert (again.device, again.epoch, again.community, again.pending()) == ("gate-1", 3, "jinxiu", 1)
    assert again.append("sign.button", {}).envelope.seq == 2
    assert again.broken() == []
    again.close()


def test_a_failed_append_leaves_no_gap_in_the_numbers(journal: Journal) -> None:
    with pytest.raises(TypeError):
        journal.append_all(
            [("sign.button", {}, None, None, None), ("sign.button", {"bad": object()}, None, None, None)]
        )
    assert journal.append("sign.button", {}).envelope.seq == 1
    assert journal.broken() == []


def test_a_clone_goes_on_in_a_new_epoch_and_counts_nothing_twice(journal: Journal) -> None:
    journal.append("sign.button", {"n": 1})
    journal.acknowledged(1)
    journal.append("sign.button", {"n": 2}, subject="p1", at=5)
    journal.fork(2)
    assert [(e.seq, e.at, e.subject) for e in journal.unsent(10)] == [(1, 5, "p1")]
    assert [f.payload for f in journal.facts("sign.button")] == [{"n": 1}, {"n": 2}]


def test_what_was_erased_is_not_recorded_anew_as_if_it_had_said_nothing(journal: Journal) -> None:
    gone = journal.append("sign.button", {"n": 1}, subject="p1")
    journal.append("sign.button", {"n": 2})
    journal.erase([gone.envelope.id])
    journal.fork(2)
    assert [bytes(e.payload) if e.payload else None for e in journal.unsent(10)] == [b'{"n":2}']
    assert [f.payload for f in journal.facts("sign.button")] == [None, {"n": 2}]
    assert journal.broken() == []


def test_what_goes_on_in_a_new_epoch_keeps_its_order(journal: Journal) -> None:
    for n in range(3):
        journal.append("sign.button", {"n": n})
    journal.fork(2)
    assert [f.payload for f in journal.facts("sign.button")] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_what_was_not_acknowledged_goes_on_to_the_next_district_of_the_same_community_and_to_no_other(
    journal: Journal,
) -> None:
    journal.append("sign.button", {"n": 1})
    journal.acknowledged(1)
    journal.append("sign.button", {"n": 2}, subject="p1", at=5)
    journal.become("gate-1", 2, journal.community)
    assert [(e.seq, e.at, e.subject) for e in journal.unsent(10)] == [(1, 5, "p1")]
    journal.become("gate-7", 1, journal.community)
    assert [(e.seq, e.at, e.subject) for e in journal.unsent(10)] == [(1, 5, "p1")]
    assert [f.payload for f in journal.facts("sign.button")] == [{"n": 1}, {"n": 2}]
    journal.become("gate-7", 2, "another community")
    assert journal.unsent(10) == []
    assert journal.broken() == []


def test_a_file_of_the_first_version_is_taken_over_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as db:
        schema.migrations.apply(sqlite_utils.Database(db), stop_before="m002_places")
        db.execute("PRAGMA user_version=1")
        db.execute(
            "INSERT INTO facts VALUES (1, 'a', 'gate-1', 1, 1, 'x.y', 1, 'c', NULL, 5, 'synced', '0.0', 'd', '', 5, 1)"
        )
    db.close()
    opened = Journal(path, NodeClock())
    assert [f.envelope.id for f in opened.facts()] == ["a"]
    opened.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    sqlite3.connect(path).execute("PRAGMA user_version = 99").connection.close()
    with pytest.raises(Mendable, match="database_newer"):
        Journal(path, NodeClock())


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(Mendable, match="journal_damaged"):
        Journal(path, NodeClock())


class CountingRoster(RosterProjection):
    version = 2


def test_a_projection_of_another_version_is_folded_anew(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    journal = Journal(path, NodeClock(), [RosterProjection()])
    journal.append("consent.given", {"purpose": "face_at_gate", "version": "1", "by": "p1"}, subject="p1")
    journal.close()
    again = Journal(path, NodeClock(), [CountingRoster()])
    assert again.query("SELECT person, given FROM roster_consents") == [{"person": "p1", "given": 1}]
    again.close()


class Words:
    """What passages say, as a screen would show it."""

    name, version, kinds = "words", 1, frozenset({"passage.recorded"})

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE words (fact INTEGER PRIMARY KEY, gate TEXT)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS words")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        db.execute("INSERT OR REPLACE INTO words VALUES (?, ?)", (fact.rowid, (fact.payload or {}).get("gate")))


def test_what_is_erased_leaves_what_was_folded_from_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), [Words()])
    mine = journal.append("passage.recorded", {"gate": "south"})
    (theirs,) = journal.absorb([item(1)])
    assert journal.query("SELECT gate FROM words") == [{"gate": "south"}] * 2
    journal.erase([mine.envelope.id])
    journal.absorb([], erased=[theirs.envelope.id])
    assert journal.query("SELECT gate FROM words") == [{"gate": None}] * 2
    journal.close()


KINDS = st.sampled_from(["consent.given", "consent.withdrawn", "person.erased", "passage.recorded"])


@settings(max_examples=25)
@given(st.lists(st.tuples(KINDS, st.sampled_from(["p1", "p2"])), max_size=12))
def test_a_rebuilt_projection_equals_the_one_that_grew(
    tmp_path_factory: pytest.TempPathFactory, facts: list[tuple[str, str]]
) -> None:
    journal = Journal(tmp_path_factory.mktemp("j") / "j.sqlite", NodeClock(), [RosterProjection()])
    for kind, person in facts:
        journal.append(kind, {"purpose": "face_at_gate", "version": "1", "by": person}, subject=person)
    grown = journal.query("SELECT * FROM roster_consents ORDER BY person, purpose")
    journal.rebuild()
    assert journal.query("SELECT * FROM roster_consents ORDER BY person, purpose") == grown
    journal.close()
