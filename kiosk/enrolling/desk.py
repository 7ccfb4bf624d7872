"""The enrolment's hands: who lives in a flat, pictures kept in memory, and saving them. No Qt."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

from assets.words import LANGUAGES
from domain.consent import BESIDE_FACE, GUARDIAN_BELOW_AGE, Purpose
from domain.errors import Mendable
from domain.people import Profile
from kiosk.camera.port import Frame, Image
from kiosk.enrolling.enroller import CONSENT_VERSION, ConsentForm, Enroller, Measured, check
from kiosk.enrolling.visitor import VisitorFrames
from kiosk.faces.enrolment import Looked
from kiosk.visit.effects import (
    DropPhotos,
    Enrolling,
    FindResidents,
    HoldVisitor,
    RenewConsent,
    SaveEnrolment,
    TakePhoto,
    UseVisitor,
)
from kiosk.visit.events import ConsentRenewed, EnrolmentDoubted, EnrolmentFailed, EnrolmentSaved, Event, ResidentsFound
from kiosk.visit.people import Newcomer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photo:
    """`looked` is what comes of it, looked at on the desk's thread while the next one is taken."""

    name: str
    image: Image = field(repr=False)
    looked: "Future[Looked] | None" = None


class EnrolDesk:
    """`take` returns at once; answers go to `tell`. Reading faces and sealing templates has a thread of its own."""

    def __init__(
        self,
        frames: Callable[[], Frame | None],
        profiles: Callable[[], Mapping[str, Profile]],
        enrolled: Callable[[], Collection[str]],
        enroller: Enroller,
        tell: Callable[[Event], None],
        today: Callable[[], date],
        visitor: VisitorFrames | None = None,
        held: Callable[[str], Mapping[Purpose, str]] = lambda _: {},
    ) -> None:
        """`held`: what somebody agrees to, and the version of the words."""
        self._frames, self._profiles, self._enrolled = frames, profiles, enrolled
        self._enroller, self._tell, self._today = enroller, tell, today
        self._visitor, self._held = visitor, held
        self._photos: list[Photo] = []
        self._doubted: Measured | None = None  # measured, and waiting for an answer
        self._round = 0  # of photographing; what belongs to an earlier one is forgotten
        self._thread = ThreadPoolExecutor(1, "enrol-desk")

    def take(self, effect: Enrolling) -> None:
        match effect:
            case TakePhoto():
                if (frame := self._frames()) is not None:
                    name, image = f"gate {len(self._photos) + 1}", frame.image.copy()
                    self._photos.append(Photo(name, image, self._thread.submit(self._enroller.look, name, image)))
            case HoldVisitor():
                if self._visitor is not None:
                    self._visitor.hold()
            case UseVisitor():
                seen = self._visitor.take() if self._visitor is not None else []
                self._photos = [Photo(f"visit {number}", image) for number, image in enumerate(seen, 1)]
            case DropPhotos():
                self._round += 1
                self._photos, self._doubted = [], None
                if self._visitor is not None:
                    self._visitor.drop()
            case FindResidents(flat):
                self._thread.submit(self._answer, lambda: self._find(flat))
            case RenewConsent():
                self._thread.submit(self._answer, lambda: self._renew(effect))
            case SaveEnrolment():
                photos, self._photos = self._photos, []
                doubted, self._doubted = self._doubted, None
                round_ = self._round
                self._thread.submit(self._answer, lambda: self._save(effect, photos, doubted, round_))

    def close(self) -> None:
        """Finish what was begun; forget the rest."""
        self._thread.shutdown()
        self._photos = []

    def _find(self, flat: str) -> Event:
        enrolled = self._enrolled()
        living = {
            who: p
            for who, p in sorted(self._profiles().items())
            if flat and "".join(filter(str.isdigit, p.flat)) == flat
        }
        greetings = Counter(p.greeting(code) for p in living.values() for code in LANGUAGES)
        return ResidentsFound(
            tuple(
                self._newcomer(who, p, who in enrolled, any(greetings[p.greeting(code)] > 1 for code in LANGUAGES))
                for who, p in living.items()
            )
        )

    def _newcomer(self, who: str, profile: Profile, enrolled: bool, shared: bool) -> Newcomer:
        """`shared`: another of the flat is greeted alike, as a father and his son; the staff are shown whole names then."""
        greeting = {code: profile.full_name if shared else profile.greeting(code) for code in LANGUAGES}
        held = self._held(who)
        outdated = enrolled and held.get(Purpose.FACE_AT_GATE) != CONSENT_VERSION
        return Newcomer(
            who, greeting, self._minor(profile), enrolled, frozenset(BESIDE_FACE).intersection(held), outdated
        )

    def _renew(self, wanted: RenewConsent) -> Event:
        profile = self._profiles().get(wanted.person_id)
        if profile is None or wanted.person_id not in self._enrolled():
            return EnrolmentFailed("enrol_gone")  # withdrawn or erased while the screen asked
        self._enroller.agree(wanted.person_id, self._form(wanted, profile))
        return ConsentRenewed()

    def _form(self, wanted: SaveEnrolment | RenewConsent, profile: Profile) -> ConsentForm:
        by = f"{'guardian' if wanted.by_guardian else 'self'}, at the gate before {wanted.staff}"
        gone = frozenset(BESIDE_FACE).intersection(self._held(wanted.person_id)) - wanted.also
        return ConsentForm(
            by, guardian=wanted.by_guardian, age=profile.age(self._today()), also=wanted.also, not_any_more=gone
        )

    def _save(self, wanted: SaveEnrolment, photos: list[Photo], doubted: Measured | None, round_: int) -> Event:
        profiles = self._profiles()
        profile = profiles.get(wanted.person_id)
        if profile is None:
            return EnrolmentFailed("enrol_gone")
        form = self._form(wanted, profile)
        check(form)
        measured = doubted if wanted.distinct and doubted is not None else None
        if measured is None:
            looked = {photo.name: photo.looked.result() for photo in photos if photo.looked is not None}
            taken = [(photo.name, photo.image) for photo in photos]
            measured = self._enroller.measure(taken, wanted.person_id, looked)
        people = [profiles[one.person_id] for one in measured.lookalikes if one.person_id in profiles]
        alike = tuple({code: p.greeting(code) for code in LANGUAGES} for p in people)
        if alike and not wanted.distinct:
            if round_ == self._round:
                self._doubted = measured
            return EnrolmentDoubted(alike)
        self._enroller.save(profile, measured, form, wanted.person_id)
        return EnrolmentSaved(alike)

    def _minor(self, profile: Profile) -> bool:
        years = profile.age(self._today())
        return years is not None and years < GUARDIAN_BELOW_AGE

    def _answer(self, work: Callable[[], Event]) -> None:
        try:
            self._tell(work())
        except Mendable as error:
            log.warning("not enrolled: %s", error)
            self._tell(EnrolmentFailed(error.code, error.details))
        except Exception:
            log.exception("uncaught")
            self._tell(EnrolmentFailed("enrol_failed"))
