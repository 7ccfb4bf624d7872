"""What a server that was put back lacks of its own is given to it whole: a line that goes in between only puts it off to the next
round, and what it does not know again is not brought to it for ever."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import xor

import pytest

from caregiver.invented import Feed
from offline.line.link import Link
from offline.line.sync import COMPARE_EVERY_MS, FIRST_COMPARE_MS, SyncClient
from offline.transport.errors import Rejected, TryAgain
from offline.wire import Ack, Batch, Checksum, Checksums, fold_hash
from tests.fakes.fake_district import FakeDistrict
from tests.offline.one_desk import Desk

Make = Callable[..., Desk]
OWN = 3  # facts that the server recorded itself


class PutBack(FakeDistrict):
    """A server that has `has` of its own facts, and takes back what is whole."""

    def __init__(self) -> None:
        super().__init__()
        feed, at = Feed("jinxiu", 1), datetime(2026, 11, 27, tzinfo=UTC)
        self.rows += [feed.item("sign.motion", {}, "p1", at, "district") for _ in range(OWN)]
        self.has, self.gone = OWN, 0  # through which number, and how many in between are gone
        self.taken: list[int] = []
        self.fails: list[Exception] = []
        self.lost: list[tuple[int, int, int]] = []
        self.unknown: set[int] = set()  # what it does not know again
        self.goes_down = False  # once it has told what it has

    def checksums(self, cursor: str) -> Checksums:
        self._line()
        self.down = self.goes_down
        own = [item for item in self.rows if item.device == "district"][self.gone :]
        hashes = (item.event.envelope(item.device, item.epoch).content_hash() for item in own)
        folded = reduce(xor, (fold_hash(bytes.fromhex(each)) for each in hashes))
        return Checksums(
            [Checksum("jinxiu", "district", 1, len(own), folded)], {"jinxiu": OWN}, self.lost, [(1, self.has)]
        )

    def relay(self, device: str, batch: Batch) -> Ack:
        self._line()
        if self.fails:
            raise self.fails.pop()
        self.taken += [event.seq for event in batch.events]
        return Ack(batch.events[-1].seq, quarantined=sorted(self.unknown))


def compares(desk: Desk, ms: int = COMPARE_EVERY_MS) -> None:
    desk.monotonic += ms / 1000
    desk.district.now += ms
    rounds(desk)


def rounds(desk: Desk) -> None:
    desk.service.poke()
    desk.service.tick()


@pytest.fixture
def district() -> PutBack:
    return PutBack()


@pytest.fixture
def desk(make: Make, district: PutBack) -> Desk:
    found = make(district)
    rounds(found)
    compares(found, FIRST_COMPARE_MS)
    assert district.taken == []
    return found


def test_a_line_that_goes_meanwhile_puts_it_off_to_the_next_round(desk: Desk, district: PutBack) -> None:
    """It had waited for six hours, in which the district knew nothing of who had been called for whom."""
    district.has, district.fails = 1, [TryAgain("down"), TryAgain("down")]
    compares(desk)
    assert (desk.link(), district.taken) == (Link.UNREACHABLE, [])
    rounds(desk)
    assert (desk.link(), district.taken) == (Link.UNREACHABLE, [])
    rounds(desk)
    assert (desk.link(), district.taken) == (Link.CONNECTED, [2, 3])
    rounds(desk)
    assert district.taken == [2, 3], "once"


def test_a_feed_that_begins_anew_is_followed_by_it_though_the_line_goes(desk: Desk, district: PutBack) -> None:
    district.has, district.fails, district.forgot = 0, [TryAgain("down")], True
    rounds(desk)
    district.forgot = False
    for _ in range(2):
        rounds(desk)
    assert district.taken == [1, 2, 3]


def test_a_server_that_takes_nothing_back_is_no_broken_line_and_keeps_no_keys_away(
    desk: Desk, district: PutBack
) -> None:
    district.has, district.fails = 1, [Rejected("out_of_scope", 403)]
    compares(desk)
    assert desk.link() is Link.CONNECTED
    compares(desk)
    assert district.taken == [2, 3], "and it is asked again with the next comparison"


def test_what_was_lost_of_ours_is_sent_again_though_the_line_goes(desk: Desk, district: PutBack) -> None:
    desk.journal.append("passage.recorded", {})
    rounds(desk)
    district.lost, district.goes_down = [(1, 1, 1)], True
    compares(desk)
    assert desk.link() is Link.UNREACHABLE
    district.down = district.goes_down = False
    district.batches.clear()
    rounds(desk)
    assert [event.seq for batch in district.batches for event in batch.events][-1:] == [1]
    district.lost, district.batches = [], []
    rounds(desk)
    assert district.batches == []


def test_a_server_that_is_put_back_a_second_time_is_given_it_a_second_time(desk: Desk, district: PutBack) -> None:
    for n in (1, 2):
        district.has = 1
        compares(desk)
        assert district.taken == [2, 3] * n
        district.has = OWN
        compares(desk)
    district.unknown = {2, 3}
    district.has = 1
    for _ in range(2):
        compares(desk)
    assert district.taken == [2, 3] * 3, "what it does not know again is brought once"


def test_what_a_server_does_not_know_again_is_brought_to_it_once_over_restarts_too(
    desk: Desk, district: PutBack
) -> None:
    """A whole epoch was brought again after every start: a server's facts of a year."""
    district.gone, district.unknown = 1, {1}
    for _ in range(4):
        compares(desk)
    assert district.taken == [1, 2, 3]
    desk.client = SyncClient(
        desk.journal, district, desk.clock, desk.identity, desk.keys, lambda: district.identity.box_public
    )
    desk.service._client = desk.client
    rounds(desk)
    for _ in range(4):
        compares(desk)
    assert district.taken == [1, 2, 3]
    district.gone, district.unknown = 2, {1, 2}
    for _ in range(2):
        compares(desk)
        rounds(desk)
    compares(desk)
    assert district.taken == [1, 2, 3] * 2, "another loss is another matter"
