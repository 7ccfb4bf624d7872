"""A store of the district whose rows are not what was written."""

import psycopg

from district.store.port import Execute, Store
from district.store.postgresql import PostgresqlStore


def spoil(store: Store, *statements: str) -> None:
    """What a bad disk or a clumsy hand does to a database."""
    if isinstance(store, PostgresqlStore):
        with psycopg.connect(store._url) as db:
            db.execute("SELECT set_config('session_replication_role', 'replica', false)")
            for statement in statements:
                db.execute(statement)
        return

    def work(execute: Execute) -> None:
        triggers = execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        for name, _ in triggers:
            execute(f"DROP TRIGGER {name}")
        for statement in statements:
            execute(statement)
        for _, sql in triggers:
            execute(sql)

    store.write(work)
