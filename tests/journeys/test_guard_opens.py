"""A visitor rings; somebody at a desk sees who it is and opens: kiosk, district and desk as they really talk."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from caregiver.calls.desk import Call, Calls
from caregiver.calls.line import CallLine
from caregiver.memory.reading import Reader
from domain.errors import Mendable
from domain.people import Role
from kiosk.calls import JournalCalls, LivePicture
from kiosk.visit.effects import EndCall, StartCall
from kiosk.visit.events import Event, GuardOpened
from offline.keys.identity import b64
from tests.fakes.serving import Serving
from tests.fakes.staff import a_desk, a_kiosk, districts_key
from tests.fakes.waiting import until
from tests.journeys.on_the_line import AtADesk, AtWork


def jpeg(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 36), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


class Gate(AtWork):
    """A kiosk's own part in a call."""

    def __init__(self, district: Serving, folder: Path) -> None:
        super().__init__(a_kiosk(district, folder))
        self.told: list[Event] = []
        self.live = LivePicture(lambda: jpeg(200), self.node.line)
        key = districts_key(self.node)
        self.online = True
        self.calls = JournalCalls(
            self.node.journal, "south", self._record, lambda: self.online, self.told.append, self.live, lambda: key,
            self.node.clock.now_ms,
        )  # fmt: skip
        self.orders: list[bytes] = []
        self.begin()
        assert self.node.stream is not None
        self.node.stream.ordered = self._ordered
        self.heard()

    def _record(self, kind: str, payload: dict[str, Any]) -> None:
        self.node.journal.append(kind, payload)
        if self.node.sync is not None:
            self.poke()

    def _ordered(self, sent: bytes) -> None:
        self.orders.append(sent)
        self.calls.order(sent)

    def opened_by(self) -> list[str]:
        return [e.by for e in self.told if isinstance(e, GuardOpened)]

    def stop(self) -> None:
        self.live.close()
        super().stop()


class Desk(AtADesk):
    def __init__(self, district: Serving, folder: Path, role: Role, login: str) -> None:
        super().__init__(district, a_desk(district, folder), role, login)
        self.reader = Reader(self.node.journal.file)
        self.calls = Calls(self.node.journal, self.reader, self.person, self.poke, self.node.clock.now)
        self.calls.box_key = b64(self.node.identity.box_public)
        self.line = CallLine(self.node.line(), self.node.line(), self.node.identity.box, lambda: self.token)
        self.calls.line = self.line

    def rings(self) -> Call:
        until(lambda: bool(self.calls.going_on()))
        return self.calls.going_on()[0]

    def stop(self) -> None:
        super().stop()
        self.reader.close()


@pytest.fixture
def gate(district: Serving, tmp_path: Path, kept: Callable[[Gate], Gate]) -> Gate:
    return kept(Gate(district, tmp_path / "gate"))


@pytest.fixture
def desk_of(district: Serving, tmp_path: Path, kept: Callable[[Desk], Desk]) -> Callable[..., Desk]:
    def make(role: Role = Role.GATE_STAFF, login: str = "gus") -> Desk:
        return kept(Desk(district, tmp_path / login, role, login))

    return make


def refused(desk: Desk, call: Call) -> str:
    with pytest.raises(Mendable) as caught:
        desk.calls.open(call, "resident")
    return caught.value.code


def test_the_guard_sees_who_rings_and_opens_once_with_the_reason_kept(gate: Gate, desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    call = desk.rings()
    desk.calls.answer(call.id)
    seen: list[bytes] = []

    def looked() -> bool:
        found = desk.line.picture(call.id, 0)
        seen.extend([found[1]] if found else [])
        return bool(seen)

    until(looked)
    assert seen[0] == jpeg(200)
    desk.calls.open(call, "delivery")
    until(lambda: gate.opened_by() == [desk.person])
    assert desk.calls.going_on() == []
    (fact,) = [f for f in desk.node.journal.facts() if f.envelope.kind == "call.opened"]
    assert fact.payload == {"call": "c1", "by": desk.person, "reason": "delivery"}
    gate.calls.order(gate.orders[0])  # the same order once more
    assert gate.opened_by() == [desk.person]


def test_an_order_that_comes_late_or_for_another_call_opens_nothing(
    gate: Gate, desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of()
    held = threading.Event()

    def hold(sent: bytes) -> None:
        gate.orders.append(sent)
        held.set()

    monkeypatch.setattr(gate.node.stream, "ordered", hold)
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    call = desk.rings()
    desk.calls.open(call, "resident")
    assert held.wait(10)
    now = gate.node.clock.now_ms()
    gate.calls._now_ms = lambda: now + 11_000
    gate.calls.order(gate.orders[0])
    gate.calls._now_ms = lambda: now
    gate.calls.take(EndCall("c1"))
    gate.calls.take(StartCall("c2", gate.node.clock.now()))
    gate.calls.order(gate.orders[0])
    gate.calls.order(gate.orders[0].replace(b"c1", b"c2"))  # and one that nobody signed
    assert gate.opened_by() == []


def test_whoever_has_no_duty_at_gates_opens_none(gate: Gate, desk_of: Callable[..., Desk]) -> None:
    ann = desk_of(Role.CAREGIVER, "ann")
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    call = ann.rings()
    assert refused(ann, call) == "gate_not_yours"
    ann.token = ""
    assert refused(ann, call) == "gate_sign_in"
    assert gate.opened_by() == []


def test_nothing_is_queued_for_a_gate_that_is_not_on_the_line(
    gate: Gate, desk_of: Callable[..., Desk], district: Serving
) -> None:
    desk = desk_of()
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    call = desk.rings()
    gate.node.stop()
    until(lambda: not district.office.hub.hand(gate.node.journal.device, b"{}"))
    assert refused(desk, call) == "gate_kiosk_silent"
    gate.begin()
    gate.heard()
    assert gate.opened_by() == []


def test_only_the_desk_that_answered_can_open_the_picture(gate: Gate, desk_of: Callable[..., Desk]) -> None:
    gus, eve = desk_of(), desk_of(login="eve")
    gate.calls.take(StartCall("c1", gate.node.clock.now()))
    call = gus.rings()
    gus.calls.answer(call.id)
    until(lambda: gus.line.picture(call.id, 0) is not None)
    assert eve.line.picture(call.id, 0) is None
