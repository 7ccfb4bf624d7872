"""The threshold: from a target FPIR, the engine's score tail and the live gallery to an operating point.

Two estimates of FPIR(t), the rate at which a stranger's best score reaches t. (1) By model: the false match rate of the shipped
tail, shifted so that it fits the gallery's own pairs, over N templates: 1 - (1 - FMR(t))^N. (2) By leaving one out: each
resident searched among all others is a stranger to them. The second is exact where the gallery is large against 1/target and
knows nothing where it is small; the threshold goes from the first to the second as residents beyond the target grow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.identification import Operating
from kiosk.faces.gallery import Gallery
from kiosk.faces.tail import ScoreTail

PROBES = 4096  # residents searched at most when leaving one out: 10,000 x 4,096 x 128 takes half a second
TRUST_PEOPLE = 30.0  # residents at which the gallery's own shift weighs as much as the shipped table
EMPIRICAL_FROM, EMPIRICAL_FULL = 3.0, 20.0  # expected strangers beyond the target: weight 0, weight 1
MARGIN, BAND, PAIR_FROM = 0.30, 0.6, 2.5  # in spreads of the impostor scores


@dataclass(frozen=True, slots=True)
class _Own:
    """What the gallery says of itself.

    `best` (probes,): each one's best score among the others, ascending, -1 where the margin would have stopped it; `shift`
    of the gallery's upper pair scores against the shipped tail; `closest` the score of its most alike pair.
    """

    best: NDArray[np.float64]
    shift: float
    closest: float | None


def calibrate(gallery: Gallery, tail: ScoreTail, target_fpir: float) -> Operating:
    """The operating point for this gallery; `target_fpir` in (0, 1). The interval is 95 %, from resampling residents."""
    if not 0 < target_fpir < 1:
        raise ValueError(target_fpir)
    n = max(1, len(gallery))
    own = _leave_one_out(gallery, tail)
    threshold = _threshold(own, tail, n, target_fpir)
    rng = np.random.default_rng(n)
    drawn = [_threshold(_resample(own, tail, rng, n), tail, n, target_fpir) for _ in range(200)] if n > 2 else []
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (threshold - tail.spread, threshold + tail.spread)
    return Operating(
        threshold=threshold,
        threshold_ci95=(min(float(low), threshold), max(float(high), threshold)),
        margin=MARGIN * tail.spread,
        band=BAND * tail.spread,
        target_fpir=target_fpir,
        gallery=len(gallery),
        closest=own.closest,
        pair_margins=pair_margins(gallery, tail, threshold),
    )


def pair_margins(gallery: Gallery, tail: ScoreTail, threshold: float) -> dict[frozenset[str], float]:
    """For residents so alike that one could be taken for the other, the margin asked between just these two."""
    return dict.fromkeys(gallery.close_pairs(threshold), 2 * MARGIN * tail.spread)


def _leave_one_out(gallery: Gallery, tail: ScoreTail) -> _Own:
    n = len(gallery)
    if n < 2:
        return _Own(np.empty(0), 0.0, None)
    rows = np.linspace(0, n - 1, min(n, PROBES)).astype(int)
    best, closest = np.empty(len(rows)), -1.0
    level = min(
        0.05, max(1e-4, 40 / (len(rows) * n / 2))
    )  # a quantile deep enough to be tail, full enough to be stable
    upper: list[NDArray[np.float32]] = []
    for start in range(0, len(rows), 512):
        part = rows[start : start + 512]
        scores = gallery.matrix[part] @ gallery.matrix.T
        scores[np.arange(len(part)), part] = -np.inf
        second, first = (
            np.partition(scores, -2, axis=1)[:, -2:].T if n > 2 else (scores.min(axis=1), scores.max(axis=1))
        )
        closest = max(closest, float(first.max()))
        # a stranger between two residents is unsure, not taken for one of them
        best[start : start + 512] = np.where(first - second >= MARGIN * tail.spread, first, -1.0)
        keep = max(1, int(2 * level * scores.size))
        upper.append(np.partition(scores.ravel(), -keep)[-keep:])
    pairs = len(rows) * (n - 1)
    top = np.sort(np.concatenate(upper))
    reached = float(top[-max(1, int(level * pairs))])
    shift = (reached - tail.score_at(np.log10(level))) * n / (n + TRUST_PEOPLE)
    return _Own(np.sort(best), shift, closest)


def _resample(own: _Own, tail: ScoreTail, rng: np.random.Generator, n: int) -> _Own:
    best = np.sort(rng.choice(own.best, len(own.best)))
    return _Own(best, own.shift + float(rng.normal(0, 0.5 * tail.spread / np.sqrt(n))), own.closest)


def _threshold(own: _Own, tail: ScoreTail, n: int, target: float) -> float:
    fmr = -np.expm1(np.log1p(-target) / n)
    model = tail.score_at(float(np.log10(fmr))) + own.shift
    weight = np.clip((target * len(own.best) - EMPIRICAL_FROM) / (EMPIRICAL_FULL - EMPIRICAL_FROM), 0, 1)
    if weight == 0:
        return float(model)
    # Conformal quantile: at most `target` of the strangers exchangeable with these reach it
    rank = min(len(own.best) - 1, int(np.ceil((1 - target) * (len(own.best) + 1))) - 1)
    return float((1 - weight) * model + weight * own.best[rank])
