"""Power cuts: the store's own tables, PRAGMAs and statements on a disk that forgets what was not synced.

SQLite is apsw's here (its version is in the test's id), because Python's own module takes no such disk. With synchronous=NORMAL
the same test must fail: that is its control.
"""

import os
import random
from unittest.mock import patch

import apsw
import pytest

from district.store.sqlite import PRAGMAS
from district.store.sqlite_commit import INSERT_FACTS, INSERT_PAYLOADS
from district.store.sqlite_schema import STATEMENTS
from tests.contracts.store_facts import batch, event
from tests.faults import power
from tests.faults.power import Disk

CUTS = int(os.environ.get("SHOUWANG_CUTS", "25"))
SEED = int(os.environ.get("SHOUWANG_SEED", "20261123"))


class PowerCut(Exception):
    pass


def run_until_cut(disk: Disk, pragmas: tuple[str, ...], chance: random.Random) -> tuple[int, Disk]:
    """Append and acknowledge until the power goes, between or within commits: the last acknowledged seq, and what is left."""
    db = disk.open()
    for pragma in pragmas:
        db.execute(pragma)
    db.execute("PRAGMA wal_autocheckpoint=20")
    seq = next(db.execute("SELECT coalesce(max(seq), 0) FROM facts"))[0]
    acknowledged = seq
    writes = chance.randrange(5, 120)
    count = 0

    def counting(self: power.Handle, data: bytes, offset: int) -> None:
        nonlocal count
        count += 1
        if count > writes:
            raise PowerCut
        self._file.write(data, offset)

    with patch.object(power.Handle, "xWrite", counting):
        try:
            while True:
                events = [event(seq + n + 1) for n in range(chance.randrange(1, 8))]
                ready = batch(events)
                db.execute("BEGIN IMMEDIATE")
                for fact, payload in zip(ready.facts, ready.payloads, strict=True):
                    row = fact[3]
                    db.execute(INSERT_FACTS[1], (row, row, *fact))
                    db.execute(INSERT_PAYLOADS[1], (row, *payload))
                db.execute("COMMIT")
                seq += len(events)
                acknowledged = seq
        except (PowerCut, apsw.Error):
            return acknowledged, disk.cut(chance)  # before the connection closes in good order


def lost_facts(pragmas: tuple[str, ...], cuts: int) -> int:
    """How often an acknowledged fact was not there after a cut."""
    chance = random.Random(SEED)
    lost = 0
    disk = fresh(pragmas)
    for _ in range(cuts):
        acknowledged, disk = run_until_cut(disk, pragmas, chance)
        db = disk.open()
        assert next(db.execute("PRAGMA integrity_check"))[0] == "ok"
        count, greatest = next(db.execute("SELECT count(*), coalesce(max(seq), 0) FROM facts"))
        assert count == greatest, "a hole"
        db.close()
        if greatest < acknowledged:
            lost += 1
            disk = fresh(pragmas)
    return lost


def fresh(pragmas: tuple[str, ...]) -> Disk:
    disk = Disk()
    db = disk.open()
    for pragma in pragmas:
        db.execute(pragma)
    for statement in STATEMENTS:
        db.execute(statement)
    db.close()
    for file in disk.files.values():
        file.sync()
    return disk


@pytest.mark.parametrize("sqlite", [apsw.sqlite_lib_version()])
def test_no_acknowledged_fact_is_lost_by_a_power_cut(sqlite: str) -> None:
    assert lost_facts(PRAGMAS, CUTS) == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_acknowledged_fact_is_lost_by_a_thousand_power_cuts() -> None:
    assert lost_facts(PRAGMAS, 1_000) == 0


@pytest.mark.parametrize("sqlite", [apsw.sqlite_lib_version()])
def test_the_same_cuts_lose_facts_with_synchronous_normal(sqlite: str) -> None:
    assert lost_facts(tuple(p.replace("FULL", "NORMAL") for p in PRAGMAS), CUTS) > 0
