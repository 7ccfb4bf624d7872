"""A second engine on the very frames a visit was decided by: what it would have said. Nothing of it is kept but that."""

import time
from collections.abc import Callable, Mapping, Sequence

from domain.identification import Decision, Operating, Outcome, judge
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, Look, title
from kiosk.faces.gallery import Gallery, People, fuse
from kiosk.faces.messages import Compared, Said


class Second:
    """On trial beside the engine in use, with a gallery and a threshold of its own. It is asked once a visit is decided, so that
    nobody waits for it; `clock` is in seconds."""

    def __init__(self, engine: FaceEngine, target_fpir: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._target, self._clock = engine, target_fpir, clock
        self.set_gallery((), {})

    def set_gallery(self, people: People, homes: Mapping[str, str]) -> None:
        self._gallery = Gallery(people, dim=self._engine.dim, homes=homes)
        self._at: Operating = calibrate(self._gallery, self._engine.tail, self._target)

    def without(self, gone: frozenset[str]) -> None:
        """A withdrawal holds here too."""
        self._gallery = self._gallery.without(gone)
        self._at = calibrate(self._gallery, self._engine.tail, self._target)

    def compare(self, looks: Sequence[Look], first: Decision) -> Compared | None:
        """Decide by the same frames, and hold it against what was decided; None of a resident who has no template here: enrolled
        since, or known by a lent one. The face is the first detector's, for it is the same one."""
        if first.outcome is Outcome.IDENTIFIED and first.person_id not in self._gallery.ids:
            return None
        began = self._clock()
        vectors = [self._engine.embed(image, face) for image, face, _ in looks]
        candidates = self._gallery.search(fuse(vectors, [weight for _, _, weight in looks]))
        verdict = judge(candidates, self._at)
        named = verdict.person_id if verdict.outcome is Outcome.IDENTIFIED else None
        score = candidates[0].score if candidates else None
        said, ms = _said(first, named), 1000 * (self._clock() - began)
        return Compared(first.visit_id, title(self._engine), said, named, score, self._at.threshold, ms)


def _said(first: Decision, named: str | None) -> Said:
    """What was recognised counts, whatever became of the proof of life."""
    before = first.person_id if first.outcome is Outcome.IDENTIFIED else None
    if before is None:
        return Said.NEITHER if named is None else Said.FOUND
    return Said.SAME if named == before else Said.MISSED if named is None else Said.OTHER
