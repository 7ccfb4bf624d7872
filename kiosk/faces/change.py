"""Changing the engine: embed the consented photographs anew, compare on photographs held back, switch only for the better."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.errors import Mendable
from domain.identification import Outcome, judge
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, Image, Vector
from kiosk.faces.enrolment import enrol
from kiosk.faces.gallery import Gallery
from kiosk.faces.quality import OFF


@dataclass(frozen=True, slots=True, eq=False)
class Reembedded:
    """One person under the new engine; `embeddings` (n, dim), empty with the refusals where no photograph would do."""

    person_id: str
    embeddings: NDArray[np.float32]
    refused: dict[str, Mendable]


def reembed(
    engine: FaceEngine, people: Iterable[tuple[str, Callable[[], Sequence[tuple[str, Image]]]]]
) -> Iterator[Reembedded]:
    """Embed each person's photographs, opened one person at a time; a generator, so that it can rest between people."""
    for person_id, photos in people:
        result = enrol(engine, photos(), OFF)  # they were good enough once
        yield Reembedded(person_id, result.embeddings.astype(np.float32), result.refused)


@dataclass(frozen=True, slots=True)
class Trial:
    """An engine on visits whose person is known (None: a stranger)."""

    visits: int
    missed: int  # of residents: not named
    false: int  # strangers named, or residents by another's name


Visits = Sequence[tuple[str | None, Vector]]
STRANGER_EVERY = 4


def held_back(done: Sequence[Reembedded]) -> tuple[list[tuple[str, NDArray[np.float32]]], Visits]:
    """A gallery and visits to it from kept photographs, since no frames of visits are kept.

    The last photograph of everybody with two or more is a visit; every fourth person is left out of the gallery, a stranger.
    """
    people: list[tuple[str, NDArray[np.float32]]] = []
    visits: list[tuple[str | None, Vector]] = []
    usable = [d for d in done if len(d.embeddings)]
    for i, each in enumerate(usable):
        stranger = i % STRANGER_EVERY == STRANGER_EVERY - 1
        several = len(each.embeddings) > 1
        if not stranger:
            people.append((each.person_id, each.embeddings[:-1] if several else each.embeddings))
        if several or stranger:
            visits.append((None if stranger else each.person_id, each.embeddings[-1]))
    return people, visits


def trial(engine: FaceEngine, done: Sequence[Reembedded], target_fpir: float) -> Trial:
    """Decide the visits held back from the photographs with `engine`'s embeddings of them and its own threshold."""
    people, visits = held_back(done)
    gallery = Gallery(people, dim=engine.dim)
    at = calibrate(gallery, engine.tail, target_fpir)
    missed = false = 0
    for person, vector in visits:
        verdict = judge(gallery.search(vector), at)
        named = verdict.person_id if verdict.outcome is Outcome.IDENTIFIED else None
        missed += person is not None and named != person
        false += named is not None and named != person
    return Trial(len(visits), missed, false)


def better(new: Trial, old: Trial) -> bool:
    """Whether to switch: on the same visits no more false names, and no more misses."""
    return new.visits == old.visits > 0 and new.false <= old.false and new.missed <= old.missed
