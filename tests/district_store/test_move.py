"""From SQLite to PostgreSQL: equal by rows and digests, resumed where it was left, and served from there on."""

from collections.abc import Callable
from pathlib import Path

import psycopg

from district.bootstrap import opened
from district.config import DistrictSettings
from district.store.people import ERASED
from district.upkeep.move import move
from tests.contracts.store_facts import NOW, batch, event


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
