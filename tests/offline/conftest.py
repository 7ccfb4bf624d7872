from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.journal import Journal
from offline.node_clock import NodeClock
from offline.roster import RosterProjection


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite", NodeClock(), [RosterProjection()], sign=lambda head: head[::-1])
    opened.become("gate-1", 1, "jinxiu")
    yield opened
    opened.close()
