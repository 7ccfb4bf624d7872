"""Every store, empty, in its turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from district.store.port import Store
from district.store.postgresql import PostgresqlStore
from district.store.sqlite import SqliteStore
from tests.contracts.store_facts import NOW


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store
    if request.param == "sqlite":
        made = SqliteStore(tmp_path / "d.sqlite", "d0", lambda: NOW)
    else:
        made = PostgresqlStore(request.getfixturevalue("empty_database")(), "d0", lambda: NOW)
    yield made
    made.close()
