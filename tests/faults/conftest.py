"""The district that really serves, for faults on the way to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from district.config import DistrictSettings
from tests.fakes.serving import GENEROUS, Serving, run_district


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Serving]:
    yield from run_district(DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS))
