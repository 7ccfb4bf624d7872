"""The hands of the kiosk: what a visit asks to be done, done off the window's thread, and what came of it told back.

One thread works the gate, one keeps the records, so that a slow disk never keeps anybody standing before an open relay.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from domain.errors import Mendable
from domain.events import to_ms
from kiosk.gate.port import Gate
from kiosk.passage_facts import PASSAGE, WELL, passage_payload, passage_subject
from kiosk.screens import model as m
from offline.journal import Journal

log = logging.getLogger(__name__)


class Voice(Protocol):
    """Says a prompt; `name` is by language. Returns at once."""

    def say(self, prompt: str, name: Mapping[str, str]) -> None: ...


class Secrets(Protocol):
    """Answers for what is typed in. May take as long as Argon2 takes."""

    def check_pin(self, flat: str, secret: str) -> m.Event: ...

    def check_staff(self, secret: str) -> m.Event: ...


class Calls(Protocol):
    """Calls to the guard; what becomes of one comes back as events."""

    def start(self, call_id: str, at: int) -> None: ...

    def ring_next(self, call_id: str, rung: int) -> None: ...

    def end(self, call_id: str) -> None: ...


class Hands:
    """`post` takes events back to the window's thread and may be called from any thread."""

    def __init__(
        self,
        gate: Gate,
        journal: Journal,
        gate_id: str,
        voice: Voice,
        secrets: Secrets,
        calls: Calls,
        look_for_pass: Callable[[bool], None],
        post: Callable[[m.Event], None],
        recorded: Callable[[], None] = lambda: None,
    ) -> None:
        self._gate, self._journal, self._gate_id = gate, journal, gate_id
        self._voice, self._secrets, self._calls = voice, secrets, calls
        self._look_for_pass, self._post, self._recorded = look_for_pass, post, recorded
        self._gate_thread = ThreadPoolExecutor(1, thread_name_prefix="gate")
        self._records = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._gate_failed = self._disk_failed = False

    def do(self, effect: m.Effect) -> None:
        """Begin `effect`; returns at once."""
        match effect:
            case m.OpenGate(ref, seconds):
                self._gate_thread.submit(self._guard, lambda: self._open(ref, seconds))
            case m.RecordPassage():
                self._record(PASSAGE, passage_payload(effect, self._gate_id), passage_subject(effect), to_ms(effect.at))
            case m.ReportWell(person, method, at):
                self._record(WELL, {"gate": self._gate_id, "method": method.value}, person, to_ms(at))
            case m.NotifyStaff(ruling, person, method, at):
                payload = {"gate": self._gate_id, "ruling": ruling.value, "method": method.value}
                self._record("staff.noticed", payload, person or None, to_ms(at))
            case m.Speak(prompt, name):
                self._voice.say(prompt, name)
            case m.CheckPin(flat, secret):
                self._records.submit(self._guard, lambda: self._post(self._secrets.check_pin(flat, secret)))
            case m.CheckStaff(secret):
                self._records.submit(self._guard, lambda: self._post(self._secrets.check_staff(secret)))
            case m.StartCall(call_id, at):
                self._calls.start(call_id, to_ms(at))
            case m.RingNext(call_id, rung):
                self._calls.ring_next(call_id, rung)
            case m.EndCall(call_id):
                self._calls.end(call_id)
            case m.LookForPass(on):
                self._look_for_pass(on)

    def close(self) -> None:
        """Finish what was begun."""
        self._gate_thread.shutdown(wait=True)
        self._records.shutdown(wait=True)

    def _open(self, ref: str, seconds: float) -> None:
        try:
            self._gate.open(seconds)
        except Mendable as e:
            log.error("gate: %s", e)
            self._gate_failed = True
            self._post(m.Fault(m.Part.GATE, e.code, e.details))
            self._post(m.GateAnswered(ref, False))
            return
        if self._gate_failed:
            self._gate_failed = False
            self._post(m.Fault(m.Part.GATE))
        self._post(m.GateAnswered(ref, True))

    def _record(self, kind: str, payload: dict[str, Any], subject: str | None, at: int) -> None:
        self._records.submit(self._guard, lambda: self._append(kind, payload, subject, at))

    def _append(self, kind: str, payload: dict[str, Any], subject: str | None, at: int) -> None:
        try:
            self._journal.append(kind, payload, subject=subject, at=at)
        except Mendable as e:
            log.error("not recorded: %s %s: %s", kind, payload, e)
            self._disk_failed = True
            self._post(m.Fault(m.Part.STORAGE, e.code, e.details))
            return
        if self._disk_failed:
            self._disk_failed = False
            self._post(m.Fault(m.Part.STORAGE))
        self._recorded()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("a hand failed")
