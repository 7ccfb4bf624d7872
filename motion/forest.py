"""The classifier as a small file: trees as flat arrays, walked by numpy for all trees at once. No pickle, no scikit-learn."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motion.features import names

HERE = Path(__file__).parent / "model"
_WORN = {  # a word for where a device is worn -> the operating point that serves it
    "pocket": "pocket", "thigh": "pocket", "袋": "pocket", "兜": "pocket", "大腿": "pocket",
    "waist": "waist", "belt": "waist", "hip": "waist", "lumbar": "waist", "back": "waist", "trunk": "waist", "腰": "waist",
    "chest": "chest", "sternum": "chest", "neck": "chest", "pendant": "chest", "胸": "chest", "颈": "chest",
}  # fmt: skip


class ModelDamaged(Exception):
    """The model's file is not the one its card describes."""


@dataclass(frozen=True, slots=True)
class Trees:
    """`feature`, `threshold`, `left`, `right`, `value` are (nodes,); `roots` (trees,). A leaf's children are itself."""

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    depth: int

    def leaves(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, features) -> the values (n, trees) of the leaves reached."""
        rows = np.arange(len(x))[:, None]
        node = np.broadcast_to(self.roots, (len(x), len(self.roots)))
        for _ in range(self.depth):
            go_left = x[rows, self.feature[node]] <= self.threshold[node]
            node = np.where(go_left, self.left[node], self.right[node])
        return self.value[node].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Model:
    """Extremely randomised trees and boosted trees, averaged, and the card: thresholds by worn position, figures, limits."""

    grown: Trees  # leaves hold a probability
    boosted: Trees  # leaves hold log-odds to be added up
    baseline: float
    card: dict[str, Any]

    def score(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, features) -> (n,) in 0..1."""
        odds = self.baseline + self.boosted.leaves(x).sum(axis=1)
        return np.asarray((self.grown.leaves(x).mean(axis=1) + 1 / (1 + np.exp(-odds))) / 2)

    def threshold(self, position: str) -> float:
        """The operating point of a worn position, in whatever words a device's record has it ("right trouser pocket", "belt").

        One we know nothing about counts as the wrist, the most doubtful.
        """
        points: dict[str, float] = self.card["thresholds"]
        said = position.lower()
        return points[next((known for word, known in _WORN.items() if word in said), "wrist")]


def load(folder: Path = HERE) -> Model:
    """The shipped model. Raises ModelDamaged if file, card and code do not belong together."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    raw = (folder / "forest.npz").read_bytes()
    if hashlib.sha256(raw).hexdigest() != card["sha256"] or card["features"] != names():
        raise ModelDamaged(str(folder))
    with np.load(folder / "forest.npz", allow_pickle=False) as f:
        return Model(_trees(f, "grown"), _trees(f, "boosted"), float(f["baseline"]), card)


def _trees(f: Mapping[str, NDArray[Any]], part: str) -> Trees:
    a = {name: f[f"{part}_{name}"] for name in ("feature", "threshold", "left", "right", "value", "roots")}
    return Trees(a["feature"], a["threshold"], a["left"], a["right"], a["value"], a["roots"], int(f[f"{part}_depth"]))
