"""A visit at the gate, from the first sight of a face to the last word: what the screen shows and what is to be done.

No Qt and no clock of its own: `now` is an argument (aware, local to the gate). The same events give the same effects.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.identification import Decision
from domain.passages import Method
from kiosk.faces.messages import (
    ChallengeAsked,
    Compared,
    DecisionMade,
    GalleryApplied,
    RecogniserState,
    Sighting,
    VisitEnded,
)
from kiosk.visit.admissions import Admissions
from kiosk.visit.calling import Calling
from kiosk.visit.contacts import Contacts
from kiosk.visit.effects import Effect, LookForPass, ReportWell
from kiosk.visit.events import (
    CallChanged,
    CredentialAccepted,
    CredentialRefused,
    DoorHeld,
    Event,
    FireInput,
    GateAnswered,
    GuardOpened,
    Press,
    Pressed,
    StaffAccepted,
    StandsOpen,
    StatusKnown,
    Tick,
)
from kiosk.visit.face_watch import FaceWatch
from kiosk.visit.faults import Fault, Faults, Part
from kiosk.visit.pin_entry import PinEntry
from kiosk.visit.prompter import Prompter
from kiosk.visit.scene import Scene
from kiosk.visit.settings import Knows, VisitSettings
from kiosk.visit.staff_work import StaffWork
from kiosk.visit.view import PinStage, Screen, View, Way, Well
from kiosk.visit.wording import headline, second

WAY_SCREENS = {Way.CARD: Screen.CARD, Way.PIN: Screen.PIN, Way.QR: Screen.QR, Way.GUARD: Screen.CALLING}
HELD_AGAIN = timedelta(seconds=30)  # between two askings to shut the door
SAID_OF_PIN = timedelta(seconds=2)  # whoever types it once more is told once more
UNDECIDED = (Screen.APPROACHING, Screen.COACHING, Screen.CHALLENGE)
FACE_SCREENS = (*UNDECIDED, Screen.STANDBY, Screen.OUT_OF_ORDER, Screen.OPEN)
PUT_BACK = timedelta(seconds=2)  # a clock that is corrected by less disturbs nobody


class Visit:
    """The presenter of the kiosk window."""

    def __init__(self, settings: VisitSettings, knows: Knows, now: datetime) -> None:
        self.settings, self._knows = settings, knows
        self._holds = settings.holds
        self._scene = Scene(now)
        self._faults, self._contacts, self._prompter = (
            Faults(knows.resting, knows.needs_infrared),
            Contacts(),
            Prompter(),
        )
        self._face = FaceWatch(timedelta(seconds=self._holds.coach_after), now)
        self._admissions = Admissions(self._scene, knows, self._holds, self._prompter, self._contacts)
        self._calling = Calling(self._scene, knows, settings, self._prompter, self._faults)
        self._staff = StaffWork(self._scene, knows, self._holds)

    # ------------------------------------------------------------ what happens

    def handle(self, event: Event, now: datetime) -> tuple[Effect, ...]:
        """Take in one event and return what is to be done, in order."""
        put_back = self._scene.now - now > PUT_BACK
        self._scene.now, self._scene.elders = now, self.settings.for_elders(now)
        was = self._scene.screen
        effects = [*(self._begin_anew() if put_back else []), *self._take(event)]
        if (was is Screen.QR) is not (self._scene.screen is Screen.QR):
            effects.append(LookForPass(self._scene.screen is Screen.QR))
        return tuple(effects)

    def _take(self, event: Event) -> list[Effect]:
        match event:
            case Sighting():
                return self._seen(event)
            case ChallengeAsked() | DecisionMade() if Method.FACE in self._knows.resting():
                return []
            case ChallengeAsked():
                return self._challenged(event)
            case DecisionMade(decision):
                return self._decided(decision)
            case VisitEnded(visit_id):
                return self._gone(visit_id)
            case RecogniserState(up=True):
                return self._failed(Fault(Part.RECOGNISER))
            case RecogniserState(code=code, details=details):
                return self._failed(Fault(Part.RECOGNISER, code or "recogniser_down", details))
            case Fault():
                return self._failed(event)
            case GalleryApplied() | Compared():
                return []
            case CredentialAccepted(method=Method.PIN, pad=pad) if self._scene.pad(pad) is None:
                return []  # late: whoever typed it has gone, and somebody else may stand there
            case CredentialAccepted():
                return self._staff.shown(event) if self._staff.enrolling else self._admissions.accepted(event)
            case CredentialRefused():
                held = event.method is not Method.PIN and self._staff.enrolling
                return self._staff.shown(event) if held else self._admissions.refused(event)
            case GuardOpened():
                return self._admissions.guard_opened(event)
            case GateAnswered():
                return self._admissions.gate_answered(event)
            case CallChanged():
                return self._calling.changed(event)
            case FireInput() | DoorHeld() | StandsOpen():
                self._contacts.hear(event, self._scene.now)
                if isinstance(event, FireInput):
                    return [*self._look(), *(self._say("fire") if event.on else [])]
                return self._ask_to_shut()
            case StaffAccepted():
                return self._staff.sign_in(event)
            case StatusKnown(sections):
                self._staff.status = sections
                return []
            case Pressed(what):
                return self._pressed(what)
            case Tick():
                return self._tick()
            case _:
                return self._staff.step(event)

    def _begin_anew(self) -> list[Effect]:
        """The clock was put back: what ends by it would stay for as long, a greeting and whoever of the staff is signed in."""
        self._prompter.forget()
        self._face.count_from(self._scene.now)
        return self._scene.rest()

    def _say(self, prompt: str, pause: timedelta | None = None) -> list[Effect]:
        return [*self._prompter.say(prompt, self._scene.now, pause=pause)]

    # ------------------------------------------------------------ the face

    def _seen(self, seen: Sighting) -> list[Effect]:
        self._face.see(seen, self._scene.now)
        if (enrol := self._scene.person.enrol) is not None:
            return enrol.see(seen, self._scene.now)
        effects = self._look()
        if self._scene.screen is Screen.CHALLENGE and (turn := self._face.turn()) is not None:
            effects += self._say(f"turn_{turn}", timedelta(0))
        return effects

    def _challenged(self, asked: ChallengeAsked) -> list[Effect]:
        self._face.ask(asked)
        shown = self._scene.screen in FACE_SCREENS and self._scene.screen is not Screen.OPEN
        said = self._say("follow_elder" if asked.slow else "follow") if shown else []
        return [*said, *self._look()]

    def _decided(self, decision: Decision) -> list[Effect]:
        """Once; and whoever stands there while the staff are signed in is at work, or being enrolled."""
        if not self._face.decide(decision, self._scene.now) or self._staff.signed_in:
            return []
        return self._admissions.decided(decision)

    def _gone(self, visit_id: str) -> list[Effect]:
        self._face.leave(visit_id)
        if self._face.passed_by and self._scene.screen in (Screen.UNSURE, Screen.UNKNOWN):
            return self._rest()
        return self._look()

    def _failed(self, fault: Fault) -> list[Effect]:
        self._faults.hear(fault)
        if self._faults.face:
            self._face.lose()
        if fault.part is Part.DISTRICT and self._scene.person.call is not None:
            return self._calling.line(up=not fault.code)
        return self._look()

    def _look(self) -> list[Effect]:
        """Show what the face before the camera should see, unless something else is on the screen."""
        if self._scene.screen not in FACE_SCREENS:
            return []
        if self._contacts.fire and not self._faults.gate:
            self._scene.screen = Screen.OPEN
            return []
        self._scene.screen = Screen.OUT_OF_ORDER if self._faults.face else self._face.screen(self._scene.now)
        if self._scene.elders and self._scene.screen is Screen.APPROACHING:
            return self._say("look") if self._face.waits(self._scene.now) else []
        advice = self._face.advice() if self._scene.screen is Screen.COACHING else ""
        return self._say(advice, self._face.pause) if advice else []

    def _rest(self) -> list[Effect]:
        return [*self._scene.rest(), *self._look()]

    # ------------------------------------------------------------ fingers

    def _pressed(self, what: Way | Press | str) -> list[Effect]:
        if isinstance(what, Way):
            return self._way(what)
        if what is Press.BACK:
            return [*self._staff.back(), *self._look()]
        if what is Press.STAFF:
            return self._staff.ask_to_sign_in()
        if what is Press.WELL and self._scene.person.well is Well.OFFERED:
            return self._well()
        if self._staff.signed_in and (work := self._staff.pressed(what)) is not None:
            return work
        if self._scene.person.pin is not None:
            return self._pin_key(self._scene.person.pin, what)
        return []

    def _well(self) -> list[Effect]:
        person = self._scene.person
        if person.guest is None:
            return []
        person.well = Well.SAID
        self._scene.stay(self._holds.identified)
        return [ReportWell(person.guest.person_id, person.method, self._scene.now), *self._say("well")]

    def _pin_key(self, pin: PinEntry, what: Press | str) -> list[Effect]:
        self._scene.stay(self._holds.idle + pin.waiting(self._scene.now))
        if what is Press.ERASE:
            pin.erase()
        elif what is Press.ENTER:
            was, check = pin.stage, pin.enter(self._scene.now)
            if self._scene.elders and (was, pin.stage) == (PinStage.FLAT, PinStage.SECRET):
                return self._say("pin_secret", SAID_OF_PIN)
            return [check] if check else []
        elif len(what) == 1 and what in "0123456789":
            pin.type(what)
        return []

    def _way(self, way: Way) -> list[Effect]:
        if way not in self.settings.ways or way in self._faults.broken_ways:
            return []
        if way is Way.GUARD and self._calling.waits:
            return []
        effects = self._scene.change(WAY_SCREENS[way], self._holds.call if way is Way.GUARD else self._holds.idle)
        if way is Way.PIN:
            self._scene.open_pad(PinStage.FLAT)
        if way is Way.GUARD:
            return [*effects, *self._calling.ring()]
        return [*effects, *self._say(way.value)]

    # ------------------------------------------------------------ time

    def _tick(self) -> list[Effect]:
        effects = self._calling.tick()
        if self._scene.over and not self._still_choosing():
            return [*effects, *self._rest()]
        return [*effects, *self._look(), *self._ask_to_shut(), *self._staff.tick()]

    def _ask_to_shut(self) -> list[Effect]:
        """Of a door that stands open: when it is noticed and again and again, but never into somebody's visit."""
        if not self._contacts.to_shut(self._scene.now) or self._scene.screen not in (
            Screen.STANDBY,
            Screen.OUT_OF_ORDER,
        ):
            return []
        return self._say("held_open", pause=HELD_AGAIN)

    def _still_choosing(self) -> bool:
        """An elder stands before the "I am well" button."""
        person = self._scene.person
        patience = timedelta(seconds=self._holds.well_offered)
        here = self._face.visit_id == person.ref
        return person.well is Well.OFFERED and here and self._scene.now - self._scene.since < patience

    # ------------------------------------------------------------ what is shown

    def view(self) -> View:
        """The picture as of the last event."""
        scene, person, face = self._scene, self._scene.person, self._face
        view = View(
            scene.screen,
            ring=face.seen.evidence if face.seen and scene.screen in UNDECIDED else 0.0,
            guest=person.guest, covered=person.covered, gate=person.gate, well=person.well,
            sighting=face.seen,
            again=face.stays and face.coaching is None,
            challenge=face.challenge if scene.screen is Screen.CHALLENGE else None,
            pin=person.pin.view(scene.now) if person.pin else None,
            call=person.call.view(scene.now) if person.call else None,
            notes=(*self._contacts.notes, *self.settings.notes, *self._faults.notes),
            broken_ways=self._faults.broken_ways | (frozenset(Way) - self.settings.ways),
            offline=self._faults.offline,
            stands_open=self._contacts.stands_open,
            staff=person.staff,
            visitor=self._staff.signed_in and self._knows.visitor(),
            status=self._staff.status if scene.screen is Screen.MAINTENANCE else (),
            enrol=person.enrol.view(scene.now) if person.enrol else None,
            large=scene.elders and not person.staff,
        )  # fmt: skip
        first = headline(view, scene.now.hour, person.why)
        return replace(view, headline=first, second=second(view, self._faults.face))
