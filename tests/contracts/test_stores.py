"""What every store of the district must do: the same suite over SQLite and PostgreSQL."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from district.config import Retention
from district.store.port import Execute, Poison, Prepared, Store
from district.upkeep.aside import expire_aside
from offline.wire import dump
from tests.contracts.store_facts import ALL, NOW, batch, event, everything, put


def test_a_batch_is_acknowledged_and_comes_down_as_it_went_up(store: Store) -> None:
    events = [event(n, subject="p1" if n % 2 else None) for n in range(1, 8)]
    done = put(store, events)
    assert (done.through, done.missing, done.quarantined, done.fresh) == (7, (), (), 7)
    assert [i.event for i in everything(store, limit=3)] == events
    assert [i.position for i in everything(store)] == list(range(1, 8))


def test_a_batch_sent_again_changes_nothing(store: Store) -> None:
    events = [event(n) for n in range(1, 6)]
    put(store, events)
    again = put(store, [*events[2:], event(6)])
    assert (again.through, again.fresh) == (6, 1)
    assert store.counts()["facts"] == 6


def test_the_acknowledged_prefix_is_contiguous_and_gaps_are_named(store: Store) -> None:
    events = {n: event(n) for n in range(1, 11)}
    assert put(store, [events[n] for n in (3, 4, 7)]).missing == ((1, 2), (5, 6))
    first = put(store, [events[1], events[2]])
    assert (first.through, first.missing) == (4, ((5, 6),))
    assert put(store, [events[n] for n in (5, 6)]).through == 7
    assert put(store, [events[n] for n in (8, 9, 10)]).through == 10


def test_other_facts_under_the_same_numbers_are_a_fork_and_nothing_is_kept(store: Store) -> None:
    put(store, [event(1), event(2)])
    forked = put(store, [event(3), event(2)])
    assert forked.fork_epoch == 2
    assert store.counts()["facts"] == 2
    assert put(store, [event(1), event(2)], epoch=2).through == 2
    assert put(store, [event(3)], epoch=1).through == 3


def test_poison_is_put_aside_and_does_not_block(store: Store) -> None:
    done = put(store, [event(1), event(2, community="elsewhere"), event(3)])
    assert (done.through, done.quarantined) == (3, (2,))
    assert store.counts() == {"facts": 2, "payloads": 2, "quarantine": 1, "evidence": 0}
    assert put(store, [event(2, community="elsewhere")]).through == 3
    reason = store.read("SELECT reason FROM quarantine")[0][0]
    assert "may not write" in reason


def test_a_second_body_under_a_taken_id_is_evidence(store: Store) -> None:
    id = "ab" * 16
    first = store.append_own("incident.opened", "jinxiu", "p1", NOW, {"n": 1}, id)
    again = store.append_own("incident.opened", "jinxiu", "p1", NOW, {"n": 2}, id)
    assert again == first
    done = put(store, [event(1), event(2, kind="incident.opened", id=id), event(3)])
    assert done.through == 3
    assert store.counts() == {"facts": 3, "payloads": 3, "quarantine": 0, "evidence": 1}
    assert [i.event.id for i in everything(store) if i.event.kind == "incident.opened"] == [id]


def test_urgent_work_does_not_wait_for_all_that_is_queued(store: Store) -> None:
    """Devices send at once; a fact of the district's own overtakes most of what they sent, and none of it is lost."""
    ready = [batch([event(n) for n in range(1, 101)], device=f"v{device}") for device in range(60)]
    waiting = [store.append_batch(each) for each in ready]
    item = store.append_own("incident.opened", "jinxiu", "p1", NOW, {})
    assert item.position < 6_000
    assert [each.result(60).through for each in waiting] == [100] * 60
    assert store.counts()["facts"] == 6_001


def test_one_failing_piece_of_work_takes_no_other_with_it(store: Store) -> None:
    def fail(execute: Execute) -> None:
        execute("INSERT INTO notes (key, value) VALUES ('half', 'done')")
        raise ValueError("on purpose")

    good = store.append_batch(batch([event(1)]))
    with pytest.raises(ValueError, match="on purpose"):
        store.write(fail)
    assert good.result(10).through == 1
    assert store.read("SELECT * FROM notes") == []
    assert put(store, [event(2)]).through == 2


sends = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 12), st.integers(1, 6), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sends=sends)
def test_any_order_of_sends_converges_to_the_model(store: Store, sends: list[list[int]]) -> None:
    """(epoch, first, count, backwards) in any order, overlaps and gaps: the store is the union, the prefix is contiguous."""
    _examples[0] += 1
    device = f"v{_examples[0]}"
    truth = {
        (epoch, n): event(n, id=f"{_examples[0]:016x}{epoch:08x}{n:08x}") for epoch in (1, 2) for n in range(1, 19)
    }
    model: dict[int, set[int]] = {1: set(), 2: set()}
    for epoch, first, count, backwards in sends:
        numbers = list(range(first, first + count))
        done = put(
            store, [truth[epoch, n] for n in (reversed(numbers) if backwards else numbers)], device=device, epoch=epoch
        )
        model[epoch] |= set(numbers)
        through = 0
        while through + 1 in model[epoch]:
            through += 1
        assert done.through == through
        missing = {n for a, b in done.missing for n in range(a, b + 1)}
        assert missing == set(range(through + 1, max(model[epoch]))) - model[epoch]
    rows = store.read_within(["jinxiu"], "SELECT epoch, seq FROM facts WHERE device = ?", (device,))
    assert sorted(rows) == sorted((e, n) for e, numbers in model.items() for n in numbers)


_examples = [0]


def test_facts_from_upstream_keep_their_numbers_and_are_taken_once(store: Store) -> None:
    store.append_batch(batch([event(1, subject="p1"), event(2, subject="p1")], "v9")).result()
    above = store.feed_after(ALL, {}, 99).items
    mine = event(1)
    store.append_batch(batch([mine], "v1")).result()
    fresh = [
        msgspec.structs.replace(item, device="v7", event=msgspec.structs.replace(item.event, id=item.event.id[::-1]))
        for item in above
    ]
    fresh = [msgspec.structs.replace(i, hash=i.event.envelope(i.device, i.epoch).content_hash()) for i in fresh]
    assert store.absorb(above) == 0
    assert store.absorb(fresh) == 2
    assert store.absorb(fresh) == 0
    assert {(i.device, i.event.seq) for i in store.feed_after(ALL, {}, 99).items} == {
        ("v9", 1), ("v9", 2), ("v1", 1), ("v7", 1), ("v7", 2)
    }  # fmt: skip
    with pytest.raises(ValueError, match="hash"):
        store.absorb([msgspec.structs.replace(fresh[0], hash="00" * 32)])


def test_a_node_that_went_on_in_a_new_epoch_numbers_its_own_facts_anew(store: Store) -> None:
    first = store.append_own("config.set", "jinxiu", None, NOW, {})
    store.begin_epoch(first.epoch + 4)
    second = store.append_own("config.set", "jinxiu", None, NOW, {})
    assert [(i.epoch - first.epoch, i.event.seq) for i in (first, second)] == [(0, 1), (4, 1)]


def test_a_start_gives_out_no_number_of_its_own_again_that_an_earlier_one_has_given(
    reopened: Callable[[int], Store],
) -> None:
    def own(now: int) -> tuple[int, int]:
        item = reopened(now).append_own("config.set", "jinxiu", None, now, {})
        return item.epoch, item.event.seq

    starts = [own(at) for at in (NOW, NOW + 60_000, NOW + 60_000, NOW + 400 * 86_400_000, NOW)]
    assert [seq for _, seq in starts] == [1] * 5, "each start counts in an epoch of its own, whatever the clock shows"
    epochs = [epoch for epoch, _ in starts]
    assert epochs == sorted(set(epochs))


def test_what_was_put_aside_has_its_term_as_what_stands_in_force(store: Store) -> None:
    month = 31 * 86_400_000
    passage, sign = event(1, subject="p1"), event(2, "sign.motion", subject="p1")
    raw = [dump(passage), dump(sign), b"no fact at all"]
    poison = [Poison(n + 1, "not to be read", said) for n, said in enumerate(raw)]
    store.append_batch(Prepared("v1", 1, NOW, poison=poison)).result()
    store.append_batch(batch([event(1, id="a" * 32)], "v2")).result()
    store.append_batch(batch([event(1, id="a" * 32, payload={"n": "another"})], "v3")).result()

    def kept() -> list[int]:
        rows = store.read("SELECT seq FROM quarantine WHERE length(raw) > 0 ORDER BY seq")
        return [seq for (seq,) in rows] + [len(store.read("SELECT 1 FROM evidence WHERE body IS NOT NULL"))]

    assert expire_aside(store, Retention(), NOW + month - 2 * 86_400_000) == 0
    assert kept() == [1, 2, 3, 1]
    assert expire_aside(store, Retention(), NOW + month) == 2, "the passage, and the second body of another"
    assert kept() == [2, 3, 0]
    assert expire_aside(store, Retention(), NOW + 401 * 86_400_000) == 2, "what cannot be read, as long as anything"
    assert kept() == [0]
    assert store.counts()["quarantine"] == 3, "that it came stays"


def test_its_own_facts_come_after_the_earlier_ones_though_the_clock_was_set_back_over_a_restart(
    reopened: Callable[[int], Store],
) -> None:
    before = reopened(NOW).append_own("config.set", "jinxiu", None, NOW, {})
    after = reopened(NOW - 3_600_000).append_own("config.set", "jinxiu", None, NOW, {})
    assert after.event.hlc > before.event.hlc
