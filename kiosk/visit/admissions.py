"""Who is let in: a face, a card, a PIN, a pass, the guard's word. Judged, recorded, greeted, or told why not."""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain.identification import Decision, Liveness, Outcome
from domain.passages import Attempt, Method, Ruling, judge
from kiosk.visit.contacts import Contacts
from kiosk.visit.effects import Effect, GateDid, NotifyStaff, OpenGate, RecordPassage
from kiosk.visit.events import CredentialAccepted, CredentialRefused, GateAnswered, GuardOpened
from kiosk.visit.people import Guest
from kiosk.visit.prompter import Prompter
from kiosk.visit.scene import Scene
from kiosk.visit.settings import Holds, Knows
from kiosk.visit.view import Screen, Well

PIN_AGAIN = timedelta(seconds=2)  # whoever types another wrong one is told once more
# What was asked for by hand; and a greeting, which goes on over the open gate, or says that it did not open.
NOT_OF_THE_FACE = (Screen.CARD, Screen.PIN, Screen.QR, Screen.CALLING, Screen.IDENTIFIED)


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what grounds somebody asks to be let in: a decision, a credential, or `by` of the staff."""

    decision: Decision | None = None
    credential: CredentialAccepted | None = None
    by: str = ""


class Admissions:
    """A passage is recorded once the gate has answered; that somebody was not let in, at once."""

    def __init__(self, scene: Scene, knows: Knows, holds: Holds, prompter: Prompter, contacts: Contacts) -> None:
        self._scene, self._knows, self._holds = scene, knows, holds
        self._prompter, self._contacts = prompter, contacts
        self._drafts: dict[str, RecordPassage] = {}

    def decided(self, decision: Decision) -> list[Effect]:
        """Let in whom the recogniser is sure of; ask everybody else to come another way."""
        guest = self._knows.guest(decision.person_id) if decision.person_id else None
        good = decision.outcome is Outcome.IDENTIFIED and decision.liveness is not Liveness.ATTACK
        if not good or guest is None:
            return self._not_recognised(decision)
        if self._is_in(guest.person_id):
            return []
        attempt = Attempt(guest.person_id, Method.FACE, guest.group, slow=guest.elder)
        return self._admit(attempt, guest, Grounds(decision))

    def _is_in(self, person_id: str) -> bool:
        """Whether the gate opens or stands open for the one who is greeted: their card and their face are one passage, whichever
        comes first. Where it did not open, or an elder still stands there when it has shut again, it is asked for anew.
        """
        person = self._scene.person
        if not person_id or person.guest is None or person.guest.person_id != person_id:
            return False
        lasts = not self._scene.over or self._scene.now < person.open_until
        return person.gate is GateDid.OPENING or (person.gate is GateDid.OPENED and lasts)

    def _not_recognised(self, decision: Decision) -> list[Effect]:
        record = RecordPassage(
            decision.visit_id, self._scene.now, Method.FACE, self._knows.rules().direction, GateDid.SHUT,
            decision.person_id, decision=decision,
        )  # fmt: skip
        if self._scene.screen in NOT_OF_THE_FACE or self._contacts.fire:
            return [record]
        unsure = decision.outcome is not Outcome.UNKNOWN
        screen, hold = (Screen.UNSURE, self._holds.unsure) if unsure else (Screen.UNKNOWN, self._holds.unknown)
        ended = self._scene.change(screen, hold)
        covered = self._scene.person.covered = decision.quality is not None and decision.quality.covered
        return [record, *ended, *self._prompter.say("coach_occluded" if covered else screen.value, self._scene.now)]

    def accepted(self, credential: CredentialAccepted) -> list[Effect]:
        """A card, PIN or pass that is good."""
        if self._is_in(credential.person_id):
            return []
        guest = self._knows.guest(credential.person_id) or Guest(credential.person_id, {})
        group = credential.group or guest.group
        attempt = Attempt(credential.person_id, credential.method, group, credential.side, slow=guest.elder)
        return self._admit(attempt, guest, Grounds(credential=credential))

    def refused(self, credential: CredentialRefused) -> list[Effect]:
        """One that is not; a wrong PIN is said on the pad where it was typed, as long as that is there."""
        record = RecordPassage(
            self._knows.new_id(), self._scene.now, credential.method, self._knows.rules().direction, GateDid.SHUT,
            refused=credential.why, credential=credential.reference,
        )  # fmt: skip
        if credential.method is not Method.PIN:
            return [record, *self._refuse(credential.why)]
        if (pin := self._scene.pad(credential.pad)) is not None:  # else they came in another way meanwhile, or went
            staff = not pin.flat
            pin.fail(credential.why, credential.wait_s, self._scene.now, staff=staff)
            self._scene.stay(self._holds.idle + credential.wait_s)
            if not staff:
                prompt = "pin_wait" if credential.wait_s else "pin_wrong"
                return [record, *self._prompter.say(prompt, self._scene.now, pause=PIN_AGAIN)]
        return [record]

    def guard_opened(self, opened: GuardOpened) -> list[Effect]:
        """Only by an answer to the call that is under way."""
        call = self._scene.person.call
        if call is None or call.call_id != opened.call_id:
            return []
        return self._admit(Attempt("", Method.GUARD), None, Grounds(by=opened.by))

    def gate_answered(self, answer: GateAnswered) -> list[Effect]:
        draft = self._drafts.pop(answer.ref, None)
        did = GateDid.OPENED if answer.opened else GateDid.FAILED
        effects: list[Effect] = [replace(draft, gate=did)] if draft else []
        if answer.ref == self._scene.person.ref and self._scene.screen is Screen.IDENTIFIED:
            self._scene.person.gate = did
            if not answer.opened:
                self._scene.stay(self._holds.refused)
                effects += self._prompter.say("gate_failed", self._scene.now)
        return effects

    def _admit(self, attempt: Attempt, guest: Guest | None, grounds: Grounds) -> list[Effect]:
        """Judge, then open and greet, or say why not."""
        now, person_id = self._scene.now, attempt.person_id
        last = self._knows.last(person_id) if person_id else None
        rules, blocked, silence = self._knows.rules(), self._knows.blocked(), self._knows.silence()
        verdict = judge(attempt, rules, blocked, last, self._contacts.fire, now, silence)
        record = RecordPassage(
            ref=grounds.decision.visit_id if grounds.decision else self._knows.new_id(),
            at=now,
            method=attempt.method,
            direction=verdict.direction,
            gate=GateDid.SHUT,  # until the gate itself has answered
            person_id=person_id or None,
            ruling=verdict.ruling,
            credential=grounds.credential.reference if grounds.credential else "",
            once=grounds.credential.once if grounds.credential else False,
            by=grounds.by,
            decision=grounds.decision,
        )
        why = Ruling.BLOCKED if person_id in blocked else Ruling.PASSBACK
        notice = [NotifyStaff(why, person_id, attempt.method, now, verdict.opens)] if verdict.notice else []
        if not verdict.opens:
            return [record, *notice, *self._refuse(verdict.ruling.value)]
        effects = self._greet(guest, record, verdict.seconds)
        elder = guest is not None and guest.elder
        welcome = self._prompter.say("welcome_elder" if elder else "welcome", now, guest.greeting if guest else None)
        return [OpenGate(record.ref, verdict.seconds), *effects, *notice, *welcome]

    def _greet(self, guest: Guest | None, record: RecordPassage, seconds: float) -> list[Effect]:
        if guest is not None and guest.awaited_until is not None and guest.awaited_until <= self._scene.now:
            guest = replace(guest, awaited_until=None)
        elder = guest is not None and guest.elder
        ended = self._scene.change(Screen.IDENTIFIED, self._holds.identified_elder if elder else self._holds.identified)
        person = self._scene.person
        person.guest, person.method, person.ref, person.gate = guest, record.method, record.ref, GateDid.OPENING
        person.open_until = self._scene.now + timedelta(seconds=seconds)
        person.well = Well.OFFERED if elder else Well.HIDDEN
        self._drafts[record.ref] = record
        return ended

    def _refuse(self, why: str) -> list[Effect]:
        """`why` is a key below ``kiosk.refused``; for a fire the gate stands open, whoever comes with whatever."""
        if self._contacts.fire:
            return []
        ended = self._scene.change(Screen.REFUSED, self._holds.refused)
        self._scene.person.why = why
        return [*ended, *self._prompter.say("refused", self._scene.now)]
