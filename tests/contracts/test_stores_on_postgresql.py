"""What only the store on PostgreSQL has: a second wall, and a planner that must not read more than it is asked for."""

from collections.abc import Callable

import psycopg
import pytest

from district.store.postgresql import PostgresqlStore
from domain.errors import Mendable
from tests.contracts.store_facts import ALL, NOW, event, put


def test_on_postgresql_a_statement_that_forgets_its_scope_sees_nothing(empty_database: Callable[[], str]) -> None:
    store = PostgresqlStore(empty_database(), "d0", lambda: NOW)
    put(store, [event(1, subject="p1"), event(2, "sign.motion", "yulan", "p2")])
    assert store.walled
    forgetful = (
        "SELECT f.community FROM facts f LEFT JOIN payloads p ON p.community = f.community AND p.position = f.position"
    )
    for statement in (
        forgetful,
        "SELECT community FROM facts",
        "SELECT community FROM payloads",
        "SELECT community FROM fact_ids",
    ):
        assert store.read(statement) == []
        assert store.read_within(["jinxiu"], statement) == [("jinxiu",)]
        assert store.read_within(["jinxiu", "yulan"], statement + " ORDER BY 1") == [("jinxiu",), ("yulan",)]
    with psycopg.connect(store._url) as db:
        parts = db.execute("SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
                           " WHERE c.relkind = 'r'").fetchall()  # fmt: skip
    assert len(parts) >= 8
    for (part,) in parts:
        assert store.read_within(["jinxiu", "yulan"], f"SELECT * FROM {part}") == [], "a partition is no way round"
    assert store.read("SELECT community FROM feeds ORDER BY 1") == [("jinxiu",), ("yulan",)]
    assert [i.event.community for i in store.about("p2")] == ["yulan"], "the rules look at the whole district"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        store.read("DELETE FROM feeds")
    store.close()


def test_on_postgresql_a_page_of_a_new_day_looks_up_the_payloads_it_shows_and_no_others(
    empty_database: Callable[[], str],
) -> None:
    url = empty_database()
    writer = PostgresqlStore(url, "d0", lambda: NOW)
    for first in range(1, 2_001, 500):
        put(writer, [event(n) for n in range(first, first + 500)])
    writer.close()
    before = payloads_looked_up(url)
    reader = PostgresqlStore(url, "d0", lambda: NOW)
    assert len(reader.feed_after(ALL, {"jinxiu": 0, "yulan": 0}, 50).items) == 50
    reader.close()
    assert 50 <= payloads_looked_up(url) - before <= 100, (
        "no statistics yet of today's partition: each by its whole key"
    )


def payloads_looked_up(url: str) -> int:
    """Index entries of payloads read so far; a session's are counted when it has ended, so this waits for all others to end."""
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as db:
        # those of a closed pool, on their way out
        db.execute(f"SELECT pg_terminate_backend(pid, 20000) FROM ({others}) s")
        counted = "SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes WHERE relname LIKE 'payloads%'"
        (found,) = db.execute(counted).fetchall()
        return int(found[0])


def test_a_full_disk_of_postgresql_is_said_as_one(empty_database: Callable[[], str]) -> None:
    store = PostgresqlStore(empty_database(), "d0")
    full = "DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    try:
        with pytest.raises(Mendable, match="disk_full"):
            store.write(lambda execute: execute(full))
        put(store, [event(1)])
    finally:
        store.close()
