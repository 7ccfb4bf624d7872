"""Five weeks of a community at speed: whatever happened to somebody, somebody was told of; and nothing else rang.

`SHOUWANG_WALK=elders,days,seed` walks another way.
"""

import os
from pathlib import Path

import pytest

from tests.walks.judging import judged
from tests.walks.weeks import Weeks


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whatever_happens_in_five_weeks_somebody_is_told_of_and_of_nothing_else(tmp_path: Path) -> None:
    elders, days, seed = map(int, os.environ.get("SHOUWANG_WALK", "4,35,1").split(","))
    weeks = Weeks(tmp_path, elders, days, seed)
    try:
        weeks.live()
        found = judged(weeks)
    finally:
        weeks.close()
    assert found.counts.keys() >= {"sos", "fall", "silent", "away", "dead", "out"}, "nothing happened"
    assert (found.missed, found.wrong) == ([], [])
