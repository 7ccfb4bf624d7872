"""How long whoever gave a wrong password must wait, at the district and at a desk that is cut off from it alike."""

FREE_FAILURES = 4  # then each failure doubles the wait
LONGEST_MS = 3_600_000


def wait_ms(failures: int) -> int:
    """After so many failures one upon the other."""
    return min(LONGEST_MS, 1000 * 2 ** min(failures - FREE_FAILURES, 30)) if failures > FREE_FAILURES else 0


def left_ms(until: int, now: int) -> int:
    """How long somebody locked until then must still wait. More than can have been set is none: the clock was put back since."""
    left = until - now
    return left if 0 < left <= LONGEST_MS else 0
