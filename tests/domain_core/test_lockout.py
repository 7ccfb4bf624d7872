"""Four failures are free, then each doubles the wait, up to an hour and no longer."""

import pytest

from domain.lockout import LONGEST_MS, wait_ms


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (15, 2048), (16, 3600), (10_000, 3600)]
)
def test_the_wait_doubles_and_ends_at_an_hour(failures: int, seconds: int) -> None:
    assert wait_ms(failures) == seconds * 1000


def test_nobody_is_locked_out_for_longer_than_an_hour() -> None:
    assert LONGEST_MS == 3_600_000
