"""Duplicates, reordering, gaps, cloned disks and restarts in any order, against a model: nothing is lost, nothing doubled."""

import tempfile
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from district.scope import DeviceRole, Lane, Scope
from district.store.devices import Device
from district.store.registry import Code, Registry
from district.store.sqlite import SqliteStore
from offline.wire import Event
from tests.contracts.store_facts import NOW, batch, event

EVERYTHING = Scope(("jinxiu", "yulan"), frozenset(Lane))
DEVICES = ("v1", "v2")


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "d.sqlite"
        self.store = SqliteStore(self.path, "d0", lambda: NOW)
        registry = Registry(self.store)
        for n, id in enumerate(DEVICES):
            registry.put_code(f"c{n}", Code(DeviceRole.HUB, "jinxiu", False, NOW + 1))
            registry.enrol(f"c{n}", Device(id, DeviceRole.HUB, id, (), False, f"k{n}", "b", 1, 1, NOW), NOW)
        self.epoch = dict.fromkeys(DEVICES, 1)
        self.recorded: dict[tuple[str, int], list[Event]] = {(d, 1): [] for d in DEVICES}
        self.kept: dict[tuple[str, int], set[int]] = {}  # the model: numbers that were sent and acknowledged in any way

    @rule(device=st.sampled_from(DEVICES), count=st.integers(1, 6))
    def record(self, device: str, count: int) -> None:
        mine = self.recorded[device, self.epoch[device]]
        mine += [event(len(mine) + n) for n in range(1, count + 1)]

    @rule(device=st.sampled_from(DEVICES), data=st.data())
    def send_any_of_any_epoch(self, device: str, data: st.DataObject) -> None:
        epoch = data.draw(st.integers(1, self.epoch[device]))
        known = self.recorded[device, epoch]
        if not known:
            return
        chosen = data.draw(st.lists(st.sampled_from(range(len(known))), min_size=1, max_size=8))
        done = self.store.append_batch(batch([known[i] for i in chosen], device, epoch)).result(10)
        assert done.fork_epoch is None
        kept = self.kept.setdefault((device, epoch), set())
        kept |= {known[i].seq for i in chosen}
        through = 0
        while through + 1 in kept:
            through += 1
        assert done.through == through
        missing = {n for first, last in done.missing for n in range(first, last + 1)}
        assert missing == set(range(through + 1, max(kept) + 1)) - kept

    @precondition(lambda self: any(self.kept.values()))
    @rule(data=st.data())
    def send_from_a_cloned_disk(self, data: st.DataObject) -> None:
        device, epoch = data.draw(st.sampled_from(sorted(key for key, kept in self.kept.items() if kept)))
        seq = data.draw(st.sampled_from(sorted(self.kept[device, epoch])))
        other = msgspec.structs.replace(event(seq), at=NOW - 1)
        done = self.store.append_batch(batch([other], device, epoch)).result(10)
        assert done.fork_epoch is not None
        assert done.fork_epoch > epoch
        self.epoch[device] = max(self.epoch[device], done.fork_epoch)
        for n in range(1, self.epoch[device] + 1):
            self.recorded.setdefault((device, n), [])

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = SqliteStore(self.path, "d0", lambda: NOW)

    @invariant()
    def everything_kept_is_in_the_feed_once_without_gaps(self) -> None:
        items = self.store.feed_after(EVERYTHING, {}, 10_000).items
        found = [(i.device, i.epoch, i.event.seq) for i in items]
        assert len(found) == len(set(found))
        assert set(found) == {(d, e, seq) for (d, e), kept in self.kept.items() for seq in kept}
        assert [i.position for i in items] == list(range(1, len(items) + 1))
        ids = {(d, e): {event.seq: event.id for event in known} for (d, e), known in self.recorded.items()}
        assert all(i.event.id == ids[i.device, i.epoch][i.event.seq] for i in items)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=20, stateful_step_count=25)
