"""Rates with their 95 % intervals."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import beta, chi2

FEW = 30  # errors below which an interval is exact and not resampled


def clopper_pearson(errors: int, trials: int) -> tuple[float, float]:
    """Exact binomial 95 % interval (Clopper and Pearson 1934); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    low = float(beta.ppf(0.025, errors, trials - errors + 1)) if errors else 0.0
    high = float(beta.ppf(0.975, errors + 1, trials - errors)) if errors < trials else 1.0
    return low, high


def garwood(events: int, exposure: float) -> tuple[float, float]:
    """Exact 95 % interval of a rate (Garwood 1936): events per unit of `exposure`, which is above 0."""
    low = float(chi2.ppf(0.025, 2 * events)) / 2 if events else 0.0
    return low / exposure, float(chi2.ppf(0.975, 2 * events + 2)) / 2 / exposure


def interval(wrong: Sequence[bool], person: Sequence[str], seed: int) -> tuple[float, float]:
    """Of the rate of `wrong` among visits: exact where errors are few, else resampled by person, whose visits go together."""
    errors, trials = int(sum(wrong)), len(wrong)
    if errors < FEW or trials - errors < FEW:
        return clopper_pearson(errors, trials)
    _, row = np.unique(np.asarray(person), return_inverse=True)
    bad, all_ = np.bincount(row, np.asarray(wrong, float)), np.bincount(row).astype(float)
    drawn = np.random.default_rng(seed).integers(0, len(bad), (1000, len(bad)))
    low, high = np.quantile(bad[drawn].sum(1) / all_[drawn].sum(1), [0.025, 0.975])
    return float(low), float(high)
