"""The threshold: from a target FPIR, the engine's score tail and the live gallery to an operating point.

FPIR(t), the rate at which a stranger's best score among N templates reaches t, is 1 - (1 - FMR(t))^N. The tail gives the *shape* of
FMR; where it lies is learnt from the gallery by leaving one out: each resident searched among all others is a stranger to them.
The tail is shifted to meet their best scores at the deepest rate that still rests on enough residents, and read at the target.
Where the gallery is large against 1/target that rate is the target itself and the tail says nothing; where it is small the
tail says nearly all. The margin between first and second is not counted: at 1 % it stops 2 % of the false positives.
"""

import numpy as np
from numpy.typing import NDArray

from domain.identification import Operating
from kiosk.faces.gallery import Gallery, PairMargins
from kiosk.faces.tail import ScoreTail, deviations

PROBES = 4096  # residents searched at most when leaving one out: 10,000 x 4,096 x 128 takes half a second
TRUST_PEOPLE = 30.0  # residents at which the gallery's own shift weighs as much as the shipped table
REST_ON = (
    40  # residents beyond the rate at which the tail is made to meet the gallery: one in six of the rate, by chance
)
LIKE_US = 0.35  # spreads: by how much another population's tail may lie elsewhere (twice the rate is 0.2 at 1e-4)
VISIT = 0.06  # spreads: a visit of one picture scores so much lower with strangers, of three days' so much higher
SHAPE = 0.1  # of the way from where the tail was met to where it is read: how far that way may be off
MARGIN, BAND = 0.30, 0.6  # in spreads of the impostor scores
DRAWS = 200


def calibrate(gallery: Gallery, tail: ScoreTail, target_fpir: float) -> Operating:
    """The operating point for this gallery; `target_fpir` in (0, 1). Intervals are 95 %, from resampling residents."""
    if not 0 < target_fpir < 1:
        raise ValueError(target_fpir)
    n = max(1, len(gallery))
    best, closest = leave_one_out(gallery)
    threshold, read = _threshold(best, tail, n, target_fpir)
    elsewhere = LIKE_US * TRUST_PEOPLE / (n + TRUST_PEOPLE)
    off = float(np.linalg.norm([elsewhere * tail.spread, VISIT * tail.spread, SHAPE * read]))
    # The target is to be met on average over what is not known: a normal tail whose place is normally off is so much wider
    threshold += deviations(_fmr(target_fpir, n)) * (float(np.hypot(tail.spread, off)) - tail.spread)
    rng = np.random.default_rng(n)
    again = (np.sort(rng.choice(best, len(best))) if len(best) else best for _ in range(DRAWS))
    right = [_threshold(b, tail, n, target_fpir)[0] + rng.normal(0, off) for b in again]
    low, high = (float(x) for x in np.quantile(right, [0.025, 0.975]))
    low, high = min(low, threshold), max(high, threshold)
    at_target = tail.score_at(_fmr(target_fpir, n))
    return Operating(
        threshold=threshold,
        threshold_ci95=(low, high),
        margin=MARGIN * tail.spread,
        band=BAND * tail.spread,
        target_fpir=target_fpir,
        gallery=len(gallery),
        # were `high` the right threshold, the one chosen would let in so many more
        fpir_ci95=(_fpir(tail, at_target + threshold - low, n), _fpir(tail, at_target + threshold - high, n)),
        closest=closest,
        # whoever could be taken for another is asked more, for that pair alone
        pair_margins=PairMargins(gallery, threshold, 2 * MARGIN * tail.spread),
    )


def leave_one_out(gallery: Gallery) -> tuple[NDArray[np.float64], float | None]:
    """The best score of each one's made visit among all who live elsewhere, ascending; at most PROBES residents, evenly chosen.

    Two photographs fused stand for a visit: three frames of one moment have more in common than three photographs, and score
    lower with strangers; three pictures of different days score higher. Second comes the closest pair of all, those of one home
    among them; None where there is no pair.
    """
    n = len(gallery)
    if n < 2:
        return np.empty(0), None
    rows = np.linspace(0, n - 1, min(n, PROBES)).astype(int)
    best, closest = np.empty(len(rows)), -1.0
    for start in range(0, len(rows), 512):
        part = rows[start : start + 512]
        scores = gallery.visits[part] @ gallery.matrix.T
        scores[np.arange(len(part)), part] = -np.inf
        closest = max(closest, float(scores.max()))
        scores[gallery.together(part)] = -np.inf
        best[start : start + 512] = scores.max(axis=1)
    return np.sort(best[np.isfinite(best)]), closest


def _threshold(best: NDArray[np.float64], tail: ScoreTail, n: int, target: float) -> tuple[float, float]:
    """The threshold, and how far along the tail it was read from where the gallery met it."""
    at_target = tail.score_at(_fmr(target, n))
    if not len(best):
        return at_target, 0.0
    rate = float(np.clip(REST_ON / len(best), target, 0.5))
    # Conformal quantile: at most `rate` of the strangers exchangeable with these reach it
    rank = min(len(best) - 1, int(np.ceil((1 - rate) * (len(best) + 1))) - 1)
    met = tail.score_at(_fmr(rate, n - 1))
    shift = (float(best[rank]) - met) * n / (n + TRUST_PEOPLE)
    return at_target + shift, abs(at_target - met)


def _fmr(fpir: float, n: int) -> float:
    """The false match rate of one comparison at which `n` of them reach `fpir`."""
    return float(-np.expm1(np.log1p(-fpir) / max(1, n)))


def _fpir(tail: ScoreTail, score: float, n: int) -> float:
    return float(-np.expm1(n * np.log1p(-min(tail.fmr_at(score), 1 - 1e-12))))
