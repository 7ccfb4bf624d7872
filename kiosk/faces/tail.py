"""The score tail: how often two different people look as alike as a given score (shipped as a small JSON with its card)."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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

    def log10_fmr(self, score: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """Base-10 logarithm of the false match rate at `score`; beyond the table its last slope goes on."""
        s, f = np.asarray(self.scores), np.asarray(self.log_fmr)
        x = np.asarray(score, np.float64)
        slope = (f[-1] - f[-3]) / (s[-1] - s[-3])
        return np.asarray(np.where(x > s[-1], f[-1] + slope * (x - s[-1]), np.interp(x, s, f)))

    def score_at(self, log10_fmr: float) -> float:
        """The score that a fraction `10**log10_fmr` of impostor pairs reaches; the inverse of `log10_fmr`."""
        s, f = np.asarray(self.scores), np.asarray(self.log_fmr)
        if log10_fmr < f[-1]:
            return float(s[-1] + (log10_fmr - f[-1]) * (s[-1] - s[-3]) / (f[-1] - f[-3]))
        return float(np.interp(-log10_fmr, -f, s))


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
