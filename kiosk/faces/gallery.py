"""The gallery in memory: one mean template a resident, searched by one matrix product."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.identification import Candidate
from kiosk.faces.engine import Vector, unit

Matrix = NDArray[np.float32]


class Index(Protocol):
    """Nearest rows to a vector; a bigger index can be put here later."""

    def top(self, query: Vector, k: int) -> list[tuple[int, float]]:
        """The `k` best (row, score), best first."""


class MatrixIndex:
    """Exact search: one product of (rows, dim) float32."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix

    def top(self, query: Vector, k: int) -> list[tuple[int, float]]:
        """The `k` best (row, score), best first."""
        scores = self._matrix @ query
        found = []
        for _ in range(min(k, len(scores))):
            best = int(scores.argmax())
            found.append((best, float(scores[best])))
            scores[best] = -np.inf
        return found


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Somebody a face could be taken for, and how alike the two templates are."""

    person_id: str
    score: float


class Gallery:
    """Templates of consenting residents. Immutable: a change makes a new one, which replaces the old atomically.

    `people` are (person_id, embeddings) with embeddings (n, dim) or (dim,) of unit rows; their mean is the template.
    """

    def __init__(self, people: Iterable[tuple[str, NDArray[np.floating]]], *, dim: int = 128) -> None:
        pairs = [(person, np.atleast_2d(np.asarray(rows, np.float32))) for person, rows in people]
        self.ids: tuple[str, ...] = tuple(person for person, _ in pairs)
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("a person is in the gallery twice")
        templates = [unit(rows.mean(axis=0)) for _, rows in pairs]
        self.matrix: Matrix = np.stack(templates) if templates else np.empty((0, dim), np.float32)
        self._index: Index = MatrixIndex(self.matrix)

    def __len__(self) -> int:
        return len(self.ids)

    def search(self, query: Vector, k: int = 2) -> tuple[Candidate, ...]:
        """The `k` most similar residents, best first; empty for an empty gallery."""
        return tuple(Candidate(self.ids[row], score) for row, score in self._index.top(query, k))

    def lookalikes(self, query: Vector, least: float, *, but: str = "") -> tuple[Lookalike, ...]:
        """The radar: everybody but `but` whose template is at least `least` alike, most alike first."""
        scores = self.matrix @ query
        rows = np.flatnonzero(scores >= least)
        found = [Lookalike(self.ids[i], float(scores[i])) for i in rows[np.argsort(-scores[rows])]]
        return tuple(x for x in found if x.person_id != but)

    def close_pairs(self, least: float) -> dict[frozenset[str], float]:
        """Every pair of residents at least `least` alike, with its score; blockwise, (rows^2 * dim) operations."""
        pairs: dict[frozenset[str], float] = {}
        for start in range(0, len(self), 1024):
            scores = self.matrix[start : start + 1024] @ self.matrix.T
            for i, j in zip(*np.nonzero(scores >= least), strict=True):
                if start + i < j:
                    pairs[frozenset((self.ids[start + i], self.ids[j]))] = float(scores[i, j])
        return pairs

    def without(self, person_ids: Iterable[str]) -> "Gallery":
        """The same gallery without these people: what a withdrawal does before the next match."""
        gone = set(person_ids)
        keep = [i for i, person in enumerate(self.ids) if person not in gone]
        return Gallery(((self.ids[i], self.matrix[i]) for i in keep), dim=self.matrix.shape[1])


def fuse(embeddings: Sequence[Vector], weights: Sequence[float]) -> Vector:
    """One vector from several frames, weighted by their quality and never by their similarity to the gallery."""
    return unit(np.average(np.stack(embeddings), axis=0, weights=np.asarray(weights) + 1e-6))
