"""Four failures are free, then each doubles the wait, up to an hour and no longer."""

import pytest

from domain.lockout import LONGEST_MS, left_ms, wait_ms


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (15, 2048), (16, 3600), (10_000, 3600)]
)
def test_the_wait_doubles_and_ends_at_an_hour(failures: int, seconds: int) -> None:
    assert wait_ms(failures) == seconds * 1000


def test_nobody_is_locked_out_for_longer_than_an_hour() -> None:
    assert LONGEST_MS == 3_600_000


@pytest.mark.parametrize(
    ("until", "left"),
    [(1_000, 0), (999, 0), (1_001, 1), (1_000 + LONGEST_MS, LONGEST_MS), (1_001 + LONGEST_MS, 0)],
)
def test_a_clock_that_was_put_back_locks_nobody_out(until: int, left: int) -> None:
    assert left_ms(until, now=1_000) == left
