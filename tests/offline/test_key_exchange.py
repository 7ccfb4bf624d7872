"""Keys of people on their way: sealed to who may have them, asked for again, and destroyed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Mendable
from domain.people import Profile
from domain.subjects import of_stray
from offline.keys.aside import asides
from offline.keys.identity import b64
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key, seal
from offline.letters.notes import open_note, seal_note, seal_photo
from offline.line.sync import SyncClient
from offline.roster import ERASED
from offline.wire import MAX_KEYS, Ack, Batch, Event, FeedPage, SealedKey
from tests.fakes.fake_district import FakeDistrict
from tests.offline.one_desk import Desk


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


@pytest.mark.parametrize("rival", [False, True])
def test_no_note_makes_a_second_key_for_somebody_whose_key_is_on_its_way(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, rival: bool
) -> None:
    """One that is there already, of an older program, gives way to the true one."""
    district = FakeDistrict()
    kiosk, desktop = make(district), make(district, "d2")
    district.box = desktop.identity.box_public
    kiosk.roster.register("p1", Profile("王", "秀兰"))
    kiosk.client.round()
    with monkeypatch.context() as line:
        line.setattr(district, "wanted_keys", lambda _: [])
        desktop.client.round()
    if rival:
        desktop.keys.take({"p1": new_key()})
    else:
        with pytest.raises(Mendable, match="key_not_here"):
            seal_note(desktop.keys, "p1", "the key is under the mat")
        with pytest.raises(Mendable, match="key_not_here"):
            seal_photo(desktop.keys, "p1", b"jpeg")
    assert desktop.roster.unreadable() == ["p1"]
    monkeypatch.setattr(desktop.client._exchange, "_wait_ms", 0)
    desktop.client.round()
    assert desktop.roster.profile("p1") == Profile("王", "秀兰")
    sealed = seal_note(desktop.keys, "p1", "the key is under the mat")
    assert open_note(kiosk.keys, "p1", sealed) == "the key is under the mat"


def test_what_is_said_of_a_thing_needs_nobodys_key(make: Callable[..., Desk]) -> None:
    desk = make(FakeDistrict())
    button = of_stray("jinxiu", "button-7")
    assert open_note(desk.keys, button, seal_note(desk.keys, button, "found in the yard")) == "found in the yard"


def test_names_are_known_before_the_last_of_many_pages_has_come(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    kiosk, desktop = make(district), make(district, "d2")
    district.box, district.page = desktop.identity.box_public, 2
    kiosk.roster.register("p1", Profile("王", "秀兰"))
    for _ in range(5):
        kiosk.journal.append("sign.motion", {}, subject="p1")
    kiosk.client.round()
    feed = district.feed
    known: list[bool] = []

    def asked(cursor: str, wait_s: float) -> FeedPage:
        known.append(desktop.roster.profile("p1") is not None)
        return feed(cursor, wait_s)

    monkeypatch.setattr(district, "feed", asked)
    desktop.client.round()
    assert known == [False, True, True]


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


def test_a_damaged_file_of_keys_goes_once_the_district_has_sent_them_all_again(
    make: Callable[..., Desk], tmp_path: Path
) -> None:
    district = FakeDistrict()
    kiosk, desktop = make(district), make(district, "d2")
    district.box = desktop.identity.box_public
    for person in ("p1", "p2"):
        kiosk.roster.register(person, Profile("王", "秀兰"))
    kiosk.client.round()
    held = district.keys.pop("p2")
    desktop.keys.close()
    (tmp_path / "again").mkdir()
    (tmp_path / "again/k.sqlite").write_bytes(b"no database at all" * 300)
    keys = Keystore(tmp_path / "again/k.sqlite", new_key())
    client = SyncClient(
        desktop.journal, district, desktop.clock, desktop.identity, keys, lambda: district.identity.box_public
    )
    client.round()
    assert keys.find("p1")
    assert asides(tmp_path / "again/k.sqlite"), "one is missing: a disk's doctor may still find it"
    district.keys["p2"] = held
    desktop.monotonic += 10
    client.round()
    assert keys.find("p2")
    assert not keys.incomplete
    assert asides(tmp_path / "again/k.sqlite") == []
    keys.close()


def test_the_keys_of_a_whole_estate_come_and_go_in_requests_that_the_district_takes(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.box = desk.identity.box_public
    people = [f"p{n:04}" for n in range(2 * MAX_KEYS + 1)]
    sealed = {p: b64(seal(key, b"{}", b"profile|" + p.encode())) for p, key in desk.keys.create_all(people).items()}
    desk.journal.append_all(
        [("person.registered", {"profile": sealed[p], "revision": 1}, p, None, None) for p in people]
    )
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


def test_an_acceptance_does_not_wait_for_a_key_that_came_to_harm(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.keys.create_all(["p1", "p2"])
    desk.keys._db.execute("UPDATE keys SET wrapped = zeroblob(60) WHERE person = 'p1'")
    desk.journal.append("incident.acknowledged", {"incident": "i1"})
    desk.client.round()
    assert desk.journal.pending() == 0
    assert list(district.keys) == ["p2"]


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


def test_a_key_made_in_the_middle_of_a_round_goes_up_before_what_is_sealed_under_it(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append("sign.door", {})
    unsent, missing = desk.journal.unsent, list[str]()
    batches = district.push

    def enrolled_meanwhile(*given: Any, **more: Any) -> list[Event]:
        if desk.roster.profile("p1") is None and not more:  # the rest of the round has looked at the keys already
            desk.roster.register("p1", Profile("李", "建国"))
        return unsent(*given, **more)

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


def test_while_the_keys_of_an_estate_go_up_the_line_is_up_and_an_alarm_is_taken(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.keys.create_all(f"p{n:04}" for n in range(3 * MAX_KEYS))
    happened: list[str] = []
    desk.client.heard = lambda: happened.append("heard")
    share = district.share_keys

    def slow(keys: list[SealedKey]) -> None:
        share(keys)
        happened.append("keys")
        if happened.count("keys") == 1:
            desk.journal.append("incident.acknowledged", {})

    monkeypatch.setattr(district, "share_keys", slow)
    push = district.push

    def pushed(batch: Batch) -> Ack:
        happened.append(batch.events[0].kind)
        return push(batch)

    monkeypatch.setattr(district, "push", pushed)
    desk.client.round()
    assert happened[:5] == ["keys", "heard", "incident.acknowledged", "heard", "keys"]
    assert desk.keys.unshared() == []
