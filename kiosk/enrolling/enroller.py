"""Enrolling a resident: photographs and a consent become a template, a profile and a line in the ledger, together.

What is sealed comes first and the consent last, so whatever is interrupted in between leaves nothing that the matcher may use, and
what it leaves is cleared: here, or by `Residents.let_go`.
"""

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image as Picture

from domain.consent import Purpose, may_consent
from domain.errors import Mendable
from domain.people import Profile, new_person_id
from kiosk.faces.engine import FaceEngine, Image, unit
from kiosk.faces.enrolment import Enrolment, Looked, look, together
from kiosk.faces.gallery import Gallery, Lookalike
from kiosk.faces.quality import GATE, Limits
from kiosk.residents.consented import let_go_without_consent
from kiosk.residents.templates import KEPT_AT_THE_GATE, TemplateStore
from offline.roster import Roster

log = logging.getLogger(__name__)

CONSENT_VERSION = "2026-3"  # raised whenever the words on the screen change
_JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """Who agreed to what. `by` is the resident's own name for it or the guardian's; `age` in years where it is known."""

    by: str
    keep_photos: bool = False
    guardian: bool = False
    age: int | None = None
    version: str = CONSENT_VERSION
    also: frozenset[Purpose] = frozenset()  # agreed to on its own, beside the face
    not_any_more: frozenset[Purpose] = frozenset()  # held until now, and taken back


@dataclass(frozen=True, slots=True)
class Measured:
    """Photographs measured and compared with everybody enrolled here; nothing of it is kept yet."""

    enrolment: Enrolment
    lookalikes: tuple[Lookalike, ...]
    photos: tuple[Image, ...]  # those that were good


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of it. `lookalikes` are residents the newcomer could be taken for, most alike first."""

    person: str
    enrolment: Enrolment
    lookalikes: tuple[Lookalike, ...]


class Enroller:
    """Enrols at this kiosk. `gallery` gives the one in use; `alike` the score from which two people are look-alikes."""

    def __init__(
        self,
        engine: FaceEngine,
        roster: Roster,
        templates: TemplateStore,
        gallery: Callable[[], Gallery],
        alike: Callable[[], float],
        limits: Limits = GATE,
        alike_found: Callable[[str, Sequence[str]], object] = lambda _who, _others: None,
    ) -> None:
        self._engine, self._roster, self._templates = engine, roster, templates
        self._gallery, self._alike, self._limits = gallery, alike, limits
        self._alike_found = alike_found

    def enrol(
        self,
        profile: Profile,
        photos: Sequence[tuple[str, Image]],
        consent: ConsentForm,
        person: str | None = None,
        revision: int = 1,
    ) -> Enrolled:
        """Enrol one resident, a new one unless `person` names them.

        Raises Mendable: `consent_guardian` (under 14 without a guardian), or the refusal of the first photograph where none is
        good enough (`photo_…`; `photo_none` where there was none at all).
        """
        check(consent)
        who = person or new_person_id()
        return self.save(profile, self.measure(photos, who), consent, who, revision)

    def look(self, file: str, image: Image) -> Looked:
        """One photograph by itself, while the next one is taken."""
        return look(self._engine, file, image, self._limits)

    def measure(
        self, photos: Sequence[tuple[str, Image]], person: str, looked: Mapping[str, Looked] | None = None
    ) -> Measured:
        """Measure and compare, so that somebody can be asked before anything is saved; `looked` is what was looked at already.
        Raises Mendable `photo_…`."""
        known = looked or {}
        result = together(self._engine, [(file, known.get(file) or self.look(file, image)) for file, image in photos])
        if not result.accepted:
            raise next(iter(result.refused.values()), Mendable("photo_none"))
        template = unit(result.embeddings.mean(axis=0))
        alike = self._gallery().lookalikes(template, self._alike(), but=person)
        good = {a.file for a in result.accepted}
        return Measured(result, alike, tuple(image for file, image in photos if file in good))

    def save(self, profile: Profile, measured: Measured, consent: ConsentForm, who: str, revision: int = 1) -> Enrolled:
        """Keep what was measured. Raises Mendable `consent_guardian`, and `enrol_gone` of whoever was erased."""
        check(consent)
        kept = [_jpeg(image) for image in measured.photos] if consent.keep_photos else []
        with self._roster.undisturbed():
            if self.erased(who):
                raise Mendable("enrol_gone")
            try:
                self._keep(profile, measured.enrolment, kept, consent, who, revision)
            except Exception:
                self._clear(who)
                raise
            self._clear(who)  # another program of this gate may have heard of a withdrawal
            if who not in self._templates.people():
                raise Mendable("enrol_gone")
        self._alike_found(who, [one.person_id for one in measured.lookalikes])
        return Enrolled(who, measured.enrolment, measured.lookalikes)

    def _keep(
        self, profile: Profile, made: Enrolment, photos: Sequence[bytes], consent: ConsentForm, who: str, revision: int
    ) -> None:
        knew = {purpose: self._roster.withdrawals(who, purpose) for purpose in Purpose}
        told = [id for purpose in KEPT_AT_THE_GATE for id in knew[purpose]]

        def save() -> None:
            self._templates.save(who, self._engine.name, self._engine.version, made.embeddings, photos, told)

        save()
        self._roster.register(who, profile, revision)
        self._agree(who, consent, knew)
        if who not in self._templates.people() and self._roster.holds(who, Purpose.FACE_AT_GATE):
            save()  # the gate, which starts just now, let go of what nobody had consented to yet

    def _clear(self, who: str) -> None:
        try:
            let_go_without_consent(self._templates, self._roster, [who])
        except Exception:  # the disk is as full as it was: the gate's next start, or its next night, tries again
            log.exception("kept of %s until tonight", who)

    def withdrawn(self, who: str, consent: ConsentForm) -> datetime | None:
        """When somebody last took back what they would agree to by this form and do not agree to now; None where they did not."""
        told = [self._roster.withdrawn(who, purpose) for purpose in _purposes(consent)]
        return max((at for at in told if at is not None), default=None)

    def erased(self, who: str) -> bool:
        return self._roster.erased(who)

    def agree(self, who: str, consent: ConsentForm) -> None:
        """Record what somebody agrees to, and what no longer; the face is as it is. Raises Mendable `consent_guardian`."""
        check(consent)
        self._agree(who, consent, {purpose: self._roster.withdrawals(who, purpose) for purpose in Purpose})

    def _agree(self, who: str, consent: ConsentForm, knew: Mapping[Purpose, Sequence[str]]) -> None:
        for purpose in sorted(consent.not_any_more):
            self._roster.consent(who, purpose, False, consent.version, consent.by)
        for purpose in _purposes(consent):
            self._roster.consent(who, purpose, True, consent.version, consent.by, knew=knew[purpose])


def check(consent: ConsentForm) -> None:
    """Raises Mendable `consent_guardian`: under 14 without a guardian."""
    if consent.age is not None and not may_consent(consent.age, consent.guardian):
        raise Mendable("consent_guardian")


def _purposes(consent: ConsentForm) -> tuple[Purpose, ...]:
    photos = {Purpose.ENROLMENT_PHOTOS} if consent.keep_photos else set()
    return (Purpose.FACE_AT_GATE, *sorted(photos | consent.also))


def _jpeg(image: Image) -> bytes:
    kept = io.BytesIO()
    Picture.fromarray(image[..., ::-1]).save(kept, "JPEG", quality=_JPEG_QUALITY)
    return kept.getvalue()
