from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watch.benches import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.close()
