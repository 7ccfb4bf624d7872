"""From SQLite to PostgreSQL: equal by rows and digests, resumed where it was left, and served from there on."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg

from district.bootstrap import opened
from district.config import DistrictSettings
from district.store.people import ERASED
from district.upkeep.move import move
from offline.node import Node
from tests.contracts.store_facts import NOW, batch, event
from tests.fakes.serving import GENEROUS, Joined, run_district


def test_a_moved_district_is_equal_and_goes_on(empty_database: Callable[[], str], tmp_path: Path) -> None:
    settings = DistrictSettings(data=tmp_path / "d")
    file = settings.data / "district.sqlite"
    url = empty_database()
    with opened(settings) as office:
        office.store.append_batch(batch([event(n, community=("jinxiu", "yulan")[n % 2]) for n in range(1, 50)])).result(
            10
        )
        office.accounts.first_administrator(NOW)
        office.store.append_own(ERASED, "jinxiu", "p1", NOW, {})
    first = move(file, url, NOW)
    assert first.equal, first
    with opened(settings) as office:
        office.store.append_batch(batch([event(n, subject="p2") for n in range(50, 80)])).result(10)
        assert office.store.expire([4], NOW + 10, 100) == 9
    again = move(file, url, NOW)
    assert again.equal
    assert again.rows["facts"] == (80, 80)
    with opened(settings.model_copy(update={"database": url})) as office:
        done = office.store.append_batch(batch([event(79), event(80)]))
        assert done.result(10).fork_epoch is not None
        assert office.store.append_batch(batch([event(80)])).result(10).through == 80
        assert office.audit.verify().whole
    with psycopg.connect(url) as db:
        db.execute("UPDATE payloads SET salt = NULL, body = NULL WHERE community = 'yulan' AND position = 1")
    assert not move(file, url, NOW).equal


def test_a_district_is_moved_while_it_serves_and_nobody_who_writes_notices(
    empty_database: Callable[[], str], tmp_path: Path
) -> None:
    """Copied again and again under writers; the last time decides, and the same gates go on at PostgreSQL."""
    settings, url = DistrictSettings(data=tmp_path / "d", port=0, limits=GENEROUS), empty_database()
    file, serving = settings.data / "district.sqlite", contextmanager(run_district)
    nodes = [Node(tmp_path / f"node{n}") for n in range(2)]
    with serving(settings) as district:
        for node in nodes:
            node.enrol(district.url, district.code(), "kiosk", "gate")
        port, gates, over = int(district.url.rpartition(":")[2]), [Joined(node) for node in nodes], threading.Event()

        def writes(gate: Joined) -> None:
            while not over.is_set():
                gate.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(40)])
                gate.client.round()

        with ThreadPoolExecutor(len(gates)) as hands:
            writing = [hands.submit(writes, gate) for gate in gates]
            try:
                moved = [move(file, url, NOW) for _ in range(4)]
                began = [told.rows["facts"][0] for told in moved]
            finally:
                over.set()
            for each in writing:
                each.result(30)
    assert all(told.equal for told in moved), "each is one moment of the source"
    assert began[-1] > began[0], "they were writing"
    assert move(file, url, NOW).equal
    with serving(settings.model_copy(update={"database": url, "port": port})) as district:
        for gate in gates:
            gate.journal.append("passage.recorded", {"n": "after"})
            gate.client.round()
            assert gate.journal.pending() == 0
        kept = [(i.device, i.event.seq) for i in district.office.store.told(["passage.recorded"])]
        made = [(g.journal.device, f.envelope.seq) for g in gates for f in g.journal.facts("passage.recorded")]
        assert sorted(kept) == sorted(made)
    for node in nodes:
        node.close()
