"""A round of sync: what goes up, what comes down, and what either side has lost."""

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Clock
from offline.line.link import Link
from offline.line.sync import HELLO_EVERY_MS, plan
from offline.transport.errors import Rejected, TryAgain
from offline.wire import Ack, Batch, FeedPage, Hello
from tests.fakes.fake_district import FakeDistrict
from tests.offline.one_desk import Desk


def test_what_is_recorded_reaches_the_district_once_though_answers_are_lost(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    for n in range(7):
        desk.journal.append("passage.recorded", {"n": n})
    district.lose_answers = 2
    for _ in range(2):
        with pytest.raises(TryAgain):
            desk.client.round()
        assert desk.journal.pending() == 7
    desk.client.round()
    assert desk.journal.pending() == 0
    assert len(district.rows) == 7
    assert len(desk.journal.facts()) == 7, "our own facts come back down the feed and are passed over"


def test_the_first_round_learns_the_districts_time_and_facts_say_whether_it_was_known(
    make: Callable[..., Desk],
) -> None:
    desk = make(FakeDistrict())
    before = desk.journal.append("sign.button", {})
    desk.client.round()
    after = desk.journal.append("sign.button", {})
    assert (before.envelope.clock, after.envelope.clock) == (Clock.UNSYNCED, Clock.SYNCED)
    assert abs(after.envelope.at - desk.district.now) < 1_000


def test_an_incident_overtakes_a_long_queue(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(1200)])
    desk.journal.append("incident.acknowledged", {})
    desk.client.round()
    assert [e.kind for e in district.batches[0].events] == ["incident.acknowledged"]
    assert desk.journal.pending() == 0
    assert len(district.rows) == 1201


def test_a_batch_that_is_too_large_is_split(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    district.limit = 30
    desk = make(district)
    desk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(100)])
    desk.client.round()
    assert desk.journal.pending() == 0


def test_what_is_refused_for_anything_but_its_size_is_not_sent_again_in_pieces(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district, sent = FakeDistrict(), list[int]()
    desk = make(district)
    desk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(8)])

    def revoked(batch: Batch) -> Ack:
        sent.append(len(batch.events))
        raise Rejected("revoked", 403)

    monkeypatch.setattr(district, "push", revoked)
    with pytest.raises(Rejected):
        desk.client.round()
    assert sent == [8]


def test_a_feed_that_is_refused_keeps_its_place(make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append("sign.button", {})
    desk.client.round()

    def revoked(cursor: str, wait_s: float) -> FeedPage:
        raise Rejected("revoked", 403)

    monkeypatch.setattr(district, "feed", revoked)
    with pytest.raises(Rejected):
        desk.client.round()
    assert desk.journal.cursor == "1"


def test_a_cloned_disk_notices_and_loses_nothing(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    original, clone = make(district), make(district)
    original.journal.append("sign.button", {"of": "original"})
    clone.journal.append("sign.button", {"of": "clone"})
    original.client.round()
    with pytest.raises(TryAgain):
        clone.client.round()
    clone.client.round()
    assert clone.journal.epoch == 2
    assert len(district.rows) == 2


def test_the_cursor_says_what_was_applied(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    district.page = 3
    desk = make(district)
    desk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(10)])
    desk.client.round()
    assert district.cursor == desk.journal.cursor == "10"


def test_a_place_the_district_has_forgotten_is_begun_anew_and_nothing_comes_twice(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append("sign.button", {})
    desk.client.round()
    district.forgot = True
    desk.client.round()
    assert len(desk.journal.facts()) == 1
    assert desk.journal.cursor == "1"


@pytest.mark.parametrize("something_new", [True, False])
def test_a_district_restored_from_an_older_backup_is_sent_again_what_it_lost(
    make: Callable[..., Desk], something_new: bool
) -> None:
    district = FakeDistrict()
    desk = make(district)
    for n in range(9):
        desk.journal.append("passage.recorded", {"n": n})
    desk.client.round()
    for seq in range(4, 10):
        del district.kept[1, seq]
    del district.rows[3:]
    if something_new:
        desk.journal.append("passage.recorded", {"n": 9})
    desk.monotonic += HELLO_EVERY_MS / 1000
    desk.client.round()
    assert sorted(seq for _, seq in district.kept) == list(range(1, 11 if something_new else 10))
    assert desk.journal.pending() == 0


def test_a_new_list_of_keys_for_passes_is_fetched_with_the_next_round_and_once(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed tells its number, the greeting brings it: a stolen key is to be believed no longer than that."""
    desk = make(district := FakeDistrict())
    greeted, number = list[int](), [0]
    hello, feed = district.hello, district.feed

    def greeting() -> tuple[Hello, float]:
        greeted.append(number[0])
        told, trip = hello()
        return msgspec.structs.replace(told, pass_keys=json.dumps({"number": number[0], "keys": []})), trip

    monkeypatch.setattr(district, "hello", greeting)
    monkeypatch.setattr(district, "feed", lambda *asked: msgspec.structs.replace(feed(*asked), pass_keys=number[0]))
    for number[0] in (0, 7, 7, 7):
        desk.client.round()
    assert greeted == [0, 7]


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_round_greets_when_it_has_not_for_long_or_the_clock_went_back(
    pending: int, last: int | None, now: int
) -> None:
    todo = plan(pending, False, last, now)
    assert todo.hello == (last is None or now < last or now - last >= HELLO_EVERY_MS)
    assert todo.push == (pending > 0)


def test_a_desk_that_slept_asks_for_the_time_when_its_signature_is_not_believed(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(FakeDistrict())
    desk.service.tick()
    desk.district.now += 8 * 3600_000  # the monotonic clock stood still meanwhile
    feed = desk.district.feed

    def signed(cursor: str, wait_s: float) -> FeedPage:
        if abs(desk.clock.now_ms() - desk.district.now) > 300_000:
            raise Rejected("signature", 401)
        return feed(cursor, wait_s)

    monkeypatch.setattr(desk.district, "feed", signed)
    desk.monotonic += 5
    desk.service.tick()
    assert desk.link() is Link.REFUSED
    desk.monotonic += 5
    desk.service.tick()
    assert desk.link() is Link.CONNECTED
