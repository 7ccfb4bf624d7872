import sqlite3
import time
from pathlib import Path
from threading import Thread

import pytest

from domain.clock import Hlc
from domain.events import Clock
from offline.journal.journal import SLICE, Journal
from offline.journal.projections import StoredFact
from offline.journal.turns import Turns
from offline.node_clock import NodeClock
from offline.wire import Event, FeedItem


def item(position: int, kind: str = "passage.recorded", device: str = "gate") -> FeedItem:
    event = Event(position, f"{device}{position}", kind, 1, "jinxiu", 1000, Clock.SYNCED, str(Hlc(1000, 0)), "x")
    return FeedItem(position, device, 1, event, received=2000)


def page(length: int) -> list[FeedItem]:
    return [item(n) for n in range(1, length + 1)]


def come_and_wait(turns: Turns, visitor: Thread) -> None:
    """`visitor` has come and cannot get in yet."""
    visitor.start()
    while not turns.wanted:
        time.sleep(0)


def test_whoever_waits_comes_before_the_one_who_has_just_had_a_turn() -> None:
    turns, order = Turns(), list[str]()

    def visit() -> None:
        with turns:
            order.append("visitor")

    visitor = Thread(target=visit)
    with turns, turns:
        order.append("first step")
        come_and_wait(turns, visitor)
    turns.let_pass()
    with turns:
        order.append("second step")
    visitor.join()
    assert order == ["first step", "visitor", "second step"]
    assert not turns.wanted


def test_an_alarm_waits_for_a_slice_and_not_for_the_page(journal: Journal) -> None:
    told: list[tuple[str, int]] = []
    alarm = Thread(target=journal.absorb, args=([item(1, "incident.opened", "district")],))

    def heard(facts: list[StoredFact]) -> None:
        told.append((facts[0].envelope.kind, len(facts)))
        if len(told) == 1:
            come_and_wait(journal._turns, alarm)

    journal.on_change(heard)
    fresh = journal.absorb(page(2 * SLICE + 7), "c1")
    alarm.join()
    assert told == [
        ("passage.recorded", SLICE), ("incident.opened", 1), ("passage.recorded", SLICE), ("passage.recorded", 7)
    ]  # fmt: skip
    assert (len(fresh), journal.cursor) == (2 * SLICE + 7, "c1")


class Stumbles:
    """A fold that fails at one fact as no fact's fault: a disk, say."""

    name, version, kinds = "stumbles", 1, frozenset({"*"})

    def __init__(self, at: str) -> None:
        self.at = at

    def create(self, db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE IF NOT EXISTS stumbles_none (x)")

    def drop(self, db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE IF EXISTS stumbles_none")

    def apply(self, db: sqlite3.Connection, fact: StoredFact) -> None:
        if fact.envelope.id == self.at:
            raise OSError("disk")


def test_a_page_that_was_cut_short_is_read_again_from_its_cursor(tmp_path: Path) -> None:
    stumbles = Stumbles(at=f"gate{SLICE + 3}")
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), [stumbles])
    told: list[str] = []
    journal.on_change(lambda facts: told.extend(f.envelope.id for f in facts))
    with pytest.raises(OSError, match="disk"):
        journal.absorb(page(SLICE + 10), "c1", erased=["gate1"])
    assert (journal.cursor, len(journal.facts()), len(told)) == ("", SLICE, SLICE)
    stumbles.at = ""
    assert len(journal.absorb(page(SLICE + 10), "c1")) == 10, "the others are here"
    assert (journal.cursor, len(journal.facts()), len(set(told))) == ("c1", SLICE + 10, SLICE + 10)
    journal.close()


def test_nobodys_commit_brings_the_wal_into_the_file_while_a_page_comes_down(journal: Journal) -> None:
    at_pages: list[int] = []

    def heard(_facts: list[StoredFact]) -> None:
        at_pages.extend(row["wal_autocheckpoint"] for row in journal.query("PRAGMA wal_autocheckpoint"))

    journal.on_change(heard)
    journal.absorb(page(2 * SLICE), "c1")
    journal.append("sign.button", {})
    assert at_pages == [0, 0, 1000], "never, never, and then as ever"


def test_a_page_that_came_down_is_in_the_file_and_not_in_the_wal_alone(journal: Journal, tmp_path: Path) -> None:
    journal.absorb(page(2 * SLICE), "c1")
    other = tmp_path / "copy.sqlite"
    other.write_bytes((tmp_path / "journal.sqlite").read_bytes())
    copied = Journal(other, NodeClock())
    assert len(copied.facts()) == 2 * SLICE
    copied.close()
