"""The gallery in memory: one mean template a resident, searched by one matrix product."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.identification import Candidate
from kiosk.faces.engine import Vector, unit

Matrix = NDArray[np.float32]
People = Sequence[tuple[str, NDArray[np.float32]]]


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

    `people` are (person_id, embeddings) with embeddings (n, dim) or (dim,) of unit rows; their mean is the template, a row of
    `matrix`. `visits` keeps two photographs of each, fused: what a visit of that person's would look like to the others. `homes`
    says who lives together (person -> a name of the home, '' where unknown): families are no strangers to each other.
    """

    def __init__(
        self,
        people: Iterable[tuple[str, NDArray[np.floating]]],
        *,
        dim: int = 128,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        pairs = [(person, np.atleast_2d(np.asarray(rows, np.float32))) for person, rows in people]
        self.ids: tuple[str, ...] = tuple(person for person, _ in pairs)
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("a person is in the gallery twice")
        self._rows = [rows for _, rows in pairs]
        self.matrix: Matrix = _stack([unit(rows.mean(axis=0)) for rows in self._rows], dim)
        self._row = {person: i for i, person in enumerate(self.ids)}
        two = (rows[[i % len(rows), (i + 1) % len(rows)]] for i, rows in enumerate(self._rows))
        self.visits: Matrix = _stack([unit(rows.mean(axis=0)) for rows in two], dim)
        self._homes = homes or {}
        codes: dict[str, int] = {}
        homes_of = (self._homes.get(person, "") for person in self.ids)
        # whoever's home is not known lives alone
        self._home = np.array([codes.setdefault(h, len(codes)) if h else -1 - i for i, h in enumerate(homes_of)], int)
        self._index: Index = MatrixIndex(self.matrix)

    def __len__(self) -> int:
        return len(self.ids)

    def together(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(rows, everybody): who is the same person or lives in the same home."""
        return np.asarray(self._home[rows][:, None] == self._home[None, :])

    def search(self, query: Vector, k: int = 2) -> tuple[Candidate, ...]:
        """The `k` most similar residents, best first; empty for an empty gallery."""
        return tuple(Candidate(self.ids[row], score) for row, score in self._index.top(query, k))

    def lookalikes(self, query: Vector, least: float, *, but: str = "") -> tuple[Lookalike, ...]:
        """The radar: everybody but `but` whose template is at least `least` alike, most alike first."""
        scores = self.matrix @ query
        rows = np.flatnonzero(scores >= least)
        found = [Lookalike(self.ids[i], float(scores[i])) for i in rows[np.argsort(-scores[rows])]]
        return tuple(x for x in found if x.person_id != but)

    def row(self, person: str) -> int | None:
        """Where somebody's template stands in `matrix`."""
        return self._row.get(person)

    def close_pairs(self, least: float) -> Iterator[frozenset[str]]:
        """Every pair of residents at least `least` alike; blockwise, (rows^2 * dim / 2) operations."""
        for start in range(0, len(self), 1024):
            scores = self.matrix[start : start + 1024] @ self.matrix[start:].T
            scores[np.tril_indices(len(scores))] = -np.inf
            for i, j in zip(*np.nonzero(scores >= least), strict=True):
                yield frozenset((self.ids[start + i], self.ids[start + j]))

    def without(self, person_ids: Iterable[str]) -> "Gallery":
        """The same gallery without these people: what a withdrawal does before the next match."""
        gone = set(person_ids)
        keep = [i for i, person in enumerate(self.ids) if person not in gone]
        return Gallery(((self.ids[i], self._rows[i]) for i in keep), dim=self.matrix.shape[1], homes=self._homes)


class PairMargins(Mapping[frozenset[str], float]):
    """`margin` for every two residents whose templates are at least `least` alike.

    Looked up pair by pair when two of them are the best candidates: 100,000 residents make 5e9 pairs. To go over them takes long.
    """

    def __init__(self, gallery: Gallery, least: float, margin: float) -> None:
        self._gallery, self._least, self._margin = gallery, least, margin

    def __getitem__(self, pair: frozenset[str]) -> float:
        rows = [row for person in pair if (row := self._gallery.row(person)) is not None]
        if len(rows) != 2 or float(self._gallery.matrix[rows[0]] @ self._gallery.matrix[rows[1]]) < self._least:
            raise KeyError(pair)
        return self._margin

    def __iter__(self) -> Iterator[frozenset[str]]:
        return self._gallery.close_pairs(self._least)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _stack(rows: list[Vector], dim: int) -> Matrix:
    return np.stack(rows) if rows else np.empty((0, dim), np.float32)


def fuse(embeddings: Sequence[Vector], weights: Sequence[float]) -> Vector:
    """One vector from several frames, weighted by their quality and never by their similarity to the gallery."""
    return unit(np.average(np.stack(embeddings), axis=0, weights=np.asarray(weights) + 1e-6))
