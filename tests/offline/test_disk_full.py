from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from domain.clock import Hlc
from domain.errors import Mendable
from domain.events import Clock
from offline.journal.journal import Journal
from offline.journal.outbox import SHED
from offline.node_clock import NodeClock
from offline.wire import Event, FeedItem
from tests.fakes import disks
from tests.fakes.there import there


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MiB."""
    with disks.small_disk(tmp_path, 24) as disk:
        yield disk


def test_a_full_disk_says_so_keeps_what_was_recorded_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    journal = Journal(small_disk / "j.sqlite", NodeClock())
    journal.become("gate-1", 1, "jinxiu")
    hog = disks.fill(small_disk)
    recorded = 0
    with pytest.raises(Mendable, match="disk_full"):
        while True:
            journal.append("passage.recorded", {"fill": "x" * 100_000})
            recorded += 1
    assert recorded * 100_000 > 8_000_000, "the ballast gave way first"
    assert len(journal.facts()) == recorded
    for n in range(200):  # a call for help and a withdrawal have a reserve of their own
        journal.append("incident.opened", {"n": n, "fill": "y" * 2_000}, subject="p1")
        journal.append("consent.withdrawn", {"purpose": "face_at_gate"}, subject="p1")
    with pytest.raises(Mendable, match="disk_full"):
        journal.append("passage.recorded", {"n": 1})
    recorded += 400
    assert len(journal.facts()) == recorded
    hog.unlink()
    assert journal.append("passage.recorded", {}).envelope.seq == recorded + 1
    assert journal.broken() == []
    journal.close()


def test_an_alarm_from_elsewhere_is_taken_out_of_a_page_that_the_disk_has_no_room_for(small_disk: Path) -> None:
    journal = Journal(small_disk / "j.sqlite", NodeClock())
    journal.become("desk-1", 1, "jinxiu")
    hog = disks.fill(small_disk)
    with pytest.raises(Mendable, match="disk_full"):
        for first in range(1, 10_000, 40):
            journal.absorb(passages(first, 40), f"at {first}")
    with pytest.raises(Mendable, match="disk_full"):
        for first in range(10_001, 20_000):
            journal.absorb(passages(first, 1))
    cursor = journal.cursor
    for n in range(200):
        journal.append("incident.evidence", {"n": n, "fill": "y" * 2_000}, subject="p1")  # the reserve is being used
    page = [*passages(20_001, 300), alarm(1), *passages(20_301, 300)]
    with pytest.raises(Mendable, match="disk_full"):
        journal.absorb(page, "later")
    assert [f.envelope.id for f in journal.facts("incident.opened")] == ["alarm-1"]
    assert journal.cursor == cursor, "the page is asked for again"
    assert [f.envelope.id for f in journal.absorb([alarm(2)], "later")] == ["alarm-2"]
    hog.unlink()
    assert len(journal.absorb(page, "later still")) == 600, "and then the alarm is here already"
    journal.close()


def test_a_program_starts_on_a_full_disk_with_the_room_that_was_laid_by(small_disk: Path) -> None:
    journal = Journal(small_disk / "j.sqlite", NodeClock())
    journal.become("desk-1", 1, "jinxiu")
    journal.append("incident.opened", {}, subject="p1")
    journal.close()
    disks.fill(small_disk)
    again = Journal(small_disk / "j.sqlite", NodeClock())
    again.append("incident.acknowledged", {}, subject="p1")
    assert len(again.facts()) == 2
    again.close()
    (small_disk / "j.ballast").unlink(missing_ok=True)
    (small_disk / "j.reserve").unlink()
    disks.fill(small_disk)
    with pytest.raises(Mendable, match="disk_full"):
        Journal(small_disk / "j.sqlite", NodeClock())


def passages(first: int, count: int) -> list[FeedItem]:
    return [_item(f"passage-{n}", "passage.recorded", n) for n in range(first, first + count)]


def alarm(n: int) -> FeedItem:
    return _item(f"alarm-{n}", "incident.opened", 100_000 + n)


def _item(id: str, kind: str, seq: int) -> FeedItem:
    body = msgspec.Raw(msgspec.json.encode({"fill": "x" * 2_000}))
    event = Event(seq, id, kind, 1, "jinxiu", 1000, Clock.SYNCED, str(Hlc(1000, 0)), "x", "p1", payload=body)
    return FeedItem(seq, "gate-1", 1, event, received=2000)


def test_a_queue_that_grows_too_long_gives_up_the_oldest_words_and_says_so(tmp_path: Path) -> None:
    """Incidents and consents keep theirs, numbers and the chain stay whole, and the district hears which range was lost."""
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), most_waiting=200)
    journal.become("gate-1", 1, "jinxiu")
    for n in range(1, 401):
        kind = {0: "incident.opened", 1: "consent.withdrawn"}.get(n % 10, "passage.recorded")
        journal.append(kind, {"n": n, "purpose": "face_at_gate"}, subject="p1")
    told = [there(f.payload) for f in journal.facts(SHED)]
    assert told
    lost = {n for t in told for n in range(t["first"], t["last"] + 1)}
    events = journal.unsent(1_000)
    assert [e.seq for e in events] == list(range(1, len(events) + 1)), "every number is still sent"
    kept = {e.seq for e in events if e.payload is not None}
    assert {e.seq for e in events if e.kind.startswith(("incident.", "consent.", "journal."))} <= kept
    assert {e.seq for e in events if e.payload is None} == {
        e.seq for e in events if e.seq in lost and e.kind == "passage.recorded"
    }
    assert sum(t["count"] for t in told) == sum(e.payload is None for e in events)
    waiting = [e for e in events if e.kind == "passage.recorded" and e.payload is not None]
    assert len(waiting) <= 200
    assert journal.broken() == []
    journal.close()


def test_what_gives_way_begins_behind_what_the_district_has_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), most_waiting=200)
    journal.become("gate-1", 1, "jinxiu")
    for n in range(1, 281):
        journal.append("passage.recorded", {"n": n})
        if n == 50:
            journal.acknowledged(50)
    told = [there(f.payload) for f in journal.facts(SHED)]
    assert [(t["first"], t["last"], t["count"]) for t in told] == [(51, 70, 20), (71, 90, 20)]
    kept = [e.seq for e in journal.numbered(1, 1, 120, 500) if e.payload is not None and e.payload_matches()]
    assert kept == [*range(1, 51), *range(91, 121)]
    journal.close()


def test_a_gate_that_has_joined_no_district_gives_way_as_well(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), most_waiting=100)
    for n in range(1, 103):
        journal.append("passage.recorded", {"n": n})
    told = [there(f.payload) for f in journal.facts(SHED)]
    assert [(t["first"], t["last"], t["count"]) for t in told] == [(1, 10, 10)]
    assert journal.pending() == 103
    journal.close()


def test_nothing_is_given_up_of_what_the_district_has(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", NodeClock(), most_waiting=100)
    journal.become("gate-1", 1, "jinxiu")
    for n in range(1, 501):
        fact = journal.append("passage.recorded", {"n": n}, subject="p1")
        journal.acknowledged(fact.envelope.seq)
    assert journal.facts(SHED) == []
    assert all(f.payload for f in journal.facts())
    journal.close()
