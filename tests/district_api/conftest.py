"""One district, or a city of servers, for each test; with passwords that cost little."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from district.config import DistrictSettings
from offline.node import Node
from tests.fakes.city import City
from tests.fakes.serving import GENEROUS, Joined, Serving, run_district
from tests.fakes.staff import quick_passwords


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tests are about us and not about the hash."""
    quick_passwords(monkeypatch)


@pytest.fixture
def settings(tmp_path: Path) -> DistrictSettings:
    return DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS)


@pytest.fixture
def district(settings: DistrictSettings) -> Iterator[Serving]:
    yield from run_district(settings)


@pytest.fixture
def join(tmp_path: Path, district: Serving) -> Iterator[Callable[..., Joined]]:
    made: list[Joined] = []

    def make(role: str = "kiosk", community: str = "jinxiu", gate_log: bool = False) -> Joined:
        node = Node(tmp_path / f"node{len(made)}")
        node.enrol(district.url, district.code(role, community, gate_log), role, f"{role} {len(made)}")
        made.append(Joined(node))
        return made[-1]

    yield make
    for each in made:
        each.node.close()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with ExitStack() as stack:
        yield City(tmp_path, stack)


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed finds no settings of whoever runs the tests, and is answered in English."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
