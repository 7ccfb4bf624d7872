"""A district that really serves, and gates that have enrolled with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from tests.fakes.serving import Serving
from tests.fakes.staff import a_district
from tests.journeys.lending_gates import ENGINE, Gate


class Stops(Protocol):
    def stop(self) -> None: ...


Works = TypeVar("Works", bound=Stops)


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    yield from a_district(tmp_path, monkeypatch)


@pytest.fixture
def gate_of(district: Serving, tmp_path: Path, kept: Callable[[Gate], Gate]) -> Callable[..., Gate]:
    def make(name: str, engine: tuple[str, str] = ENGINE) -> Gate:
        return kept(Gate(district, tmp_path / name, name, engine))

    return make


@pytest.fixture
def kept() -> Iterator[Callable[[Works], Works]]:
    """Keeps what works until the test is over, and stops it then: the last first."""
    with ExitStack() as ends:

        def keep(one: Works) -> Works:
            ends.callback(one.stop)
            return one

        yield keep
