"""Changing the engine: embed the consented photographs anew, compare on recorded decisions, switch only for the better."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.errors import Mendable
from domain.identification import Outcome, judge
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, Image
from kiosk.faces.enrolment import enrol
from kiosk.faces.gallery import Gallery, fuse
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
    """An engine on recorded visits whose person is known (None: a stranger)."""

    visits: int
    missed: int  # of residents: not named
    false: int  # strangers named, or residents by another's name


def trial(
    engine: FaceEngine,
    gallery: Gallery,
    visits: Iterable[tuple[str | None, Sequence[Image]]],
    target_fpir: float,
) -> Trial:
    """Decide each recorded visit's frames (largest face of each) with `engine` and its own threshold."""
    at = calibrate(gallery, engine.tail, target_fpir)
    total = missed = false = 0
    for person, frames in visits:
        vectors = [engine.embed(image, faces[0]) for image in frames if (faces := engine.detect(image))]
        named = None
        if vectors:
            verdict = judge(gallery.search(fuse(vectors, [1.0] * len(vectors))), at)
            named = verdict.person_id if verdict.outcome is Outcome.IDENTIFIED else None
        total += 1
        missed += person is not None and named != person
        false += named is not None and named != person
    return Trial(total, missed, false)


def better(new: Trial, old: Trial) -> bool:
    """Whether to switch: on the same visits no more false names, and no more misses."""
    return new.visits == old.visits > 0 and new.false <= old.false and new.missed <= old.missed
