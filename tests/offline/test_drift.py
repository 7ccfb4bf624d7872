"""A replica holds itself against the district's checksums: when it asks, and what it does about a difference that stays."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from caregiver.invented import Feed
from offline.journal.chain import ALTERED
from offline.line.sync import COMPARE_EVERY_MS, FIRST_COMPARE_MS
from offline.transport.errors import Rejected, TryAgain
from offline.wire import Ack, Batch, Checksum, Checksums, FeedPage, fold_hash
from tests.fakes.fake_district import FakeDistrict
from tests.offline.one_desk import Desk

Make = Callable[..., Desk]


class Summing(FakeDistrict):
    """A district of a gate's passages, which says what a replica must hold of them, or by `off` something else."""

    def __init__(self, passages: int = 3) -> None:
        super().__init__()
        self._feed = Feed("jinxiu", 1)
        for _ in range(passages):
            self.passes()
        self.asked: list[str] = []
        self.read: list[str] = []
        self.off = (0, 0)
        self.lost: list[tuple[int, int, int]] = []
        self.has_sums = True

    def passes(self) -> None:
        at = datetime(2026, 11, 27, tzinfo=UTC)
        self.rows.append(self._feed.item("passage.recorded", {}, None, at, "gate"))

    def feed(self, cursor: str, wait_s: float) -> FeedPage:
        self.read.append(cursor)
        return super().feed(cursor, wait_s)

    def checksums(self, cursor: str) -> Checksums:
        self.asked.append(cursor)
        if not self.has_sums:
            raise Rejected("not_found", 404)
        mine = [item for item in self.rows if item.device == "gate"]
        folded = 0
        for item in mine:
            folded ^= fold_hash(bytes.fromhex(item.event.envelope(item.device, item.epoch).content_hash()))
        told = Checksum("jinxiu", "gate", 1, len(mine) + self.off[0], folded ^ self.off[1])
        return Checksums([told], {"jinxiu": int(cursor)}, self.lost)


def passes(desk: Desk, ms: int) -> None:
    desk.monotonic += ms / 1000
    desk.district.now += ms
    desk.client.round()


def test_it_asks_ten_minutes_after_its_start_and_then_every_six_hours(make: Make) -> None:
    desk = make(district := Summing())
    for ms, asked in (
        (0, 0),
        (FIRST_COMPARE_MS - 1, 0),
        (1, 1),
        (COMPARE_EVERY_MS - 1, 1),
        (1, 2),
    ):
        passes(desk, ms)
        assert len(district.asked) == asked
    assert district.read.count("") == 1, "and what is whole is read once"


def test_a_district_without_checksums_is_not_asked_again_and_again(make: Make) -> None:
    desk = make(district := Summing())
    district.has_sums = False
    passes(desk, 0)
    for _ in range(3):
        passes(desk, FIRST_COMPARE_MS)
    assert len(district.asked) == 1


def test_what_has_drifted_is_read_anew_and_held_against_the_sums_once_more_when_that_is_done(make: Make) -> None:
    desk = make(district := Summing())
    passes(desk, 0)
    district.off = (1, 5)
    passes(desk, FIRST_COMPARE_MS)
    district.off = (0, 0)
    passes(desk, 0)
    assert (district.read.count(""), len(district.asked)) == (2, 2)
    passes(desk, COMPARE_EVERY_MS)
    assert (district.read.count(""), len(district.asked)) == (2, 3)


def test_a_difference_that_stays_is_not_read_again_for_ever_and_hides_no_other(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the same for as long as passages come to both sides, and another once something else is lost."""
    desk = make(district := Summing())
    passes(desk, 0)
    district.off = (1, 5)
    passes(desk, FIRST_COMPARE_MS)
    for _ in range(4):
        district.passes()
        passes(desk, COMPARE_EVERY_MS)
    assert district.read.count("") == 2
    assert "still not what the district has" in caplog.text
    district.off = (2, 12)
    passes(desk, COMPARE_EVERY_MS)
    passes(desk, 0)
    assert district.read.count("") == 3


def test_own_facts_that_the_district_has_lost_are_sent_again_whole(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline.line.sync.AGAIN_AT_ONCE", 2)
    desk = make(district := Summing())
    desk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(9)])
    passes(desk, 0)
    sent: list[list[int]] = []

    def heard(batch: Batch) -> Ack:
        sent.append([e.seq for e in batch.events])
        return Ack(9)

    monkeypatch.setattr(district, "push", heard)
    district.lost = [(1, 3, 7)]
    passes(desk, FIRST_COMPARE_MS)
    assert sent == [[9], [3, 4], [5, 6], [7]], "a greeting asks after the newest"
    assert desk.journal.pending() == 0


def test_people_are_told_once_of_own_facts_that_are_not_what_was_written(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(Summing())
    passes(desk, 0)
    monkeypatch.setattr(desk.journal, "broken", lambda: [4, 7])
    passes(desk, FIRST_COMPARE_MS)
    passes(desk, COMPARE_EVERY_MS)
    (fact,) = desk.journal.facts(ALTERED)
    assert fact.payload == {"altered": 2, "which": ["d1 1/4", "d1 1/7"]}


def test_a_district_that_acknowledges_nothing_is_not_sent_the_same_for_ever(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Batch] = []

    def heard(batch: Batch) -> Ack:
        sent.append(batch)
        assert len(sent) < 10
        return Ack(0)

    desk = make(district := FakeDistrict())
    monkeypatch.setattr(district, "push", heard)
    desk.journal.append("sign.button", {})
    with pytest.raises(TryAgain, match="acknowledged nothing"):
        desk.client.round()
    assert len(sent) == 1
