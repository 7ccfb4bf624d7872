"""An error rate with its exact interval (Clopper and Pearson, Biometrika 26, 1934), by bisection on the binomial tail."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log


@dataclass(frozen=True, slots=True)
class Rate:
    """`errors` of `trials`, and the 95 % interval of the rate; (0, 1) where nothing was tried."""

    errors: int
    trials: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.errors / self.trials if self.trials else None


def _at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) of a binomial (n, p)."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 1.0 if k >= n else 0.0
    logs = (lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p) for i in range(k + 1))
    return min(1.0, sum(exp(x) for x in logs))


def exact(errors: int, trials: int, confidence: float = 0.95) -> Rate:
    """Raises ValueError for more errors than trials."""
    if not 0 <= errors <= trials:
        raise ValueError(f"{errors} errors of {trials}")
    tail = (1 - confidence) / 2
    low = 0.0 if errors == 0 else _solve(lambda p: 1 - _at_most(errors - 1, trials, p) - tail)
    high = 1.0 if errors == trials else _solve(lambda p: tail - _at_most(errors, trials, p))
    return Rate(errors, trials, low, high)


def _solve(rising: Callable[[float], float]) -> float:
    """The root of a function that rises through zero on 0..1."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
