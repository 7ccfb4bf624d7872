"""What a visit rests on: the frames that count, whose they all are, and what the window is told of each."""

from collections.abc import Sequence
from datetime import datetime

from domain.identification import Candidate, Decision, Liveness, Operating, Quality, Reason, Verdict
from kiosk.camera.port import Frame
from kiosk.faces.engine import Face, FaceEngine, Image, Vector
from kiosk.faces.gallery import fuse
from kiosk.faces.infrared import paired
from kiosk.faces.messages import FaceBox, Sighting
from kiosk.faces.passive import Passive
from kiosk.faces.visit import Settings, Visit
from kiosk.faces.weighing import Weighing

OTHER = 1.5  # spreads above the impostors' mean: 97 of 100 others are less alike, the same person never was (docs/decisions/0011)
# between two looks at who stands there once somebody is decided; so many unlike ones are somebody else
LOOK_S, LOOKS = 0.4, 2


class Gathering:
    """Fills visits, by one gate's settings."""

    def __init__(self, engine: FaceEngine, settings: Settings, weighing: Weighing, keep: bool = False) -> None:
        """`keep` holds the frames that count until the visit is decided: another engine looks at them then."""
        self._engine, self._settings, self._weighing, self._keep = engine, settings, weighing, keep
        self._embedded = 0

    def embedded(self) -> int:
        """How many faces were embedded since this was last asked."""
        made, self._embedded = self._embedded, 0
        return made

    def _embed(self, frame: Frame, face: Face) -> Vector:
        self._embedded += 1
        return self._engine.embed(frame.image, face)

    def add(self, visit: Visit, frame: Frame, face: Face, quality: Quality, infrared: Image | None) -> None:
        """A frame that counts. Where somebody else has stepped into the track, nothing of the first face does."""
        vector = self._embed(frame, face)
        if self._somebody_else(visit, vector):
            visit.vectors.clear()
            visit.weights.clear()
            visit.votes.clear()
            visit.infrared.clear()
            visit.looks.clear()
            visit.passive, visit.first, visit.best, visit.carried = Passive(), None, None, 0
        if visit.first is None:
            visit.first, visit.first_at = frame.monotonic, frame.at
        self._weighing.vote(visit, frame.image, face)
        self.warm(visit.infrared, frame, face, infrared)
        visit.vectors.append(vector)
        visit.weights.append(quality.unified)
        if self._keep:
            visit.looks.append((frame.image, face, quality.unified))
        if visit.best is None or quality.unified > visit.best.unified:
            visit.best = quality

    def warm(self, shown: list[bool | None], frame: Frame, face: Face, infrared: Image | None) -> None:
        """Add what the infrared camera shows of a frame that counts, and of no other: whoever stood there before proves nothing,
        nor does an earlier or later picture. None: it gave no picture of that moment."""
        if (offset := self._settings.infrared) is not None:
            shown.append(None if infrared is None else paired(self._engine, face, frame.image, infrared, offset))

    def left(self, visit: Visit, frame: Frame, face: Face) -> bool:
        """Whether somebody else stands in the place of whoever was decided, who then left sooner than a face counts as gone."""
        if frame.monotonic - max(visit.looked, visit.decided_at) < LOOK_S:
            return False
        visit.looked = frame.monotonic
        unlike = self._somebody_else(visit, self._embed(frame, face))
        visit.unlike = visit.unlike + 1 if unlike else 0
        return visit.unlike >= LOOKS

    def _somebody_else(self, visit: Visit, vector: Vector) -> bool:
        """Whether this face is clearly none of those that the visit rests on."""
        tail = self._engine.tail
        return (
            bool(visit.vectors) and float(fuse(visit.vectors, visit.weights) @ vector) < tail.mean + OTHER * tail.spread
        )


def decision(
    visit: Visit,
    verdict: Verdict,
    liveness: Liveness,
    candidates: tuple[Candidate, ...],
    at: Operating,
    engine: str,
    shown: datetime,
    now: float,
) -> Decision:
    """A visit's end, for the record: decided by `candidates` at `at`, upon a frame of `shown`, at `now` (monotonic)."""
    asked = at.threshold + visit.stricter(at)
    cues = visit.passive.cues()
    return Decision(
        visit_id=visit.id,
        outcome=verdict.outcome,
        reason=verdict.reason,
        person_id=verdict.person_id,
        candidates=candidates,
        threshold=asked + (at.tightened.get(candidates[0].person_id, 0.0) if candidates else 0.0),
        frames_used=len(visit.vectors),
        quality=visit.best,
        liveness=liveness,
        engine=engine,
        decided_at=shown,
        ms=1000 * (now - visit.first) if visit.first is not None else 0.0,
        first_face_at=visit.first_at,
        extras={"passive_frames": float(cues.frames), "passive_refuses": float(cues.refuses)},
    )


def sighting(
    frame: Frame,
    faces: Sequence[Face],
    chosen: int | None,
    coaching: Reason | None,
    quality: Quality | None,
    visit: Visit | None,
    settings: Settings,
    ms: float,
    embedded: int,
) -> Sighting:
    """One frame in the window's terms."""
    height, width = frame.image.shape[:2]
    boxes = tuple(
        FaceBox(f.box[0] / width, f.box[1] / height, f.box[2] / width, f.box[3] / height, i == chosen)
        for i, f in enumerate(faces)
    )
    evidence = 0.0
    if visit:
        evidence = 1.0 if visit.decided else min(1.0, (len(visit.vectors) - visit.carried) / settings.patience.frames)
    id = visit.id if visit else None
    return Sighting(id, boxes, coaching, evidence, quality, frame.index, frame.monotonic, ms, embedded)
