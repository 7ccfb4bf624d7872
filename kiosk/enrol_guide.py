"""A guided enrolment at the gate: who, consent, five pictures in three poses, saved. No Qt; photos stay in memory until then."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.consent import Purpose
from domain.identification import Quality
from kiosk.faces.messages import Sighting, Turn
from kiosk.screens.model import (
    AlsoAgreed,
    DropPhotos,
    Effect,
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
    EnrolStage,
    EnrolView,
    Line,
    Newcomer,
    SaveEnrolment,
    TakePhoto,
    UseVisitor,
)

POSES = (Turn.CENTRE, Turn.LEFT, Turn.CENTRE, Turn.RIGHT, Turn.CENTRE)
# Degrees of yaw; positive looks to the image's right, which is the person's own left and the screen's left.
YAW = {Turn.CENTRE: (-9.0, 9.0), Turn.LEFT: (9.0, 28.0), Turn.RIGHT: (-28.0, -9.0)}
LEAST_EYE_PX, LEAST_SHARPNESS, LEAST_EXPOSURE = 60.0, 0.15, 0.15
STEADY = timedelta(seconds=0.4)


class EnrolGuide:
    """Lives from the choice of a flat until the staff go on."""

    def __init__(self, people: tuple[Newcomer, ...], staff: str, visitor: bool = False) -> None:
        """`visitor`: the newcomer was here just now, and their frames serve as photos once they agree."""
        self._people, self._staff, self._visitor = people, staff, visitor
        self._stage = EnrolStage.WHO if people else EnrolStage.FAILED
        self._newcomer: Newcomer | None = None
        self._taken = 0
        self._hint: Line | None = None
        self._right_since: datetime | None = None
        self._alike: tuple[Mapping[str, str], ...] = ()
        self._also: frozenset[Purpose] = frozenset()
        self._failed: Line | None = None if people else Line("kiosk.enrol.nobody")

    def choose(self, person_id: str) -> None:
        chosen = next((person for person in self._people if person.person_id == person_id), None)
        if self._stage is EnrolStage.WHO and chosen is not None:
            self._newcomer, self._stage = chosen, EnrolStage.VISITOR if self._visitor else EnrolStage.CONSENT

    def also(self, event: AlsoAgreed) -> None:
        """One thing more, on its own; nothing of it is asked twice or assumed."""
        if self._stage is EnrolStage.CONSENT:
            self._also = self._also | {event.purpose} if event.on else self._also - {event.purpose}

    def agree(self) -> list[Effect]:
        """The newcomer, or their guardian, presses it themselves."""
        if self._stage is EnrolStage.VISITOR:
            self._stage = EnrolStage.CONSENT
            return []
        if self._stage is not EnrolStage.CONSENT:
            return []
        if self._visitor:
            return [UseVisitor(), *self._save()]
        self._stage = EnrolStage.POSES
        return []

    def see(self, seen: Sighting, now: datetime) -> list[Effect]:
        """Take a picture when the asked pose has been held for a moment; after the last one, save."""
        if self._stage is not EnrolStage.POSES or self._newcomer is None:
            return []
        self._hint = shortcoming(seen, POSES[self._taken])
        if self._hint is not None:
            self._right_since = None
            return []
        self._right_since = self._right_since or now
        if now - self._right_since < STEADY:
            return []
        self._right_since = None
        self._taken += 1
        if self._taken < len(POSES):
            return [TakePhoto()]
        return [TakePhoto(), *self._save()]

    def _save(self, distinct: bool = False) -> list[Effect]:
        if self._newcomer is None:
            return []
        self._stage = EnrolStage.SAVING
        return [SaveEnrolment(self._newcomer.person_id, self._newcomer.minor, self._staff, self._also, distinct)]

    def doubted(self, event: EnrolmentDoubted) -> None:
        """Whom the newcomer looks like: the staff say whether it is the same person, before anything is saved."""
        self._stage, self._alike = EnrolStage.DOUBT, event.alike

    def same(self) -> list[Effect]:
        """It is: nothing is saved."""
        if self._stage is not EnrolStage.DOUBT:
            return []
        self._stage, self._failed = EnrolStage.FAILED, Line("kiosk.enrol.same_person", {"name": self._alike[0]})
        return [DropPhotos()]

    def different(self) -> list[Effect]:
        """It is not."""
        return self._save(distinct=True) if self._stage is EnrolStage.DOUBT else []

    def saved(self, event: EnrolmentSaved) -> None:
        self._stage, self._alike = EnrolStage.DONE, event.alike

    def failed(self, event: EnrolmentFailed) -> None:
        if self._visitor and event.code.startswith(
            "photo_"
        ):  # what was seen in passing does not suffice: look once more
            self._visitor, self._stage = False, EnrolStage.POSES
            return
        self._stage, self._failed = EnrolStage.FAILED, Line(f"error.{event.code}", event.details)

    def end(self) -> list[Effect]:
        """What is left is forgotten."""
        return [DropPhotos()]

    @property
    def busy(self) -> bool:
        """Whether leaving now would lose what has just been agreed to."""
        return self._stage is EnrolStage.SAVING

    def view(self) -> EnrolView:
        pose = POSES[min(self._taken, len(POSES) - 1)]
        return EnrolView(
            self._stage, self._people, self._newcomer, pose, self._taken, len(POSES), self._hint,
            self._alike, self._failed, self._also,
        )  # fmt: skip


def shortcoming(seen: Sighting, pose: Turn) -> Line | None:
    """What to do so that a picture in this pose can be taken; None when it can."""
    quality: Quality | None = seen.quality
    if len(seen.faces) > 1:
        return Line("kiosk.coach.several_faces")
    if quality is None or not seen.faces:
        return Line("kiosk.coach.no_face")
    if quality.inter_eye_px < LEAST_EYE_PX:
        return Line("kiosk.coach.too_far")
    if quality.exposure < LEAST_EXPOSURE:
        return Line("kiosk.coach.too_dark")
    low, high = YAW[pose]
    if not low <= quality.yaw_deg <= high:
        return Line(f"kiosk.enrol.look_{pose}")
    if quality.sharpness < LEAST_SHARPNESS:
        return Line("kiosk.coach.blurred")
    return None
