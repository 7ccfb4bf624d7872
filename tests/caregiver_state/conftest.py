import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from caregiver.sample import Sample, lay, open_sample
from caregiver.state import AppState

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
ELDERS = 48


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small community, made once."""
    folder = tmp_path_factory.mktemp("sample")
    lay(folder, Sample(NOW, elders=ELDERS, residents=20, days=6, signs_a_day=6, passages=600))
    return folder


@pytest.fixture
def replica(laid: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(laid, tmp_path / "replica"))


@pytest.fixture
def state(replica: Path) -> Iterator[AppState]:
    found = open_sample(replica, NOW, zone=NOW.tzinfo)
    yield found
    found.close()
    found.journal.close()
    found.keys.close()
