"""A full disk under the district: a sentence and a 503, nothing acknowledged is lost, and it goes on when there is room."""

from pathlib import Path

import pytest

from district.store.port import Store
from district.store.sqlite import SqliteStore
from domain.errors import Mendable
from offline.keys.signing import Signer
from offline.node import Node
from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport
from offline.wire import Batch, FeedItem
from tests.contracts.store_facts import NOW, batch, event
from tests.fakes.serving import Serving


def fill(store: Store) -> None:
    """No page more than there are now: what a full disk is to SQLite."""
    assert isinstance(store, SqliteStore)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")


def page(kind: str) -> list[FeedItem]:
    """Facts from above, more than the file has room for."""
    return [FeedItem(n, "v9", 1, event(n, kind), NOW) for n in range(1, 400)]


def make_room(store: Store) -> None:
    assert isinstance(store, SqliteStore)
    store._db.execute("PRAGMA max_page_count = 1000000")


def test_what_does_not_fit_is_refused_whole_and_fits_later(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "d.sqlite", "d0")
    try:
        assert store.append_batch(batch([event(1)])).result(10).through == 1
        fill(store)
        many = [event(n) for n in range(2, 400)]
        with pytest.raises(Mendable, match="disk_full"):
            store.append_batch(batch(many)).result(10)
        assert store.counts()["facts"] == 1
        assert (tmp_path / "d.ballast").exists(), "it is for alarms"
        with pytest.raises(Mendable, match="disk_full"):
            store.append_batch(batch([event(n, "incident.opened") for n in range(2, 400)])).result(10)
        assert not (tmp_path / "d.ballast").exists(), "the ballast was not given up"
        make_room(store)
        assert store.append_batch(batch(many)).result(10).through == 399
    finally:
        store.close()


def test_at_a_full_hub_a_page_from_above_leaves_the_reserve_to_alarms(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "d.sqlite", "d0")
    try:
        store.append_batch(batch([event(1)])).result(10)
        fill(store)
        with pytest.raises(Mendable, match="disk_full"):
            store.absorb(page("passage.recorded"))
        assert (tmp_path / "d.ballast").exists()
        with pytest.raises(Mendable, match="disk_full"):
            store.absorb(page("incident.opened"))
        assert not (tmp_path / "d.ballast").exists()
    finally:
        store.close()


def test_a_node_is_told_to_come_back(tmp_path: Path, district: Serving) -> None:
    node = Node(tmp_path / "node")
    transport = HttpTransport(district.url, node.clock.now)
    try:
        node.enrol(district.url, district.code("kiosk"), "kiosk", "gate")
        transport.sign_as(node.journal.device, Signer(node.journal.device, node.identity.sign))
        node.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(400)])
        sent = Batch(1, 1, 1, node.clock.now_ms(), node.journal.unsent(400))
        fill(district.office.store)
        with pytest.raises(TryAgain) as told:
            transport.push(sent)
        assert str(told.value) == "disk_full"
        assert told.value.after == 10
        make_room(district.office.store)
        assert transport.push(sent).acked_through == 400
    finally:
        transport.close()
        node.close()
