"""The score tail: how often two different people look as alike as a given score (shipped as a small JSON with its card)."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()
HERE = Path(__file__).parent / "tails"


@dataclass(frozen=True, slots=True)
class ScoreTail:
    """Impostor scores of one engine.

    `mean` and `spread` are those of all impostor scores; `scores[i]` is the score reached by a fraction `10**log_fmr[i]` of
    pairs of different people (false match rate). `source` names the data, `people` and `pairs` its size.
    """

    engine: str
    version: str
    mean: float
    spread: float
    scores: tuple[float, ...]
    log_fmr: tuple[float, ...]
    people: int
    pairs: int
    source: str

    def fmr_at(self, score: float) -> float:
        """The false match rate at `score`. Between the table's points, and beyond the last one, scores are taken as normal:
        beyond it with `spread` as their standard deviation."""
        s = self.scores
        if score > s[-1]:
            return _rate(deviations(10 ** self.log_fmr[-1]) + (score - s[-1]) / self.spread)
        return _rate(float(np.interp(score, s, [deviations(10**f) for f in self.log_fmr])))

    def score_at(self, fmr: float) -> float:
        """The score that a fraction `fmr` (0..1) of impostor pairs reaches; the inverse of `fmr_at`."""
        if fmr < 10 ** self.log_fmr[-1]:
            return self.scores[-1] + (deviations(fmr) - deviations(10 ** self.log_fmr[-1])) * self.spread
        return float(np.interp(deviations(fmr), [deviations(10**f) for f in self.log_fmr], self.scores))


def deviations(rate: float) -> float:
    """How many standard deviations above the mean a fraction `rate` of a normal population lies."""
    return -NORMAL.inv_cdf(min(max(rate, 1e-15), 1 - 1e-15))


def _rate(deviations: float) -> float:
    """The fraction of a normal population that lies at least so many standard deviations above its mean."""
    return NORMAL.cdf(-deviations)


def read_tail(path: Path) -> ScoreTail:
    """Read a table as `./run evaluate tail` writes it. Raises OSError, ValueError, KeyError or TypeError where it is not one."""
    table = json.loads(path.read_text("utf-8"))
    tail = ScoreTail(**{**table, "scores": tuple(table["scores"]), "log_fmr": tuple(table["log_fmr"])})
    if len(tail.scores) < 3 or len(tail.scores) != len(tail.log_fmr):
        raise ValueError(f"{path}: a score tail needs at least three points")
    if (np.diff(tail.scores) <= 0).any() or (np.diff(tail.log_fmr) >= 0).any() or tail.spread <= 0:
        raise ValueError(f"{path}: scores must rise and rates fall")
    return tail


def shipped_tail(engine: str) -> ScoreTail:
    """The table that ships with `engine`."""
    return read_tail(HERE / f"{engine}.json")
