"""Does what a visit asks for, off the window's thread, and tells it how it went. No Qt."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import Mendable
from domain.passages import Method
from kiosk.camera.feed import FeedState, Health
from kiosk.credentials.desk import Desk
from kiosk.credentials.port import Presented
from kiosk.gate.port import Gate
from kiosk.gate.watch import GateEvent
from kiosk.visit.effects import (
    AskStatus,
    Calling,
    CheckPin,
    CheckStaff,
    Effect,
    Enrolling,
    LookForPass,
    OpenGate,
    Recorded,
    RunSelfTest,
    Speak,
)
from kiosk.visit.events import (
    Credential,
    CredentialRefused,
    DoorHeld,
    Event,
    FireInput,
    GateAnswered,
    StaffAccepted,
    StandsOpen,
    StatusKnown,
)
from kiosk.visit.faults import Fault, Part

log = logging.getLogger(__name__)


LATE_S = 10.0  # whoever has waited for so long behind something that hung has gone, and somebody else may stand there


@dataclass(frozen=True, slots=True)
class Reach:
    """What the hands reach into; every callable returns at once."""

    tell: Callable[[Event], None]  # back to the visit, from any thread
    record: Callable[[Recorded], None]
    call: Callable[[Calling], None]
    speak: Callable[[Speak], None]
    look_for_pass: Callable[[bool], None]
    self_test: Callable[[], None]
    now: Callable[[], datetime]
    least: Callable[[], datetime]  # what time it is at least, whatever clock was set: wrong PINs are counted by it
    enrol: Callable[[Enrolling], None] = lambda _: None
    status: Callable[[], StatusKnown] = lambda: StatusKnown(())  # may take a moment


class Hands:
    """One thread for the gate, one for the desk: a slow PIN never keeps a gate shut."""

    def __init__(self, gate: Gate, desk: Desk, reach: Reach, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._gate, self._desk, self._reach, self._monotonic = gate, desk, reach, monotonic
        self._gate_thread = ThreadPoolExecutor(1, "hands-gate")
        self._desk_thread = ThreadPoolExecutor(1, "hands-desk")
        self._closed = False

    def perform(self, effect: Effect) -> None:
        """Begin one effect. Facts are recorded, prompts spoken and calls started by whoever `reach` names.

        Once closed, what was done is still recorded, nobody is let in any more, and that is on record too.
        """
        match effect:
            case OpenGate(ref) if self._closed:
                self._reach.tell(GateAnswered(ref, False))
            case _ if self._closed and not isinstance(effect, Recorded):
                pass
            case OpenGate(ref, seconds):
                asked = self._monotonic()
                self._in(self._gate_thread, lambda: self._open(ref, seconds, asked))
            case CheckPin(flat, secret, pad):
                self._ask(Method.PIN, lambda: self._desk.pin(flat, secret, self._reach.least()), pad)
            case CheckStaff(secret, pad):
                self._ask(Method.PIN, lambda: self._desk.staff(secret, self._reach.least()), pad)
            case Speak():
                self._reach.speak(effect)
            case LookForPass(on):
                self._reach.look_for_pass(on)
            case AskStatus():
                self._in(self._desk_thread, lambda: self._reach.tell(self._reach.status()))
            case RunSelfTest():
                self._reach.self_test()
            case _ if isinstance(effect, Recorded):
                self._reach.record(effect)
            case _ if isinstance(effect, Calling):
                self._reach.call(effect)
            case _:
                self._reach.enrol(effect)

    def present(self, presented: Presented) -> None:
        """What a reader read; called in the reader's thread."""
        self._ask(presented.method, lambda: self._desk.present(presented, self._reach.now()))

    def reader_trouble(self, trouble: Mendable | None) -> None:
        """A reader was lost, or is back."""
        self._reach.tell(fault(Part.READER, trouble))

    def close(self) -> None:
        """Returns when the gate and the desk have answered what they were asked."""
        self._closed = True
        self._gate_thread.shutdown()
        self._desk_thread.shutdown()

    def _open(self, ref: str, seconds: float, asked: float) -> None:
        if self._monotonic() - asked > LATE_S:
            log.error("the gate hung for too long, and is not opened any more for who asked")
            self._reach.tell(GateAnswered(ref, False))
            return
        try:
            self._gate.open(seconds)
        except Mendable as error:
            log.error("the gate did not open: %s", error)
            self._reach.tell(GateAnswered(ref, False))
            self._reach.tell(fault(Part.GATE, error))
        except Exception:
            self._reach.tell(GateAnswered(ref, False))
            raise
        else:
            self._reach.tell(GateAnswered(ref, True))
            self._reach.tell(fault(Part.GATE, None))

    def _ask(self, method: Method, question: Callable[[], Credential | StaffAccepted], pad: int = 0) -> None:
        """Ask the desk, for whoever typed at `pad`. Where it cannot answer (a disk, a mistake of ours) they are told who helps."""
        asked = self._monotonic()

        def ask() -> None:
            try:
                if self._monotonic() - asked > LATE_S:
                    raise TimeoutError("the desk hung for too long")
                answer = question()
            except Exception:
                self._reach.tell(CredentialRefused(method, "not_checked", pad=pad))
                raise
            self._reach.tell(replace(answer, pad=pad))

        self._in(self._desk_thread, ask)

    @staticmethod
    def _in(thread: ThreadPoolExecutor, work: Callable[[], None]) -> None:
        thread.submit(work).add_done_callback(_report)


def fault(part: Part, error: Mendable | None) -> Fault:
    """A part's error in the visit's words; None means that it works."""
    return Fault(part, error.code, error.details) if error else Fault(part)


def of_gate(event: GateEvent) -> Event | None:
    """What the visit needs to know of the gate's contacts; the rest is for the record and the staff."""
    match event:
        case GateEvent.FIRE | GateEvent.FIRE_OVER:
            return FireInput(event is GateEvent.FIRE)
        case GateEvent.HELD_OPEN | GateEvent.SHUT:
            return DoorHeld(event is GateEvent.HELD_OPEN)
        case GateEvent.STANDS_OPEN | GateEvent.STANDS_OPEN_OVER:
            return StandsOpen(event is GateEvent.STANDS_OPEN)
        case GateEvent.TAMPERED:
            return Fault(Part.CASE, "gate_tampered")
        case GateEvent.TAMPER_OVER:
            return Fault(Part.CASE)
        case GateEvent.LOST:
            return Fault(Part.GATE, "gate_unreachable", {"where": ""})
        case GateEvent.BACK:
            return Fault(Part.GATE)
    return None


def of_camera(state: FeedState, part: Part = Part.CAMERA) -> Event | None:
    """What the visit needs to know of a camera's health; None while it is being opened."""
    match state.health:
        case Health.LIVE:
            return Fault(part)
        case Health.FAILED:
            return fault(part, state.error or Mendable("camera_lost", source=""))
    return None


def _report(done: "Future[None]") -> None:
    error = done.exception()
    if error is not None:
        log.critical("uncaught", exc_info=error)
