"""A visit at the gate, from the first sight of a face to the last word: what the screen shows and what is to be done.

No Qt and no clock of its own: `now` is an argument (aware, local to the gate). The same events give the same effects.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.identification import Decision, Liveness, Outcome
from domain.passages import Attempt, Method
from kiosk.faces.messages import ChallengeAsked, DecisionMade, GalleryApplied, RecogniserState, Sighting, VisitEnded
from kiosk.visit.admission import admission
from kiosk.visit.effects import (
    AskStatus,
    Effect,
    EndCall,
    GateDid,
    HoldVisitor,
    LookForPass,
    OpenGate,
    RecordPassage,
    ReportWell,
    RingNext,
    RunSelfTest,
    StartCall,
)
from kiosk.visit.enrol_guide import EnrolGuide
from kiosk.visit.events import (
    AlsoAgreed,
    CallChanged,
    Chosen,
    ConsentRenewed,
    Credential,
    CredentialAccepted,
    CredentialRefused,
    DoorHeld,
    EnrolmentDoubted,
    EnrolmentSaved,
    EnrolmentStep,
    Event,
    FireInput,
    GateAnswered,
    GuardOpened,
    Press,
    Pressed,
    ResidentsFound,
    StaffAccepted,
    StatusKnown,
    Tick,
)
from kiosk.visit.face_watch import FaceWatch
from kiosk.visit.faults import Fault, Faults, Part
from kiosk.visit.guard_call import Call
from kiosk.visit.line import Line
from kiosk.visit.people import Guest
from kiosk.visit.pin_entry import PinEntry
from kiosk.visit.prompter import Prompter
from kiosk.visit.settings import Knows, VisitSettings
from kiosk.visit.view import CallState, PinStage, Screen, StatusSection, View, Way, Well
from kiosk.visit.wording import headline, second

WAY_SCREENS = {Way.CARD: Screen.CARD, Way.PIN: Screen.PIN, Way.QR: Screen.QR, Way.GUARD: Screen.CALLING}
STATUS_EVERY = timedelta(seconds=2)
HELD_AGAIN = timedelta(seconds=30)  # between two askings to shut the door
FACE_SCREENS = (Screen.STANDBY, Screen.APPROACHING, Screen.COACHING, Screen.CHALLENGE, Screen.OUT_OF_ORDER)
ASKED_BY_HAND = (Screen.CARD, Screen.PIN, Screen.QR, Screen.CALLING)


class Visit:
    """The presenter of the kiosk window."""

    def __init__(self, settings: VisitSettings, knows: Knows, now: datetime) -> None:
        self.settings, self._knows = settings, knows
        self._holds = settings.holds
        self._now = self._since = now
        self._screen = Screen.STANDBY
        self._faults, self._prompter = Faults(), Prompter()
        self._fire = self._held_open = self._taking_over = False
        self._asked = now - STATUS_EVERY
        self._status: tuple[StatusSection, ...] = ()
        self._until: datetime | None = None
        self._face = FaceWatch(timedelta(seconds=self._holds.coach_after), now)
        self._drafts: dict[str, RecordPassage] = {}
        self._forget()

    def _forget(self) -> None:
        """Everything that belonged to the person who has just left."""
        self._guest: Guest | None = None
        self._method = Method.FACE
        self._gate, self._well = GateDid.SHUT, Well.HIDDEN
        self._ref = self._why = self._staff = ""
        self._enrol: EnrolGuide | None = None
        self._pin: PinEntry | None = None
        self._call: Call | None = None

    # ------------------------------------------------------------ what happens

    def handle(self, event: Event, now: datetime) -> tuple[Effect, ...]:
        """Take in one event and return what is to be done, in order."""
        self._now = now
        was = self._screen
        match event:
            case Sighting():
                effects = self._seen(event)
            case ChallengeAsked():
                effects = self._challenged(event)
            case DecisionMade(decision):
                effects = self._decide(decision)
            case VisitEnded(visit_id):
                effects = self._gone(visit_id)
            case RecogniserState():
                effects = self._fault(Fault(Part.RECOGNISER, "" if event.up else event.code or "recogniser_down"))
            case GalleryApplied():
                effects = []
            case CredentialAccepted():
                effects = self._credential(event)
            case CredentialRefused():
                effects = self._credential_refused(event)
            case GuardOpened():
                effects = self._guard_opened(event)
            case CallChanged():
                effects = self._call_changed(event)
            case GateAnswered():
                effects = self._gate_answered(event)
            case Fault():
                effects = self._fault(event)
            case FireInput(on):
                self._fire, effects = on, [*self._prompter.say("fire", now)] if on else []
            case DoorHeld(on):
                self._held_open = on
                effects = self._ask_to_shut()
            case StaffAccepted(name):
                effects = self._signed_in(name)
            case StatusKnown(sections):
                self._status, effects = sections, []
            case Pressed(what):
                effects = self._pressed(what)
            case Tick():
                effects = self._tick()
            case _:
                effects = self._enrolling(event)
        if (was is Screen.QR) is not (self._screen is Screen.QR):
            effects.append(LookForPass(self._screen is Screen.QR))
        return tuple(effects)

    def _seen(self, seen: Sighting) -> list[Effect]:
        self._face.see(seen, self._now)
        if self._enrol is not None:
            return self._enrol.see(seen, self._now)
        return self._look()

    def _challenged(self, asked: ChallengeAsked) -> list[Effect]:
        self._face.challenge = asked
        said = self._prompter.say("follow", self._now) if self._screen in FACE_SCREENS else []
        return [*said, *self._look()]

    def _look(self) -> list[Effect]:
        """Show what the face before the camera should see, unless something else is on the screen."""
        if self._screen not in FACE_SCREENS:
            return []
        self._screen = Screen.OUT_OF_ORDER if self._faults.face else self._face.screen(self._now)
        advice = self._face.advice() if self._screen is Screen.COACHING else ""
        return list(self._prompter.say(advice, self._now)) if advice else []

    def _decide(self, decision: Decision) -> list[Effect]:
        if not self._face.decide(decision):
            return []
        if self._staff:
            return []  # whoever stands there is at work, or being enrolled
        guest = self._knows.guest(decision.person_id) if decision.person_id else None
        good = decision.outcome is Outcome.IDENTIFIED and decision.liveness is not Liveness.ATTACK
        if good and guest is not None:
            if self._screen is Screen.IDENTIFIED and self._guest == guest:
                return []  # came in by card a moment ago: one passage, not two
            return self._admit(Attempt(guest.person_id, Method.FACE, guest.group, slow=guest.elder), guest, decision)
        method, direction = Method.FACE, self._knows.rules().direction
        record = RecordPassage(
            decision.visit_id, self._now, method, direction, GateDid.SHUT, decision.person_id, decision=decision
        )
        if self._screen in ASKED_BY_HAND:
            return [record]
        unsure = decision.outcome is not Outcome.UNKNOWN
        screen, hold = (Screen.UNSURE, self._holds.unsure) if unsure else (Screen.UNKNOWN, self._holds.unknown)
        return [record, *self._go(screen, hold), *self._prompter.say(screen.value, self._now)]

    def _gone(self, visit_id: str) -> list[Effect]:
        self._face.leave(visit_id)
        if self._face.passed_by and self._screen in (Screen.UNSURE, Screen.UNKNOWN):
            return self._rest()
        return self._look()

    def _credential(self, event: CredentialAccepted) -> list[Effect]:
        if self._enrolling_now:
            return self._shown_while_enrolling(event)
        guest = self._knows.guest(event.person_id) or Guest(event.person_id, {})
        group = event.group or guest.group
        attempt = Attempt(event.person_id, event.method, group, event.side, slow=guest.elder)
        return self._admit(attempt, guest, credential=event)

    def _credential_refused(self, event: CredentialRefused) -> list[Effect]:
        if self._enrolling_now and event.method is not Method.PIN:
            return self._shown_while_enrolling(event)
        rules = self._knows.rules()
        record = RecordPassage(
            self._knows.new_id(), self._now, event.method, rules.direction, GateDid.SHUT,
            refused=event.why, credential=event.reference,
        )  # fmt: skip
        if event.method is Method.PIN:
            if self._pin is None:
                return [record]  # came in another way meanwhile, or went back
            staff = not self._pin.flat
            self._pin.fail(event.why, event.wait_s, self._now, staff)
            self._stay(self._holds.idle + event.wait_s)
            return [record]
        effects = self._go(Screen.REFUSED, self._holds.refused)
        self._why = event.why
        return [record, *effects, *self._prompter.say("refused", self._now)]

    def _guard_opened(self, event: GuardOpened) -> list[Effect]:
        if self._call is None or self._call.call_id != event.call_id:
            return []
        return self._admit(Attempt("", Method.GUARD), None, by=event.by)

    def _admit(
        self,
        attempt: Attempt,
        guest: Guest | None,
        decision: Decision | None = None,
        credential: CredentialAccepted | None = None,
        by: str = "",
    ) -> list[Effect]:
        """Judge, then open and greet, or say why not."""
        record, verdict, notice = admission(attempt, self._knows, self._fire, self._now, decision, credential, by)
        if not verdict.opens:
            effects = self._go(Screen.REFUSED, self._holds.refused)
            self._why = verdict.ruling.value
            return [record, *notice, *effects, *self._prompter.say("refused", self._now)]
        if guest is not None and guest.awaited_until is not None and guest.awaited_until <= self._now:
            guest = replace(guest, awaited_until=None)
        elder = guest is not None and guest.elder
        hold = self._holds.identified_elder if elder else self._holds.identified
        effects = self._go(Screen.IDENTIFIED, hold)
        self._guest, self._method, self._ref, self._gate = guest, attempt.method, record.ref, GateDid.OPENING
        self._well = Well.OFFERED if elder else Well.HIDDEN
        self._drafts[record.ref] = record
        welcome = self._prompter.say("welcome", self._now, guest.greeting if guest else None)
        return [OpenGate(record.ref, verdict.seconds), *effects, *notice, *welcome]

    def _gate_answered(self, event: GateAnswered) -> list[Effect]:
        draft = self._drafts.pop(event.ref, None)
        did = GateDid.OPENED if event.opened else GateDid.FAILED
        effects: list[Effect] = [replace(draft, gate=did)] if draft else []
        if event.ref == self._ref and self._screen is Screen.IDENTIFIED:
            self._gate = did
            if not event.opened:
                self._stay(self._holds.refused)
                effects += self._prompter.say("gate_failed", self._now)
        return effects

    def _fault(self, event: Fault) -> list[Effect]:
        self._faults.hear(event)
        if self._faults.face:
            self._face.lose()
        return self._look()

    # ------------------------------------------------------------ fingers

    def _pressed(self, what: Way | Press | str) -> list[Effect]:
        if isinstance(what, Way):
            return self._way(what)
        if what is Press.BACK:
            return self._back()
        if what is Press.STAFF:
            effects = self._go(Screen.PIN, self._holds.idle)
            self._pin = PinEntry(PinStage.STAFF)
            return [*effects, HoldVisitor()]
        if what is Press.WELL and self._well is Well.OFFERED and self._guest is not None:
            self._well = Well.SAID
            self._stay(self._holds.identified)
            said = ReportWell(self._guest.person_id, self._method, self._now)
            return [said, *self._prompter.say("well", self._now)]
        if self._staff and (work := self._staff_pressed(what)) is not None:
            return work
        if self._pin is not None and self._screen is Screen.PIN:
            self._stay(self._holds.idle + self._pin.waiting(self._now))
            return self._pin_key(self._pin, what)
        return []

    # ------------------------------------------------------------ the staff

    def _signed_in(self, name: str) -> list[Effect]:
        """Only while the pad still waits for it: a late answer signs nobody in."""
        if self._screen is not Screen.PIN:
            return []
        return self._go(Screen.MAINTENANCE, self._holds.maintenance, name)

    def _staff_pressed(self, what: Press | str) -> list[Effect] | None:
        """What only the staff may press; None for everything else."""
        if what is Press.SELF_TEST and self._screen is Screen.MAINTENANCE:
            return [RunSelfTest()]
        taking_over = what is Press.TAKE_OVER and self._knows.visitor()
        if (what is Press.ENROL or taking_over) and self._screen is Screen.MAINTENANCE:
            self._taking_over = taking_over
            effects = self._go(Screen.PIN, self._holds.idle, self._staff)
            self._pin = PinEntry(PinStage.ENROL)
            return effects
        if what is Press.AGREE and self._enrol is not None:
            self._stay(self._holds.enrol)
            return self._enrol.agree(self._now)
        if what is Press.RETAKE and self._enrol is not None:
            self._stay(self._holds.enrol)
            return self._enrol.retake()
        if what in (Press.SAME, Press.DIFFERENT) and self._enrol is not None:
            self._stay(self._holds.enrol)
            return self._enrol.same() if what is Press.SAME else self._enrol.different()
        return None

    @property
    def _enrolling_now(self) -> bool:
        """From "enrol" on: whoever holds a card to the reader now means the newcomer's, and nobody is to be let in by it."""
        return self._enrol is not None or (self._pin is not None and self._pin.stage is PinStage.ENROL)

    def _shown_while_enrolling(self, event: Credential) -> list[Effect]:
        if self._enrol is not None:
            self._stay(self._holds.enrol)
            self._enrol.swiped(event, self._now)
        elif self._pin is not None:
            self._stay(self._holds.idle)
            self._pin.flat, self._pin.refused = "", "card_later"  # a reader that types has typed its number as the flat
        return []

    def _enrolling(self, event: EnrolmentStep) -> list[Effect]:
        if isinstance(event, ResidentsFound):
            if not self._staff or self._screen is not Screen.PIN:
                return []
            effects = self._go(Screen.ENROL, self._holds.enrol, self._staff)
            self._enrol = EnrolGuide(event.people, self._staff, self._taking_over)
            return effects
        if self._enrol is None:
            return []
        self._stay(self._holds.enrol)
        if isinstance(event, Chosen):
            self._enrol.choose(event.person_id)
        elif isinstance(event, AlsoAgreed):
            self._enrol.also(event)
        elif isinstance(event, EnrolmentSaved):
            self._enrol.saved(event)
        elif isinstance(event, EnrolmentDoubted):
            self._enrol.doubted(event)
        elif isinstance(event, ConsentRenewed):
            self._enrol.renewed()
        else:
            self._enrol.failed(event)
        return []

    def _back(self) -> list[Effect]:
        """From an enrolment back to maintenance, from everywhere else to standby; not while it is being saved."""
        if self._enrol is not None and self._enrol.busy:
            return []
        if self._staff and self._screen is not Screen.MAINTENANCE:
            return self._go(Screen.MAINTENANCE, self._holds.maintenance, self._staff)
        return self._rest()

    def _pin_key(self, pin: PinEntry, what: Press | str) -> list[Effect]:
        if what is Press.ERASE:
            pin.erase()
        elif what is Press.ENTER:
            check = pin.enter(self._now)
            return [check] if check else []
        elif len(what) == 1 and what in "0123456789":
            pin.type(what)
        return []

    def _way(self, way: Way) -> list[Effect]:
        if way not in self.settings.ways or way in self._faults.broken_ways:
            return []
        if way is Way.GUARD and self._call is not None:
            return []
        effects = self._go(WAY_SCREENS[way], self._holds.call if way is Way.GUARD else self._holds.idle)
        if way is Way.PIN:
            self._pin = PinEntry()
        if way is Way.GUARD:
            self._call = Call(self._knows.new_id(), self._now, self.settings.call_rung_s, self.settings.phone)
            if self._faults.offline:
                self._call.state = CallState.LOST
            else:
                effects.append(StartCall(self._call.call_id, self._now))
        return [*effects, *self._prompter.say(way.value, self._now)]

    def _call_changed(self, event: CallChanged) -> list[Effect]:
        if self._call is None or self._call.call_id != event.call_id:
            return []
        self._call.state = event.state
        if event.state is CallState.REFUSED:
            self._stay(self._holds.refused)
        return []

    # ------------------------------------------------------------ time

    def _tick(self) -> list[Effect]:
        effects: list[Effect] = []
        if self._call is not None and self._call.next_rung(self._now):
            effects.append(RingNext(self._call.call_id, self._call.rung))
        if self._until is not None and self._now >= self._until and not self._still_choosing():
            return [*effects, *self._rest()]
        effects += [*self._look(), *self._ask_to_shut()]
        if self._screen is Screen.MAINTENANCE and self._now - self._asked >= STATUS_EVERY:
            self._asked = self._now
            effects.append(AskStatus())
        return effects

    def _ask_to_shut(self) -> list[Effect]:
        """Of a door that stands open: when it is noticed and again and again, but never into somebody's visit."""
        if not self._held_open or self._fire or self._screen not in (Screen.STANDBY, Screen.OUT_OF_ORDER):
            return []
        return list(self._prompter.say("held_open", self._now, pause=HELD_AGAIN))

    def _still_choosing(self) -> bool:
        """An elder stands before the "I am well" button."""
        here = self._face.visit_id == self._ref
        patience = timedelta(seconds=self._holds.well_offered)
        return self._well is Well.OFFERED and here and self._now - self._since < patience

    def _go(self, screen: Screen, hold: float, staff: str = "") -> list[Effect]:
        """Change to a screen for `hold` seconds; what the last one had begun ends. `staff` stays signed in."""
        ended: list[Effect] = [EndCall(self._call.call_id)] if self._call is not None else []
        if self._enrol is not None:
            ended += self._enrol.end()
        self._forget()
        self._staff = staff
        self._screen, self._since = screen, self._now
        self._stay(hold)
        return ended

    def _stay(self, hold: float) -> None:
        self._until = self._now + timedelta(seconds=hold)

    def _rest(self) -> list[Effect]:
        ended = self._go(Screen.STANDBY, 0)
        self._until = None
        return [*ended, *self._look()]

    # ------------------------------------------------------------ what is shown

    def view(self) -> View:
        """The picture as of the last event."""
        face = self._face.seen if self._screen in (Screen.APPROACHING, Screen.COACHING, Screen.CHALLENGE) else None
        view = View(
            self._screen,
            ring=face.evidence if face else 0.0,
            guest=self._guest, gate=self._gate, well=self._well,
            sighting=self._face.seen,
            challenge=self._face.challenge if self._screen is Screen.CHALLENGE else None,
            pin=self._pin.view(self._now) if self._pin else None,
            call=self._call.view(self._now) if self._call else None,
            notes=self._notes(),
            broken_ways=self._faults.broken_ways | (frozenset(Way) - self.settings.ways),
            offline=self._faults.offline,
            staff=self._staff,
            visitor=bool(self._staff) and self._knows.visitor(),
            status=self._status if self._screen is Screen.MAINTENANCE else (),
            enrol=self._enrol.view(self._now) if self._enrol else None,
        )  # fmt: skip
        first = headline(view, self._now.hour, self._why)
        return replace(view, headline=first, second=second(view, self._faults.face))

    def _notes(self) -> tuple[Line, ...]:
        said = []
        if self._fire:
            said.append(Line("kiosk.note.fire"))
        elif self._held_open:
            said.append(Line("kiosk.note.held_open"))
        simulated = {
            (True, True): "simulated_both",
            (True, False): "simulated_camera",
            (False, True): "simulated_gate",
        }.get((self.settings.simulated_camera, self.settings.simulated_gate))
        if simulated:
            said.append(Line(f"kiosk.note.{simulated}"))
        return (*said, *self._faults.notes)
