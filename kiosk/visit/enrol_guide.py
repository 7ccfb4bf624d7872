"""A guided enrolment at the gate: who, consent, five pictures in three poses, saved. No Qt; photos stay in memory until then.

Whoever is enrolled may renew what they agree to, or agree to more, without being photographed again. A card held to the reader
meanwhile opens nothing: it is offered as the newcomer's.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.consent import Purpose
from domain.identification import Quality
from kiosk.faces.messages import Sighting, Turn
from kiosk.visit.effects import DropPhotos, Effect, GiveCard, RenewConsent, SaveEnrolment, TakePhoto, UseVisitor
from kiosk.visit.events import (
    AlsoAgreed,
    Credential,
    CredentialRefused,
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
)
from kiosk.visit.line import Line
from kiosk.visit.people import Newcomer
from kiosk.visit.view import EnrolStage, EnrolView

POSES = (Turn.CENTRE, Turn.LEFT, Turn.CENTRE, Turn.RIGHT, Turn.CENTRE)
# Degrees of yaw; positive looks to the image's right, which is the person's own left and the screen's left.
YAW = {Turn.CENTRE: (-9.0, 9.0), Turn.LEFT: (9.0, 28.0), Turn.RIGHT: (-28.0, -9.0)}
LEAST_EYE_PX, LEAST_SHARPNESS, LEAST_EXPOSURE = 60.0, 0.15, 0.15
STEADY = timedelta(seconds=0.4)
NOTE_FOR = timedelta(seconds=8)  # what a card means stays to be read


class EnrolGuide:
    """Lives from the choice of a flat until the staff go on."""

    def __init__(self, people: tuple[Newcomer, ...], staff: str, visitor: bool = False) -> None:
        """`visitor`: the newcomer was here just now, and their frames serve as photos once they agree."""
        self._people, self._staff, self._visitor = people, staff, visitor
        self._stage = EnrolStage.WHO if people else EnrolStage.FAILED
        self._newcomer: Newcomer | None = None
        self._taken = 0
        self._hint: Line | None = None
        self._quality: int | None = None
        self._right_since: datetime | None = None
        self._alike: tuple[Mapping[str, str], ...] = ()
        self._also: frozenset[Purpose] = frozenset()
        self._failed: Line | None = None if people else Line("kiosk.enrol.nobody")
        self._card, self._before = "", EnrolStage.WHO  # a card nobody has, and what it interrupted
        self._note: Line | None = None
        self._note_until: datetime | None = None

    def choose(self, person_id: str) -> None:
        chosen = next((person for person in self._people if person.person_id == person_id), None)
        if self._stage is EnrolStage.WHO and chosen is not None:
            self._newcomer, self._stage = chosen, EnrolStage.VISITOR if self._visitor else EnrolStage.CONSENT
            self._also = chosen.holds

    def also(self, event: AlsoAgreed) -> None:
        """One thing more, on its own; nothing of it is asked twice or assumed."""
        if self._stage is EnrolStage.CONSENT:
            self._also = self._also | {event.purpose} if event.on else self._also - {event.purpose}

    def agree(self, now: datetime) -> list[Effect]:
        """The newcomer, or their guardian, presses it themselves; that a card is theirs, whoever stands there."""
        if self._stage is EnrolStage.CARD:
            return self._give_card(now)
        if self._stage is EnrolStage.VISITOR:
            self._stage = EnrolStage.CONSENT
            return []
        if self._stage is not EnrolStage.CONSENT or self._newcomer is None:
            return []
        if self._visitor:
            return [UseVisitor(), *self._save()]
        if self._renews:
            self._stage = EnrolStage.SAVING
            return [RenewConsent(self._newcomer.person_id, self._newcomer.minor, self._staff, self._also)]
        return self.retake()

    def retake(self) -> list[Effect]:
        """They agree, and are photographed."""
        if self._stage is EnrolStage.CONSENT:
            self._stage = EnrolStage.POSES
        return []

    def see(self, seen: Sighting, now: datetime) -> list[Effect]:
        """Take a picture when the asked pose has been held for a moment; after the last one, save."""
        if self._stage is not EnrolStage.POSES or self._newcomer is None:
            return []
        self._hint = shortcoming(seen, POSES[self._taken])
        self._quality = None if seen.quality is None else 10 * round(10 * seen.quality.unified)
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
        self._ask_of_card()

    def same(self) -> list[Effect]:
        """It is: nothing is saved."""
        if self._stage is not EnrolStage.DOUBT:
            return []
        self._stage, self._failed = EnrolStage.FAILED, Line("kiosk.enrol.same_person", {"name": self._alike[0]})
        return [DropPhotos()]

    def different(self) -> list[Effect]:
        """It is not: neither the same person, nor the newcomer's card."""
        if self._stage is EnrolStage.CARD:
            self._stage, self._card = self._before, ""
            return []
        return self._save(distinct=True) if self._stage is EnrolStage.DOUBT else []

    def swiped(self, event: Credential, now: datetime) -> None:
        """A card or a pass was shown: it opens nothing here. One that nobody has is offered as the newcomer's."""
        if not event.card:
            self._say("pass_later", now)
        elif self._newcomer is None:
            self._say("card_first_who", now)
        elif isinstance(event, CredentialRefused) and event.why == "card_unknown":
            self._card = event.card
            if not self.busy:
                self._ask_of_card()
        elif isinstance(event, CredentialRefused):
            self._say("card_expired", now)
        else:
            self._say("card_theirs" if event.person_id == self._newcomer.person_id else "card_others", now)

    def _ask_of_card(self) -> None:
        if self._card and self._stage is not EnrolStage.CARD:
            self._before, self._stage = self._stage, EnrolStage.CARD

    def _give_card(self, now: datetime) -> list[Effect]:
        card, self._card, self._stage = self._card, "", self._before
        if self._newcomer is None:
            return []
        self._say("card_given", now)
        return [GiveCard(self._newcomer.person_id, card, self._staff)]

    def _say(self, key: str, now: datetime) -> None:
        name = self._newcomer.greeting if self._newcomer is not None else {}
        self._note, self._note_until = Line(f"kiosk.enrol.{key}", {"name": name}), now + NOTE_FOR

    def saved(self, event: EnrolmentSaved) -> None:
        self._stage, self._alike = EnrolStage.DONE, event.alike
        self._ask_of_card()

    def renewed(self) -> None:
        self._stage = EnrolStage.RENEWED
        self._ask_of_card()

    def failed(self, event: EnrolmentFailed) -> None:
        if self._visitor and event.code.startswith("photo_"):
            # What was seen in passing does not suffice: look once more.
            self._visitor, self._stage = False, EnrolStage.POSES
            return
        self._stage, self._failed = EnrolStage.FAILED, Line(f"error.{event.code}", event.details)
        self._ask_of_card()

    def end(self) -> list[Effect]:
        """What is left is forgotten."""
        return [DropPhotos()]

    @property
    def _renews(self) -> bool:
        return self._newcomer is not None and self._newcomer.enrolled and not self._visitor

    @property
    def busy(self) -> bool:
        """Whether leaving now would lose what has just been agreed to."""
        return self._stage is EnrolStage.SAVING

    def view(self, now: datetime) -> EnrolView:
        note = self._note if self._note_until is not None and now < self._note_until else None
        pose = POSES[min(self._taken, len(POSES) - 1)]
        return EnrolView(
            self._stage, self._people, self._newcomer, pose, self._taken, len(POSES), self._quality, self._hint,
            self._alike, self._failed, self._also, note, self._renews,
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
