"""Mending, forgetting, erasing and letting expire: the same suite over SQLite and PostgreSQL."""

from contextlib import closing
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from caregiver.invented import Feed
from district.hubs.patrol import Patrol
from district.intake.homes import Home, StoreHomes
from district.scope import Lane, Scope
from district.store.lost import Lost
from district.store.port import Execute, Fresh, Store
from district.store.registry import Registry
from district.store.sqlite import SqliteStore
from domain.clock import Hlc
from domain.events import from_ms
from offline.wire import Event
from tests.contracts.store_facts import ALL, NOW, batch, event, everything, put
from tests.fakes.spoiling import spoil

DAY = 86_400_000
SPOILT = {
    "another time": "UPDATE facts SET at = at + 86400000 WHERE seq = 2",
    "another person": "UPDATE facts SET subject = 'p9' WHERE seq = 2",
    "another number": "UPDATE facts SET seq = 77 WHERE seq = 2",
    "another device": "UPDATE facts SET device = 'v9' WHERE seq = 2",
    "another hash": "UPDATE facts SET hash = digest WHERE seq = 2",
    "another payload": "UPDATE payloads SET body = salt WHERE salt IN (SELECT salt FROM payloads ORDER BY 1 LIMIT 1)",
}


@pytest.mark.parametrize("harm", SPOILT)
def test_a_fact_that_was_altered_is_mended_in_its_place_and_what_was_found_is_kept(store: Store, harm: str) -> None:
    sent = batch([event(n, "sign.door", subject="p1") for n in range(1, 4)])
    store.append_batch(sent).result(20)
    whole = everything(store)
    spoil(store, SPOILT[harm])
    assert everything(store) != whole
    assert store.mend([sent]) == 1
    assert everything(store) == whole
    assert store.counts()["evidence"] == 1
    assert store.mend([sent]) == 0
    assert put(store, [event(4, "sign.door", subject="p1")]).through == 4
    with pytest.raises(Exception, match="envelope is immutable"):
        store.write(lambda execute: execute("UPDATE facts SET kind = 'sign.motion' WHERE seq = 2"))


@pytest.mark.parametrize(
    "harm", ["lane = 77", "lane = -1", "position = 999", "position = 0", "position = -4, lane = 9"]
)
def test_a_fact_that_stands_nowhere_in_its_feed_stands_at_its_end_and_is_told_as_what_is_new(
    store: Store, harm: str
) -> None:
    """Its hash says nothing of its place: no checksum missed it, and whoever read the feed never had it."""
    store.append_batch(batch([event(n, "incident.opened", subject="p1") for n in range(1, 4)])).result(20)
    whole, told = {i.event.id: i.event for i in everything(store)}, list[Fresh]()
    spoil(store, f"UPDATE facts SET {harm} WHERE seq = 2")
    assert [i.event.seq for i in everything(store)] == [1, 3]
    store.on_fresh(told.append)
    assert store.put_in_place() == 1
    found = everything(store)
    assert [(i.position, i.event.seq) for i in found] == [(1, 1), (3, 3), (4, 2)]
    assert {i.event.id: i.event for i in found} == whole, "payload and all"
    assert [(dict(fresh.heads), [i.event.seq for i in fresh.streamed]) for fresh in told] == [({"jinxiu": 4}, [2])]
    assert store.put_in_place() == 0
    assert put(store, [event(4)]).through == 4
    assert store.heads() == {"jinxiu": 5}


def test_a_fact_in_a_lane_that_is_not_its_kinds_is_found_on_a_walk_and_stands_where_its_readers_look(
    store: Store,
) -> None:
    """An alarm that a disk has put among the passages: trusted, received, sound, and heard of by no desk."""
    sent = [
        event(n, kind, subject="p1") for n, kind in enumerate(("incident.opened", "passage.recorded", "sign.door"), 1)
    ]
    store.append_batch(batch(sent)).result(20)
    whole = {i.event.id: i.event for i in everything(store)}
    spoil(store, f"UPDATE facts SET lane = {Lane.PASSAGE:d} WHERE seq = 1")
    spoil(store, f"UPDATE facts SET lane = {Lane.ELDER_PASSAGE:d} WHERE seq = 2")  # her home was watched then
    alarms = Scope(("jinxiu",), frozenset({Lane.URGENT}))
    assert store.feed_after(alarms, {}, 10).items == []
    patrol = Patrol(store, Registry(store))
    for _ in range(3):
        patrol.walk()
    assert [i.event.seq for i in store.feed_after(alarms, {}, 10).items] == [1]
    assert [(i.position, i.event.seq) for i in everything(store)] == [(2, 2), (3, 3), (4, 1)]
    assert {i.event.id: i.event for i in everything(store)} == whole
    assert (patrol.mended, patrol.harmed) == (1, [])
    assert store.put_in_place([i.event.id for i in everything(store)]) == 0, "what lies right stays"


def test_a_fact_that_was_taken_out_comes_back_when_it_is_sent_again(store: Store) -> None:
    sent = batch([event(n, "sign.door", subject="p1") for n in range(1, 4)])
    store.append_batch(sent).result(20)
    spoil(store, "DELETE FROM facts WHERE seq = 2")
    store.mend([sent])
    assert store.append_batch(sent).result(20).through == 3
    assert sorted(i.event.seq for i in everything(store)) == [1, 2, 3]
    assert store.counts()["evidence"] == 0


def test_numbers_that_were_acknowledged_and_lead_nowhere_are_named_and_come_back(store: Store) -> None:
    sent = [event(n, "sign.door", subject="p1") for n in range(1, 11)]
    sent[3] = event(4, "sign.door", subject="p1", community="elsewhere")
    assert put(store, sent).quarantined == (4,)
    store.append_batch(batch([event(1)], epoch=2)).result(20)
    lost = Lost(store)
    assert lost.of("v1") == []
    spoil(store, "DELETE FROM facts WHERE seq IN (1, 5, 6, 10) AND epoch = 1")
    assert lost.of("v1") == [], "what was whole is not counted anew each time"
    lost.forget()
    assert lost.of("v1") == [(1, 1, 1), (1, 5, 6), (1, 10, 10)]
    assert lost.of("v2") == []
    assert store.append_batch(batch([sent[0], sent[4], sent[5], sent[9]])).result(20).through == 10
    assert lost.of("v1") == []
    assert {i.event.id for i in everything(store) if i.epoch == 1} == {e.id for e in sent} - {sent[3].id}
    assert store.counts()["evidence"] == 0


def test_what_was_counted_whole_is_counted_again_after_a_walk_and_what_has_come_since_at_once(store: Store) -> None:
    lost = Lost(store)
    sent = [event(n) for n in range(1, 11)]
    put(store, sent[:6])
    assert lost.of("v1") == []
    put(store, sent[6:])
    spoil(store, "DELETE FROM facts WHERE seq IN (2, 8, 10)")
    assert lost.of("v1") == [(1, 8, 8), (1, 10, 10)]
    put(store, [sent[7]])
    put(store, [sent[9]])
    assert lost.of("v1") == []
    lost.forget()
    assert lost.of("v1") == [(1, 2, 2)]


def test_other_facts_under_a_sound_facts_number_mend_nothing(store: Store) -> None:
    put(store, [event(1), event(2)])
    whole = everything(store)
    assert store.mend([batch([event(1), event(2)])]) == 0
    assert everything(store) == whole


def test_other_facts_of_the_one_that_a_store_has_them_from_take_the_place_of_sound_ones(store: Store) -> None:
    put(store, [event(1), event(2), event(3)])
    whole, told = everything(store), batch([event(1), event(2)])
    assert store.mend([told], source=True) == 2
    now = everything(store)
    assert [i.event.id for i in now] == [*(fact[0] for fact in told.facts), whole[2].event.id]
    assert [i.position for i in now] == [i.position for i in whole]
    assert store.counts()["evidence"] == 2, "what stood there is kept"
    assert store.mend([told], source=True) == 0
    again = batch([event(1, id=whole[0].event.id)], device="v2")
    assert store.append_batch(again).result(20).fresh == 1, "the id of what stood there is nobody's any more"


def test_what_is_forgotten_leaves_its_envelope_and_comes_back_whole(store: Store) -> None:
    sent = batch([event(1, "person.registered", subject="p1"), event(2, "sign.door", subject="p1")])
    store.append_batch(sent).result(20)
    whole = everything(store)
    assert store.forget([i.event.id for i in whole]) == 2
    assert store.leave("jinxiu") == ["p1"]
    assert [(i.hash, i.event.payload) for i in everything(store)] == [(i.hash, None) for i in whole]
    assert Registry(store).communities_of(["p1"]) == {}
    assert store.mend([sent]) == 2
    assert everything(store) == whole
    assert Registry(store).communities_of(["p1"]) == {"p1": {"jinxiu"}}


def test_what_is_mended_brings_nothing_back_of_the_erased(store: Store) -> None:
    sent = batch([event(1, "sign.door", subject="p1")])
    store.append_batch(sent).result(20)
    spoil(store, "UPDATE facts SET at = at + 1 WHERE seq = 1")
    store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    assert store.mend([sent]) == 1
    assert [i.event.payload for i in everything(store) if i.device == "v1"] == [None]


def test_an_erasure_reaches_what_was_put_aside_unread(store: Store) -> None:
    put(store, [event(1, community="elsewhere", subject="p1"), event(2, community="elsewhere", subject="p2")])
    store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    assert [bytes(row[0]) == b"" for row in store.read("SELECT raw FROM quarantine ORDER BY seq")] == [True, False]
    assert put(store, [event(3)]).through == 3, "its number stays taken"


def test_an_erasure_reaches_what_is_kept_as_evidence(store: Store) -> None:
    sent = batch([event(1, "sign.door", subject="p1"), event(2, "sign.door", subject="p2")])
    store.append_batch(sent).result(20)
    spoil(store, "UPDATE facts SET hash = digest WHERE seq < 3")
    assert store.mend([sent]) == 2
    store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    assert [row[0] is None for row in store.read("SELECT body FROM evidence ORDER BY seq")] == [True, False]


def test_an_erasure_nulls_what_is_about_the_person_and_keeps_the_envelopes(store: Store) -> None:
    put(store, [event(1, "person.registered", subject="p1"), event(2, subject="p1"), event(3, subject="p2")])
    heard: list[tuple[str, str]] = []
    store.on_fresh(lambda fresh: heard.extend(fresh.erased))
    store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    items = {i.event.seq: i for i in everything(store) if i.device == "v1"}
    assert [n for n, i in items.items() if i.event.payload is None] == [1, 2]
    assert heard == [("p1", "jinxiu")]
    assert sorted(store.feed_after(ALL, {"jinxiu": 3}, 10).erased) == sorted(items[n].event.id for n in (1, 2))
    for item in everything(store):
        assert item.event.envelope(item.device, item.epoch).content_hash() == item.hash


def test_expired_payloads_go_a_slice_at_a_time_and_what_has_no_term_stays(store: Store) -> None:
    put(store, [event(n, at=NOW + n) for n in range(1, 6)] + [event(6, "incident.opened", at=NOW)])
    assert store.expire([Lane.PASSAGE], NOW + 4, 2) == 2
    assert store.expire([Lane.PASSAGE], NOW + 4, 2) == 1
    assert store.expire([Lane.PASSAGE], NOW + 4, 2) == 0
    assert [i.event.seq for i in everything(store) if i.event.payload is not None] == [4, 5, 6]


def test_envelopes_are_immutable_and_payloads_can_only_be_erased(store: Store) -> None:
    put(store, [event(1)])
    for statement in (
        "UPDATE facts SET kind = 'x.y'",
        "DELETE FROM facts",
        "DELETE FROM payloads",
        "UPDATE payloads SET body = salt",
    ):
        with pytest.raises(Exception, match=r"immutable|kept|erased"):
            store.write(partial(_run, statement))
    assert store.counts()["payloads"] == 1


def test_what_comes_late_about_somebody_erased_keeps_no_payload(store: Store) -> None:
    put(store, [event(1, "sign.motion", subject="p1")])
    told = store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    put(store, [event(1, "sign.motion", subject="p1"), event(2, "sign.motion", subject="p2")], "v2")
    kept = {(i.device, i.event.kind, i.event.subject): i.event.payload for i in store.feed_after(ALL, {}, 99).items}
    assert kept["v1", "sign.motion", "p1"] is None
    assert kept["v2", "sign.motion", "p1"] is None
    assert kept[told.device, "person.erased", "p1"] is not None
    assert kept["v2", "sign.motion", "p2"] is not None


def test_no_late_word_puts_a_device_into_the_home_of_somebody_erased(store: Store) -> None:
    store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "a"})
    put(store, [event(1, "home.device_registered", subject="p1", payload={"device": "b3", "place": "bed"})])
    assert StoreHomes(store).home("jinxiu", "b3") is None


def test_an_older_word_that_comes_late_moves_no_device(store: Store) -> None:
    """As one that a disk had lost and that was given back: calls from there would have led to whoever had it before."""
    moved = [
        event(1, "home.device_registered", subject="p1", payload={"device": "b3"}),
        event(2, "home.device_removed", subject="p1", payload={"device": "b3"}),
        event(3, "home.device_registered", subject="p2", payload={"device": "b3"}),
        event(4, "home.device_registered", subject="p2", payload={"device": "b4"}),
        event(5, "home.device_removed", subject="p2", payload={"device": "b4"}),
    ]
    put(store, [moved[2], moved[4]])
    put(store, [moved[0], moved[1], moved[3]])
    homes = StoreHomes(store)
    assert homes.home("jinxiu", "b3") == Home("p2", "", False)
    assert homes.home("jinxiu", "b4") is None
    put(store, [event(6, "home.device_registered", subject="p1", payload={"device": "b4"})])
    assert homes.home("jinxiu", "b4") == Home("p1", "", False)


PUT, GONE = "home.device_registered", "home.device_removed"
WORDS = [(PUT, "p1"), (PUT, "p2"), (GONE, "p1"), (GONE, "p2"), (PUT, "p1")]  # in the order in which they were said


@pytest.mark.parametrize(("words", "stands"), [(3, "p2"), (4, None), (5, "p1")])
def test_a_device_stands_where_it_was_said_last_in_whatever_order_the_words_come(
    store: Store, words: int, stands: str | None
) -> None:
    """That it was taken out of one home says nothing of the other, to which it had been moved before."""
    orders = list(permutations(range(words)))
    for came in range(words):
        said = [(n, order[came]) for n, order in enumerate(orders)]
        put(store, [_word(n * words + word + 1, *WORDS[word], f"b{n}") for n, word in said])
    homes = [StoreHomes(store).home("jinxiu", f"b{n}") for n in range(len(orders))]
    assert {home.elder if home else None for home in homes} == {stands}


def test_a_server_whose_clock_is_behind_moves_a_device_all_the_same(store: Store) -> None:
    """A hub that started without a line and without a battery: what it knows from above was said before what it says now."""
    there, later = Feed("jinxiu", 1), NOW + 10 * DAY
    stands = there.item("home.device_registered", {"device": "b3"}, "p1", from_ms(later), "above")
    ahead = there.item("sign.motion", {}, "p1", from_ms(later + 999 * DAY), "above")
    # a stamp of years to come is followed as far as its receipt
    store.absorb([stands, replace(ahead, received=later)])
    moved = store.append_own("home.device_registered", "jinxiu", "p2", NOW, {"device": "b3"})
    assert stands.event.hlc < moved.event.hlc < str(Hlc(later + DAY, 0))


def test_a_server_whose_clock_was_ahead_moves_a_device_all_the_same(tmp_path: Path) -> None:
    wall = [NOW + 3 * DAY]
    with closing(SqliteStore(tmp_path / "d.sqlite", "district", lambda: wall[0])) as store:
        for person in ("p1", "p2"):
            store.append_own("home.device_registered", "jinxiu", person, wall[0], {"device": "b3"})
            wall[0] = NOW
        assert StoreHomes(store).home("jinxiu", "b3") == Home("p2", "", False)


def _word(seq: int, kind: str, elder: str, device: str) -> Event:
    return event(seq, kind, subject=elder, payload={"device": device})


def test_who_is_known_as_erased_without_a_fact_that_says_so_has_nothing_kept_of_them_either(store: Store) -> None:
    """A hub whose database was put back: the district's word is on its way to it again."""
    put(store, [event(1, "person.registered", subject="p1"), event(2, "sign.motion", subject="p1")])
    assert store.erase("p1", "jinxiu") == 2
    assert Registry(store).communities_of(["p1"]) == {}
    put(store, [event(3, "person.registered", subject="p1"), event(4, "sign.motion", subject="p1")])
    assert {i.event.seq: i.event.payload for i in everything(store)} == dict.fromkeys((1, 2, 3, 4))


def _run(statement: str, execute: Execute) -> None:
    execute(statement)
