"""What the staff do at the gate: sign in, look after the kiosk, enrol somebody."""

from datetime import timedelta

from kiosk.visit.effects import AskStatus, Effect, HoldVisitor, RunSelfTest
from kiosk.visit.enrol_guide import EnrolGuide
from kiosk.visit.events import (
    AlsoAgreed,
    Chosen,
    ConsentRenewed,
    Credential,
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
    EnrolmentStep,
    Press,
    ResidentsFound,
    StaffAccepted,
)
from kiosk.visit.scene import Scene
from kiosk.visit.settings import Holds, Knows
from kiosk.visit.view import PinStage, Screen, StatusSection, Way

STATUS_EVERY = timedelta(seconds=2)


class StaffWork:
    """Whoever is signed in is so until the screen turns to somebody else."""

    def __init__(self, scene: Scene, knows: Knows, holds: Holds) -> None:
        self._scene, self._knows, self._holds = scene, knows, holds
        self._taking_over = False
        self._asked = scene.now - STATUS_EVERY
        self.status: tuple[StatusSection, ...] = ()  # how the kiosk is, as it was told last

    @property
    def signed_in(self) -> bool:
        return bool(self._scene.person.staff)

    @property
    def enrolling(self) -> bool:
        """From "enrol" on: whoever holds a card to the reader now means the newcomer's, and nobody is to be let in by it."""
        person = self._scene.person
        return person.enrol is not None or (person.pin is not None and person.pin.stage is PinStage.ENROL)

    def ask_to_sign_in(self) -> list[Effect]:
        effects = self._scene.change(Screen.PIN, self._holds.idle)
        self._scene.open_pad(PinStage.STAFF)
        return [*effects, HoldVisitor()]

    def sign_in(self, staff: StaffAccepted) -> list[Effect]:
        """Only at the very pad that asked: a late answer signs nobody in, least of all a resident."""
        if self._scene.pad(staff.pad) is None:
            return []
        return self._scene.change(Screen.MAINTENANCE, self._holds.maintenance, staff.name)

    def pressed(self, what: Way | Press | str) -> list[Effect] | None:
        """What only the staff may press; None for everything else."""
        maintaining = self._scene.screen is Screen.MAINTENANCE
        if what is Press.SELF_TEST and maintaining:
            return [RunSelfTest()]
        taking_over = what is Press.TAKE_OVER and self._knows.visitor()
        if (what is Press.ENROL or taking_over) and maintaining:
            self._taking_over = taking_over
            effects = self._scene.change(Screen.PIN, self._holds.idle, self._scene.person.staff)
            self._scene.open_pad(PinStage.ENROL)
            return effects
        if self._scene.person.enrol is not None:
            return self._pressed_enrolling(self._scene.person.enrol, what)
        return None

    def _pressed_enrolling(self, guide: EnrolGuide, what: Way | Press | str) -> list[Effect] | None:
        if what not in (Press.AGREE, Press.RETAKE, Press.SAME, Press.DIFFERENT):
            return None
        self._scene.stay(self._holds.enrol)
        match what:
            case Press.AGREE:
                return guide.agree(self._scene.now)
            case Press.RETAKE:
                return guide.retake()
            case Press.SAME:
                return guide.same()
        return guide.different()

    def back(self) -> list[Effect]:
        """From an enrolment to maintenance, from there to standby; not while it is being saved."""
        enrol = self._scene.person.enrol
        if enrol is not None and enrol.busy:
            return []
        if self.signed_in and self._scene.screen is not Screen.MAINTENANCE:
            return self._scene.change(Screen.MAINTENANCE, self._holds.maintenance, self._scene.person.staff)
        return self._scene.rest()

    def shown(self, event: Credential) -> list[Effect]:
        """A card or a pass was held to a reader while somebody is being enrolled."""
        person = self._scene.person
        if person.enrol is not None:
            self._scene.stay(self._holds.enrol)
            person.enrol.swiped(event, self._scene.now)
        elif person.pin is not None:
            self._scene.stay(self._holds.idle)
            # A reader that types has typed its number as the flat.
            person.pin.flat, person.pin.refused = "", "card_later"
        return []

    def step(self, event: EnrolmentStep) -> list[Effect]:
        """An enrolment begins with those who live in the flat, and goes on."""
        person = self._scene.person
        if isinstance(event, ResidentsFound):
            return self._begin(event) if self.signed_in and self._scene.screen is Screen.PIN else []
        if person.enrol is None:
            return []
        self._scene.stay(self._holds.enrol)
        match event:
            case Chosen(person_id):
                person.enrol.choose(person_id)
            case AlsoAgreed():
                person.enrol.also(event)
            case EnrolmentSaved():
                person.enrol.saved(event)
            case EnrolmentDoubted():
                person.enrol.doubted(event)
            case ConsentRenewed():
                person.enrol.renewed()
            case EnrolmentFailed():
                person.enrol.failed(event)
        return []

    def _begin(self, found: ResidentsFound) -> list[Effect]:
        staff = self._scene.person.staff
        effects = self._scene.change(Screen.ENROL, self._holds.enrol, staff)
        self._scene.person.enrol = EnrolGuide(found.people, staff, self._taking_over)
        return effects

    def tick(self) -> list[Effect]:
        """While the maintenance screen is up the kiosk is asked again and again how it is."""
        waited = self._scene.now - self._asked
        if self._scene.screen is not Screen.MAINTENANCE or timedelta(0) <= waited < STATUS_EVERY:
            return []
        self._asked = self._scene.now
        return [AskStatus()]
