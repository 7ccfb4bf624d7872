"""A district that really serves, and gates that have enrolled with it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.serving import Serving
from tests.fakes.staff import a_district
from tests.journeys.lending_gates import ENGINE, Gate


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    yield from a_district(tmp_path, monkeypatch)


@pytest.fixture
def gate_of(district: Serving, tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(name: str, engine: tuple[str, str] = ENGINE) -> Gate:
        made.append(Gate(district, tmp_path / name, name, engine))
        return made[-1]

    yield make
    for gate in made:
        gate.stop()
