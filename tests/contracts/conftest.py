"""Every store, empty, in its turn; a service on the web that channels speak to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from district.store.port import Store
from district.store.postgresql import PostgresqlStore
from district.store.sqlite import SqliteStore
from tests.contracts.store_facts import NOW
from tests.fakes.web_service import Service, web_service


@pytest.fixture(params=["sqlite", "postgresql"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], Store]]:
    """Opens one and the same database at a time (ms); whatever had it open is closed first."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("empty_database")()
    with ExitStack() as opened:

        def make(now: int) -> Store:
            opened.close()
            path = tmp_path / "d.sqlite"
            store: Store = PostgresqlStore(url, "d0", lambda: now) if url else SqliteStore(path, "d0", lambda: now)
            opened.callback(store.close)
            return store

        yield make


@pytest.fixture
def store(reopened: Callable[[int], Store]) -> Store:
    return reopened(NOW)


@pytest.fixture
def service() -> Iterator[Service]:
    with web_service() as found:
        yield found
