from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Clock
from domain.people import Profile
from offline.identity import Identity
from offline.journal import Journal
from offline.keystore import Keystore
from offline.node_clock import NodeClock
from offline.roster import ERASED, Roster, RosterProjection
from offline.seal import new_key
from offline.sync import BACKOFF_CAP_S, HELLO_EVERY_MS, Link, SyncClient, SyncService, backoff_s, plan
from offline.transport import Rejected, TryAgain
from offline.wire import MAX_KEYS, Ack, Batch, FeedPage, Hello, SealedKey
from tests.fakes.fake_district import FakeDistrict


class Desk:
    """One node and its district."""

    def __init__(self, folder: Path, district: FakeDistrict, device: str = "d1") -> None:
        self.district = district
        self.monotonic = 0.0
        self.clock = NodeClock(wall=lambda: 1_000.0, monotonic=lambda: self.monotonic)
        self.journal = Journal(folder / "j.sqlite", self.clock, [RosterProjection()])
        self.journal.become(device, 1, "jinxiu")
        self.keys = Keystore(folder / "k.sqlite", new_key())
        self.identity = Identity.create()
        self.roster = Roster(self.journal, self.keys)
        self.client = SyncClient(
            self.journal, district, self.clock, self.identity, self.keys, lambda: district.identity.box_public
        )
        self.service = SyncService(self.client, self.journal, self.clock, chance=lambda: 1.0)

    def close(self) -> None:
        self.journal.close()
        self.keys.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def desk(district: FakeDistrict, device: str = "d1") -> Desk:
        made.append(Desk(tmp_path / str(len(made)), district, device))
        return made[-1]

    yield desk
    for each in made:
        each.close()


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


def test_names_travel_sealed_and_open_where_the_key_was_given(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    kiosk, desktop = make(district), make(district, "d2")
    district.box = desktop.identity.box_public
    kiosk.roster.register("p1", Profile("王", "秀兰"))
    arrived: list[str] = []
    desktop.keys.on_arrival(arrived.extend)
    kiosk.client.round()
    desktop.client.round()
    assert arrived == ["p1"]
    assert desktop.roster.profile("p1") == Profile("王", "秀兰")
    kiosk.journal.append(ERASED, {}, subject="p1")
    kiosk.client.round()
    desktop.client.round()
    assert desktop.keys.find("p1") is None
    assert desktop.roster.profiles() == {}


def test_an_erased_payload_goes_here_too(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    kiosk, desktop = make(district), make(district, "d2")
    fact = kiosk.journal.append("passage.recorded", {"gate": "south"})
    kiosk.client.round()
    desktop.client.round()
    district.erased = [fact.envelope.id]
    kiosk.journal.append("sign.button", {})
    kiosk.client.round()
    desktop.client.round()
    found = desktop.journal.find(fact.envelope.id)
    assert found is not None
    assert found.payload is None


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


def test_a_district_that_speaks_another_schema_is_said_to_be_so(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    district.schema = (5, 6)
    desk = make(district)
    desk.service.tick()
    assert desk.service.status.link is Link.OUTDATED


def test_status_tells_since_when_the_line_is_down_and_a_poke_does_not_wait(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    heard: list[Link] = []
    desk.service.on_status(lambda status: heard.append(status.link))
    desk.service.tick()
    district.down = True
    desk.monotonic += 10
    desk.service.tick()
    desk.service.tick()  # backs off: nothing happens
    desk.journal.append("incident.acknowledged", {})
    district.down = False
    desk.service.poke()
    desk.service.tick()
    assert heard == [Link.CONNECTED, Link.UNREACHABLE, Link.CONNECTED]
    assert desk.service.status.pending == 0


@given(st.integers(0, 1000), st.floats(0, 1), st.none() | st.floats(0, 600))
def test_backing_off_is_bounded_and_never_sooner_than_asked(failures: int, chance: float, asked: float | None) -> None:
    wait = backoff_s(failures, chance, asked)
    assert 0 <= wait <= max(BACKOFF_CAP_S, asked or 0)
    assert wait >= (asked or 0)


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_round_greets_when_it_has_not_for_long_or_the_clock_went_back(
    pending: int, last: int | None, now: int
) -> None:
    todo = plan(pending, 0, last, now)
    assert todo.hello == (last is None or now < last or now - last >= HELLO_EVERY_MS)
    assert todo.push == (pending > 0)


def test_the_keys_of_a_whole_estate_come_and_go_in_requests_that_the_district_takes(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.box = desk.identity.box_public
    people = [f"p{n:04}" for n in range(2 * MAX_KEYS + 1)]
    desk.keys.create_all(people)
    desk.journal.append_all([("person.registered", {"profile": "", "revision": 1}, p, None, None) for p in people])
    desk.client.round()
    assert desk.journal.pending() == 0
    assert len(district.keys) == len(people)
    for person in people:
        desk.keys.destroy(person)
    desk.client.round()
    assert desk.roster.unreadable() == []


def test_an_acceptance_does_not_wait_for_keys_that_the_district_refuses(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    district.refuses_keys = True
    desk = make(district)
    desk.keys.create("p1")
    desk.journal.append("incident.acknowledged", {"incident": "i1"})
    desk.client.round()
    assert desk.journal.pending() == 0
    district.refuses_keys = False
    desk.client.round()
    assert "p1" in district.keys


def test_a_key_is_destroyed_though_the_power_goes_while_the_erasure_is_taken_over(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    other, desk = make(district, "d2"), make(district)
    desk.keys.create("p1")
    other.journal.append(ERASED, {}, subject="p1")
    other.client.round()
    with monkeypatch.context() as patched:
        patched.setattr(district, "put_cursor", lambda _cursor: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.client.round()
    desk.client.round()
    assert desk.keys.find("p1") is None


def test_who_orders_an_erasure_loses_the_key_too(make: Callable[..., Desk]) -> None:
    desk = make(FakeDistrict())
    desk.keys.create("p1")
    desk.journal.append(ERASED, {}, subject="p1")
    desk.client.round()
    assert desk.keys.find("p1") is None


def test_an_answer_that_is_none_is_seen_on_the_line_and_tried_again(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(FakeDistrict())
    desk.service.on_status(lambda _status: 1 / 0)
    with monkeypatch.context() as patched:
        patched.setattr(desk.district, "hello", lambda: msgspec.json.decode(b"<html>", type=Hello))
        desk.service.tick()
    assert desk.service.status.link is Link.REFUSED
    desk.service.poke()
    desk.service.tick()
    assert desk.service.status.link is Link.CONNECTED


def test_a_clock_put_back_by_years_does_not_put_off_the_next_round(tmp_path: Path) -> None:
    wall = [4_000_000_000.0]  # the battery is flat, and the network's time has not come yet
    district = FakeDistrict()
    clock = NodeClock(wall=lambda: wall[0])
    journal = Journal(tmp_path / "j.sqlite", clock, [RosterProjection()])
    keys = Keystore(tmp_path / "k.sqlite", new_key())
    me = Identity.create()
    service = SyncService(SyncClient(journal, district, clock, me, keys, lambda: b""), journal, clock, chance=lambda: 1)
    try:
        district.down = True
        service.tick()
        district.down = False
        wall[0] = 1_800_000_000.0
        service.tick()
        assert service.status.link is Link.CONNECTED
    finally:
        journal.close()
        keys.close()


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
    assert desk.service.status.link is Link.REFUSED
    desk.monotonic += 5
    desk.service.tick()
    assert desk.service.status.link is Link.CONNECTED


def test_a_key_made_in_the_middle_of_a_round_goes_up_before_what_is_sealed_under_it(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append("sign.door", {})
    unsent, missing = desk.journal.unsent, list[str]()
    batches = district.push

    def enrolled_meanwhile(*given: object, **more: object) -> list[object]:
        if desk.roster.profile("p1") is None and not more:  # the rest of the round has looked at the keys already
            desk.roster.register("p1", Profile("李", "建国"))
        return unsent(*given, **more)  # type: ignore[arg-type]

    def push(batch: Batch) -> Ack:
        missing.extend(e.subject for e in batch.events if e.subject and e.subject not in district.keys)
        return batches(batch)

    monkeypatch.setattr(desk.journal, "unsent", enrolled_meanwhile)
    monkeypatch.setattr(district, "push", push)
    desk.client.round()
    assert "p1" in district.keys
    assert missing == []


def test_a_key_that_comes_after_its_facts_is_asked_for_again_and_ever_more_seldom(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    there, here = make(district, "d1"), make(district, "d2")
    asked: list[float] = []
    wanted = district.wanted_keys

    def noted(people: list[str]) -> list[SealedKey]:
        asked.append(here.monotonic)
        return wanted(people)

    there.roster.register("p1", Profile("李", "建国"))
    there.client.round()
    key = district.keys.pop("p1")  # as if it had not arrived yet
    monkeypatch.setattr(district, "wanted_keys", noted)
    district.box = here.identity.box_public
    for here.monotonic in range(60):
        here.client.round()
    assert asked == [0, 5, 15, 35]
    district.keys["p1"] = key
    for here.monotonic in range(60, 80):
        here.client.round()
    assert asked == [0, 5, 15, 35, 75]
    profile = here.roster.profile("p1")
    assert profile is not None
    assert profile.family_name == "李"
