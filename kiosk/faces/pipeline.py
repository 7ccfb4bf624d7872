"""The pipeline: one frame in, messages out. Single-threaded; its clock is an argument, its only memory the visit under way."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random, SystemRandom
from uuid import uuid4

from domain.challenge import Answer, draw
from domain.identification import (
    Candidate,
    Liveness,
    Operating,
    Outcome,
    Quality,
    Reason,
    Verdict,
    judge,
    liveness_of,
    ripe,
    tighten,
)
from domain.liveness import Demand
from kiosk.camera.port import Frame
from kiosk.faces.calibration import calibrate
from kiosk.faces.choosing import choose
from kiosk.faces.engine import Face, FaceEngine, Image, title
from kiosk.faces.gallery import Gallery, fuse
from kiosk.faces.gathering import Gathering, decision, sighting
from kiosk.faces.messages import (
    ChallengeAsked,
    DecisionMade,
    GalleryApplied,
    Message,
    VisitEnded,
)
from kiosk.faces.proofs import Proofs
from kiosk.faces.quality import assess, light_behind, shortcoming
from kiosk.faces.second import Second
from kiosk.faces.tracks import GONE_S, Tracker
from kiosk.faces.turning import HeadTurn
from kiosk.faces.visit import Habits as Habits
from kiosk.faces.visit import Settings as Settings
from kiosk.faces.visit import Visit
from kiosk.faces.weighing import Weighing

AGAIN_S = 4.0  # a visit that ended unnamed is tried once more while the face stays
NOT_SURE = (Reason.NO_MATCH, Reason.NEAR_THRESHOLD, Reason.THIN_MARGIN)
BACK_S = 1.0  # whoever was decided and steps back out of the zone for so long may come again, though the camera sees them still
REST_S = 0.04  # between looks that nobody waits for: half the work of a kiosk that stands alone
ASK_FRESH_S = 0.6  # between asking and the first step, for the screen and the voice
ASK_SLOW_S = 2.6  # and for an elder, until the voice has spoken


class Pipeline:
    """Detect, follow, judge quality, embed, search, decide. `step` takes one frame and never blocks on anything."""

    def __init__(
        self,
        engine: FaceEngine,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        second: Second | None = None,
    ) -> None:
        """`second` is an engine on trial: asked what it would have said, once a visit is decided."""
        self._engine, self._settings, self._clock = engine, settings, clock
        self._random = random or SystemRandom()  # nobody may foresee what a challenge will ask
        self._tracker = Tracker()
        self._gallery = Gallery((), dim=engine.dim)
        self._at: Operating = calibrate(self._gallery, engine.tail, settings.target_fpir)
        self._proofs = Proofs()
        self._weighing = Weighing(settings, self._proofs, self._random)
        self._gathering = Gathering(engine, settings, self._weighing, keep=second is not None)
        self.second = second
        self._to_compare: Visit | None = None
        self._visit: Visit | None = None
        self._stepped = 0.0
        self._shown = datetime.min.replace(tzinfo=UTC)  # when the newest frame was taken, by whoever stamped it

    @property
    def operating(self) -> Operating:
        """Where this gallery is decided."""
        return self._at

    def set_gallery(self, gallery: Gallery, revision: int) -> GalleryApplied:
        """Match against `gallery` from the next search on, with a threshold of its own."""
        self._gallery = gallery
        self._at = calibrate(gallery, self._engine.tail, self._settings.target_fpir)
        self._tighten()
        if self._visit and self._visit.verdict and self._visit.verdict.person_id not in gallery.ids:
            self._visit.verdict = None  # a withdrawal holds for the visit under way too
        at = self._at
        return GalleryApplied(revision, len(gallery), at.threshold, at.threshold_ci95, at.fpir_ci95)

    def set_habits(self, habits: Habits) -> None:
        """What makes a passage risky, from the journal."""
        self._weighing.habits = habits
        self._proofs.journal_spoke()
        self._tighten()

    def came_otherwise(self, person_id: str) -> None:
        """A resident was let in by their own card or PIN."""
        self._proofs.came_otherwise(person_id)

    def _tighten(self) -> None:
        self._at = replace(self._at, tightened=tighten(self._weighing.habits.doubted, self._at))

    def step(self, frame: Frame, infrared: Image | None = None) -> list[Message]:
        """Look at one frame; `infrared` is the picture of the second camera taken with it, where there is one."""
        start = self._stepped = self._clock()
        self._shown = frame.at
        faces = self._engine.detect(frame.image)
        seen = self._tracker.update(faces, frame.monotonic)
        out: list[Message] = []
        mine = self._visit.track if self._visit else None
        chosen, coaching = choose(seen, frame.image.shape[:2], self._settings, mine)
        out += self._leave(frame, seen[chosen].number if chosen is not None else None)
        quality: Quality | None = None
        if chosen is not None:
            visit = self._visit or self._begin(seen[chosen].number, frame)
            face = faces[chosen]
            quality = assess(frame.image, face)
            if coaching is None:
                coaching = shortcoming(quality, self._settings.limits)
                if coaching is Reason.TOO_DARK and light_behind(frame.image, face) > 0.3:
                    coaching = Reason.BACKLIT
            out += self._attend(visit, frame, face, quality, coaching, infrared)
        elif self._visit and self._visit.turning:
            self._visit.turning.miss()
        ms, embedded = 1000 * (self._clock() - start), self._gathering.embedded()
        out.append(sighting(frame, faces, chosen, coaching, quality, self._visit, self._settings, ms, embedded))
        return out

    def afterwards(self) -> list[Message]:
        """What nobody waits for, to be called when everything else has been said: the second engine's word on a visit."""
        visit, self._to_compare = self._to_compare, None
        if visit is None or visit.decided is None or self.second is None or not visit.looks:
            return []
        looks, visit.looks = visit.looks, []
        compared = self.second.compare(looks, visit.decided)
        return [] if compared is None else [compared]

    @property
    def rest(self) -> float:
        """Seconds that may pass before the next frame: nobody waits while nobody is there, and once somebody is decided."""
        decided = self._visit is not None and self._visit.decided is not None
        return REST_S if decided or not self._tracker.tracks else 0.0

    def idle(self) -> list[Message]:
        """To be called when no frame has come for a while: a visit does not outlive its picture."""
        return self._end() if self._clock() - self._stepped > GONE_S else []

    # -- who is decided ---------------------------------------------------------------------------------------------

    def _begin(self, track: int, frame: Frame, attempt: int = 1) -> Visit:
        self._visit = Visit(uuid4().hex, track, frame.monotonic, attempt=attempt, chosen_at=frame.monotonic)
        return self._visit

    def _leave(self, frame: Frame, chosen: int | None) -> list[Message]:
        """End the visit whose face has left, was replaced by a larger one, or may try once more."""
        visit = self._visit
        if visit is None:
            return []
        gone = not self._tracker.alive(visit.track) if chosen is None else chosen != visit.track
        if gone:
            return self._end()
        if chosen is not None:
            visit.chosen_at = frame.monotonic
        elif visit.decided is not None and frame.monotonic - visit.chosen_at > BACK_S:
            return self._end()
        unnamed = visit.decided is not None and visit.decided.outcome is not Outcome.IDENTIFIED
        if unnamed and visit.attempt == 1 and frame.monotonic - visit.decided_at > AGAIN_S:
            out = self._end(again=True)
            second = self._begin(visit.track, frame, attempt=2)
            if visit.decided is not None and visit.decided.reason in NOT_SURE:
                second.go_on_from(visit)
            return out
        return []

    def _end(self, again: bool = False) -> list[Message]:
        visit, self._visit = self._visit, None
        if visit is None:
            return []
        out: list[Message] = []
        if visit.decided is None:
            verdict = visit.verdict or Verdict(Outcome.UNKNOWN, visit.coaching)
            if visit.steps and (not visit.followed or self._weigh(visit, Answer.PASSED)[1] is Liveness.ATTACK):
                self._not_proved(visit)
                verdict = Verdict(Outcome.UNSURE, Reason.CHALLENGE_FAILED)
            elif verdict.outcome is Outcome.IDENTIFIED:  # left before the evidence sufficed, or another beside them
                verdict = Verdict(Outcome.UNSURE, Reason.TIMED_OUT)
            out.append(self._decide(visit, verdict, Liveness.UNDECIDED))
        out.append(VisitEnded(visit.id, again))
        return out

    def _replaced(self, visit: Visit, frame: Frame) -> list[Message]:
        """Whoever stands now in the place of somebody who was decided has a visit of their own."""
        out = self._end()
        self._begin(visit.track, frame)
        return out

    # -- what is decided --------------------------------------------------------------------------------------------

    def _attend(
        self,
        visit: Visit,
        frame: Frame,
        face: Face,
        quality: Quality,
        coaching: Reason | None,
        infrared: Image | None,
    ) -> list[Message]:
        if coaching is not Reason.SEVERAL_FACES:
            visit.passive.add(frame.monotonic, frame.image, face.points)
        if visit.decided is not None:
            return self._replaced(visit, frame) if coaching is None and self._gathering.left(visit, frame, face) else []
        if visit.steps:
            graded = self._challenged(visit, frame, face, infrared) and coaching is not Reason.SEVERAL_FACES
            return [self._answered(visit)] if graded else []
        visit.coaching = coaching or visit.coaching
        if coaching is None:
            self._gathering.add(visit, frame, face, quality, infrared)
        if visit.first is None or not visit.vectors or coaching is Reason.SEVERAL_FACES:  # one at a time
            return []
        candidates = self._search(visit)
        visit.verdict = judge(candidates, self._at, stricter=visit.stricter(self._at))
        best = candidates[0].score if candidates else -1.0
        waited = self._clock() - visit.first
        if not ripe(visit.verdict, best, self._at, len(visit.vectors) - visit.carried, waited, self._settings.patience):
            return []
        if visit.verdict.outcome is not Outcome.IDENTIFIED:
            return [self._decide(visit, visit.verdict, Liveness.UNDECIDED)]
        return self._prove(visit, visit.verdict)

    def _prove(self, visit: Visit, verdict: Verdict) -> list[Message]:
        """Ask what the policy of this hour asks for; grant, challenge or refuse."""
        what, liveness, count = self._weigh(visit)
        if self._settings.simulated or (what is Demand.CHALLENGE and not self._settings.challenge):
            return [self._decide(visit, verdict, liveness)]
        if what is Demand.GRANT:
            if liveness is Liveness.LIVE and verdict.person_id:
                self._proofs.proved(verdict.person_id, self._local.date())
            return [self._decide(visit, verdict, liveness)]
        if what is Demand.REFUSE:
            return [self._decide(visit, Verdict(Outcome.UNSURE, Reason.NOT_LIVE), liveness)]
        slow = self._weighing.slow(verdict.person_id, self._local)
        visit.steps = draw(self._random, self._clock() + (ASK_SLOW_S if slow else ASK_FRESH_S), count=count, slow=slow)
        visit.turning = HeadTurn(self._engine, visit.vectors)
        first, turns = visit.steps[0], tuple(step.turn for step in visit.steps)
        return [ChallengeAsked(visit.id, turns, first.until - first.at, first.at, slow)]

    def _challenged(self, visit: Visit, frame: Frame, face: Face, infrared: Image | None) -> bool:
        """Record the head's pose; whether the last step is over."""
        assert visit.turning is not None
        if visit.turning.add(frame.monotonic, frame.image, face):
            self._gathering.warm(visit.turned, frame, face, infrared)
        return visit.turning.over(visit.steps)

    def _answered(self, visit: Visit) -> DecisionMade:
        """Grade the poses and the face that made them, and judge once more: the gallery may be another by now."""
        assert visit.turning is not None
        asked, answer = visit.verdict, visit.turning.answer(visit.steps)
        verdict = judge(self._search(visit), self._at, stricter=visit.stricter(self._at))
        what, liveness, _ = self._weigh(visit, answer)
        if what is not Demand.GRANT and answer is Answer.PASSED and liveness is not Liveness.ATTACK:
            verdict = Verdict(Outcome.UNSURE, Reason.NOT_LIVE)  # what infrared did not give is held against nobody
        elif what is not Demand.GRANT:
            self._not_proved(visit)
            verdict = Verdict(Outcome.UNSURE, Reason.CHALLENGE_FAILED)
        elif verdict.outcome is Outcome.IDENTIFIED and verdict != asked:
            verdict, liveness = Verdict(Outcome.UNSURE, Reason.CHALLENGE_FAILED), Liveness.UNDECIDED
        elif verdict.person_id:
            self._proofs.proved(verdict.person_id, self._local.date())
        return self._decide(visit, verdict, liveness)

    @property
    def _local(self) -> datetime:
        return self._shown.astimezone()

    def _search(self, visit: Visit) -> tuple[Candidate, ...]:
        return self._gallery.search(fuse(visit.vectors, visit.weights)) if visit.vectors else ()

    def _not_proved(self, visit: Visit) -> None:
        if visit.verdict is not None and visit.verdict.person_id:
            self._proofs.failed(visit.verdict.person_id, self._clock())

    def _weigh(self, visit: Visit, answer: Answer | None = None) -> tuple[Demand, Liveness, int]:
        return self._weighing.weigh(visit, self._search(visit), self._at, self._local, self._clock(), answer)

    def _decide(self, visit: Visit, verdict: Verdict, liveness: Liveness) -> DecisionMade:
        now = self._clock()
        visit.decided_at = now
        if verdict.person_id:
            self._proofs.passed(verdict.person_id, self._local.date())
        shown = liveness_of(self._settings.simulated, liveness)
        visit.decided = decision(
            visit, verdict, shown, self._search(visit), self._at, title(self._engine), self._shown, now
        )
        self._to_compare = visit
        return DecisionMade(visit.decided)
