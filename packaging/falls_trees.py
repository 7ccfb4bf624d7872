"""The two halves of the fall model: fitted by scikit-learn, stored as the flat arrays of `motion.forest.Trees`."""

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier


def fit(
    x: np.ndarray, fall: np.ndarray, seed: int, trees: int = 120, stages: int = 300
) -> tuple[ExtraTreesClassifier, HistGradientBoostingClassifier]:
    """Both halves of the model on rows (n, features) and whether each is a fall (n,); falls and daily life weigh the same."""
    weight = np.where(fall, (~fall).sum() / fall.sum(), 1.0)
    grown = ExtraTreesClassifier(trees, min_samples_leaf=3, max_features=20, random_state=seed, n_jobs=1)
    boosted = HistGradientBoostingClassifier(
        max_iter=stages, learning_rate=0.05, max_leaf_nodes=12, l2_regularization=5, min_samples_leaf=20, max_features=0.3,
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    return grown.fit(x, fall, weight), boosted.fit(x, fall, weight)


def below(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 not above each threshold: for float32 x, x <= t holds for both alike."""
    t = threshold.astype(np.float32)
    return np.where(t > threshold, np.nextafter(t, np.float32(-np.inf)), t)


def pack(part: str, trees: list[dict[str, np.ndarray]], depth: int) -> dict[str, np.ndarray]:
    """Flat arrays as `motion.forest.Trees` wants them; a leaf's children are itself."""
    roots = np.cumsum([0, *(len(t["value"]) for t in trees)])[:-1]
    flat: dict[str, np.ndarray] = {f"{part}_roots": roots.astype(np.int32), f"{part}_depth": np.int32(depth)}
    for side in ("left", "right"):
        flat[f"{part}_{side}"] = np.concatenate(
            [
                np.where(t["leaf"], np.arange(len(t["leaf"])), t[side]) + root
                for t, root in zip(trees, roots, strict=True)
            ]
        ).astype(np.int32)
    leaf = np.concatenate([t["leaf"] for t in trees])
    flat[f"{part}_feature"] = np.where(leaf, 0, np.concatenate([t["feature"] for t in trees])).astype(np.int16)
    flat[f"{part}_threshold"] = np.where(leaf, 0, below(np.concatenate([t["threshold"] for t in trees]))).astype(
        np.float32
    )
    flat[f"{part}_value"] = np.concatenate([t["value"] for t in trees]).astype(np.float32)
    return flat


def arrays(grown: ExtraTreesClassifier, boosted: HistGradientBoostingClassifier) -> dict[str, np.ndarray]:
    """Both halves as arrays."""
    trees = []
    for e in grown.estimators_:
        t = e.tree_
        share = t.value[:, 0, 1] / t.value[:, 0].sum(1)
        trees.append({"leaf": t.children_left < 0, "left": t.children_left, "right": t.children_right,
                      "feature": t.feature, "threshold": t.threshold, "value": share})  # fmt: skip
    stages = []
    for (p,) in boosted._predictors:
        n = p.nodes
        stages.append({"leaf": n["is_leaf"].astype(bool), "left": n["left"].astype(int), "right": n["right"].astype(int),
                       "feature": n["feature_idx"], "threshold": n["num_threshold"], "value": n["value"]})  # fmt: skip
    deepest = max(int(p.nodes["depth"].max()) for (p,) in boosted._predictors)
    return (
        pack("grown", trees, max(e.tree_.max_depth for e in grown.estimators_))
        | pack("boosted", stages, deepest)
        | {"baseline": np.float64(boosted._baseline_prediction.item())}
    )
