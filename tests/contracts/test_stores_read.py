"""What readers of a store must get, over SQLite and PostgreSQL: rules, scopes, pages, listeners, sums."""

import threading

import msgspec

from district.feeds.marks import Marks
from district.hubs.checksums import Checksums
from district.hubs.drift import Drift
from district.hubs.rescoping import leaving
from district.intake.homes import Home, StoreHomes
from district.ledger import StoreLedger, seen
from district.scope import Lane, Scope
from district.store.port import Store
from district.store.registry import Registry
from offline.wire import Checksums as Told
from offline.wire import FeedItem, fold_hash
from tests.contracts.store_facts import ALL, NOW, batch, event, everything, put


def test_the_rules_read_what_is_told_of_anybody_and_what_is_about_one(store: Store) -> None:
    put(
        store,
        [event(1, "home.device_registered", subject="p1"), event(2, subject="p1"), event(3, "sign.door", subject="p2")],
    )
    put(store, [event(4, "home.device_registered", "yulan", "p2"), event(5, subject="p1"), event(6, subject="p9")])
    assert [i.event.seq for i in store.told(["home.device_registered"])] == [1, 4]
    assert [i.event.seq for i in store.told(["passage.recorded", "sign.door"])] == [2, 3, 5, 6]
    assert [i.event.seq for i in store.about("p1")] == [1, 2, 5]
    assert [i.event.seq for i in store.about("p1", ["passage.recorded"], NOW + 3)] == [5]
    for asked in (("p1",), ("p1", ["passage.recorded"], NOW + 3)):
        ledger = StoreLedger(store)
        assert ledger.about(*asked) == [seen(i) for i in store.about(*asked)], "the rules see the same, in fewer steps"


def test_a_home_is_no_longer_watched_once_consent_is_withdrawn_in_whatever_order_the_words_come(store: Store) -> None:
    agreed = {"purpose": "home_monitoring", "after": []}
    withdrawn = event(1, "consent.withdrawn", payload={"purpose": "home_monitoring"}, subject="p1")
    put(store, [withdrawn, event(2, "consent.given", payload=agreed, subject="p1"), event(3, subject="p1")])
    knowing = {**agreed, "after": [withdrawn.id]}
    put(store, [event(4, "consent.given", payload=knowing, subject="p1"), event(5, subject="p1")])
    passages = Scope(("jinxiu",), frozenset({Lane.ELDER_PASSAGE}))
    assert [i.event.seq for i in everything(store, passages)] == [5]


def test_a_care_plan_that_comes_late_undoes_no_withdrawal(store: Store) -> None:
    """One that a disk had lost, and that was given back: what sensors tell of whoever had withdrawn was kept from then on."""
    register = event(1, "home.device_registered", subject="p1", payload={"device": "b3"})
    older, newer = (event(n, "careplan.set", subject="p1", payload={"revision": n}) for n in (2, 4))
    put(store, [register, event(3, "consent.withdrawn", payload={"purpose": "home_monitoring"}, subject="p1")])
    for plan, watched in ((older, False), (newer, True)):
        store.absorb([FeedItem(0, "d9", 1, plan, NOW + 10_000, True)])
        assert StoreHomes(store).home("jinxiu", "b3") == Home("p1", "", watched)


def test_a_scope_reads_its_lanes_of_its_communities_alone(store: Store) -> None:
    put(store, [event(1, "consent.given", payload={"purpose": "home_monitoring"}, subject="elder")])
    put(store, [event(2, subject="elder"), event(3, subject="other"), event(4, "sign.motion", "yulan", "x")])
    desk = Scope(("jinxiu",), frozenset({Lane.ROSTER, Lane.ELDER_PASSAGE, Lane.CARE}))
    assert [(i.event.seq) for i in everything(store, desk)] == [1, 2]
    page = store.feed_after(desk, {}, 10)
    assert page.positions == {"jinxiu": 3}
    assert not page.more


def test_pages_end_where_they_say_whatever_the_lanes(store: Store) -> None:
    kinds = ("passage.recorded", "sign.motion", "incident.opened", "consent.given", "kiosk.started")
    put(store, [event(n, kinds[n % 5], subject="p1") for n in range(1, 101)])
    for limit in (1, 7, 100, 101):
        assert [i.position for i in everything(store, limit=limit)] == list(range(1, 101))


def test_listeners_hear_of_incidents_in_the_order_of_the_feed(store: Store) -> None:
    heard: list[int] = []
    store.on_fresh(lambda fresh: heard.extend(i.position for i in fresh.streamed))
    waiting = [
        store.append_batch(batch([event(n, "incident.evidence") for n in range(k, k + 5)], device=f"v{d}"))
        for k in range(1, 100, 5)
        for d in range(3)
    ]
    for each in waiting:
        each.result(20)
    assert heard == sorted(heard)
    assert len(heard) == 300


def test_no_reader_ever_skips_a_row_while_writers_race(store: Store) -> None:
    """Readers follow the feed by cursor while six devices write; at the end each has seen every fact once."""
    devices, rounds, size = 6, 12, 20
    done = threading.Event()
    seen: list[list[str]] = [[], []]

    def follow(into: list[str]) -> None:
        positions: dict[str, int] = {}
        while True:
            finished = done.is_set()
            page = store.feed_after(ALL, positions, 37)
            into += [i.event.id for i in page.items]
            positions = page.positions
            if finished and not page.items:
                return

    def write(device: str) -> None:
        for n in range(rounds):
            community = "jinxiu" if n % 2 else "yulan"
            events = [event(n * size + i + 1, community=community) for i in range(size)]
            store.append_batch(batch(events, device=device)).result(20)

    readers = [threading.Thread(target=follow, args=(into,)) for into in seen]
    writers = [threading.Thread(target=write, args=(f"v{d}",)) for d in range(devices)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    for ids in seen:
        assert len(ids) == devices * rounds * size
        assert len(set(ids)) == len(ids)


def test_a_reader_of_a_restored_database_starts_over(store: Store) -> None:
    put(store, [event(1), event(2)])
    page = store.feed_after(ALL, {"jinxiu": 900}, 10)
    assert len(page.items) == 2
    assert page.positions["jinxiu"] == 2


def test_checksums_say_what_a_reader_must_hold_and_tombstones_what_must_go(store: Store) -> None:
    facts = [event(n, "passage.recorded") for n in range(1, 6)] + [event(6, "sign.motion", subject="p1")]
    store.append_batch(batch(facts, "v1")).result()
    sums = Checksums(store)
    held = sums.of(ALL, {"jinxiu": 6})
    assert [(s.device, s.count) for s in held] == [("v1", 6)]
    folded = 0
    for item in store.feed_after(ALL, {}, 99).items[:3]:
        folded ^= fold_hash(bytes.fromhex(item.hash))
    assert [(s.count, s.sum) for s in sums.of(ALL, {"jinxiu": 3})] == [(3, folded)], "a reader who is behind"
    for behind in range(7):
        assert sums.of(ALL, {"jinxiu": behind}) == Checksums(store).of(ALL, {"jinxiu": behind}), "near or far"
    care = Scope(("jinxiu",), frozenset({Lane.CARE}))
    assert [s.count for s in sums.of(care, {"jinxiu": 6})] == [1]
    gone = leaving(store, ALL, care, {"jinxiu": 4}, {})
    assert (gone.tombstones, gone.reached) == ([e.id for e in facts[:4]], None)


def test_a_hub_does_not_send_or_read_everything_again_for_a_difference_that_stays(store: Store) -> None:
    """It is the same for as long as facts come to both sides, and another once something else is wanting."""
    drift, lanes = Drift(store, Registry(store)), frozenset(Lane)

    def wanting(off: tuple[int, int]) -> bool:
        above = [
            msgspec.structs.replace(s, count=s.count + off[0], sum=s.sum ^ off[1])
            for s in Checksums(store).of(ALL, {"jinxiu": 99})
        ]
        return drift.compare(Told(above, {}), ("jinxiu",), (), [(lanes, {"jinxiu": 99})]).wanting

    put(store, [event(1), event(2)])
    assert [wanting((1, 5)), wanting((1, 5))] == [True, False]
    put(store, [event(3), event(4)])
    assert [wanting((1, 5)), wanting((2, 12)), wanting((0, 0))] == [False, True, False]


def test_a_place_in_a_feed_is_known_by_the_fact_that_stands_there(store: Store) -> None:
    store.append_batch(batch([event(n) for n in range(1, 4)], "v1")).result()
    marks, items = Marks(store), store.feed_after(ALL, {}, 99).items
    told = marks.of({"jinxiu": 3, "yulan": 0})
    assert told == marks.of({"jinxiu": 3}, items) == {"jinxiu": items[2].event.id[-8:]}
    for looked in (marks, Marks(store)):
        assert looked.fit({"jinxiu": 3}, told)
        assert not looked.fit({"jinxiu": 2}, told), "another fact"
        assert not looked.fit({"jinxiu": 4}, told), "none yet"
        assert looked.fit({"jinxiu": 2}, {}), "a cursor of an older version"
