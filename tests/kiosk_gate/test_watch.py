import logging
import queue
import threading
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Mendable
from kiosk.gate.port import GateState
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.simulated_line import SimulatedLine
from kiosk.gate.watch import ContactWatch, GateEvent, GateWatch

T0 = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)


def after(seconds: float) -> float:
    return 100.0 + seconds


def state(relay: bool = False, door: bool = False, tampered: bool = False, fire: bool = False) -> GateState:
    return GateState(relay, door, tampered, fire)


def test_a_door_opened_while_released_is_a_passage_and_otherwise_forced() -> None:
    watch = ContactWatch()
    assert watch.observe(state(relay=True), after(0)) == []
    assert watch.observe(state(door=True), after(1.5)) == [GateEvent.OPENED]
    assert watch.observe(state(), after(4)) == [GateEvent.SHUT]
    assert watch.observe(state(door=True), after(60)) == [GateEvent.FORCED]


def test_a_door_held_open_is_told_once() -> None:
    watch = ContactWatch(held_open_s=30)
    watch.observe(state(relay=True, door=True), after(0))
    assert watch.observe(state(door=True), after(29)) == []
    assert watch.observe(state(door=True), after(30)) == [GateEvent.HELD_OPEN]
    assert watch.observe(state(door=True), after(90)) == []


def test_a_door_that_stands_open_in_a_fire_is_as_it_should_be_and_told_once_the_fire_is_over() -> None:
    watch = ContactWatch(held_open_s=30)
    watch.observe(state(fire=True, door=True), after(0))
    assert watch.observe(state(fire=True, door=True), after(300)) == []
    assert watch.observe(state(door=True), after(301)) == [GateEvent.FIRE_OVER, GateEvent.HELD_OPEN]


def test_tamper_and_fire_have_a_beginning_and_an_end() -> None:
    watch = ContactWatch()
    assert watch.observe(state(tampered=True, fire=True), after(0)) == [GateEvent.FIRE, GateEvent.TAMPERED]
    assert watch.observe(state(tampered=True, fire=True, door=True), after(1)) == [GateEvent.OPENED]
    assert watch.observe(state(), after(2)) == [GateEvent.FIRE_OVER, GateEvent.TAMPER_OVER, GateEvent.SHUT]


def test_a_silent_gate_is_told_once_and_so_is_its_return() -> None:
    watch = ContactWatch()
    assert watch.observe(None, after(0)) == [GateEvent.LOST]
    assert watch.observe(None, after(1)) == []
    assert watch.observe(state(), after(2)) == [GateEvent.BACK]


def test_a_door_that_is_found_open_is_not_said_to_be_forced_and_is_said_to_stand_open_all_the_same() -> None:
    """At the start, and after the relay was without power: its lock let go meanwhile."""
    watch = ContactWatch(held_open_s=30)
    assert watch.observe(state(door=True), after(0)) == []
    assert watch.observe(state(door=True), after(30)) == [GateEvent.HELD_OPEN]
    assert watch.observe(state(), after(40)) == [GateEvent.SHUT]
    watch.observe(None, after(50))
    assert watch.observe(state(door=True), after(90)) == [GateEvent.BACK]
    assert watch.observe(state(door=True), after(120)) == [GateEvent.HELD_OPEN]
    assert watch.observe(state(), after(121)) == [GateEvent.SHUT]
    assert watch.observe(state(door=True), after(122)) == [GateEvent.FORCED]


def test_what_ended_while_the_program_was_down_is_told_to_be_over() -> None:
    lasting = frozenset(
        {GateEvent.FIRE, GateEvent.TAMPERED, GateEvent.HELD_OPEN, GateEvent.LOST, GateEvent.STANDS_OPEN}
    )
    watch = ContactWatch(before=lasting)
    assert watch.observe(None, after(0)) == [GateEvent.LOST]
    assert set(watch.observe(state(tampered=True), after(1))) == {
        GateEvent.FIRE_OVER, GateEvent.SHUT, GateEvent.STANDS_OPEN_OVER, GateEvent.BACK, GateEvent.TAMPERED,
    }  # fmt: skip
    assert watch.observe(state(tampered=True), after(2)) == []
    assert ContactWatch(before=frozenset({GateEvent.LOST})).observe(state(), after(0)) == [GateEvent.BACK]


def test_contacts_that_are_not_wired_never_speak() -> None:
    watch = ContactWatch()
    for second in range(3):
        assert watch.observe(GateState(relay_on=False), after(second)) == []


def test_a_door_that_is_to_stand_open_is_neither_forced_nor_held_too_long() -> None:
    watch = ContactWatch(held_open_s=30)
    assert watch.observe(state(relay=True), after(0), stands_open=True) == [GateEvent.STANDS_OPEN]
    assert watch.observe(state(relay=True, door=True), after(60), stands_open=True) == [GateEvent.OPENED]
    assert watch.observe(state(relay=True, door=True), after(600), stands_open=True) == []
    over = watch.observe(state(door=True), after(601))
    assert over == [GateEvent.STANDS_OPEN_OVER, GateEvent.HELD_OPEN]


class Flaky(SimulatedLine):
    def __init__(self) -> None:
        super().__init__("simulated")
        self.down, self.bugs = False, 0
        self.released, self.rested = threading.Event(), threading.Event()

    def switch(self, on: bool) -> None:
        if not on and self.bugs:
            self.bugs -= 1
            raise ZeroDivisionError
        super().switch(on)
        (self.released if on else self.rested).set()

    def read(self) -> GateState:
        if self.down:
            raise Mendable("gate_unreachable", where="here")
        return super().read()


@pytest.fixture
def line() -> Flaky:
    return Flaky()


def test_the_fire_input_holds_the_gate_open_and_a_lost_line_does_not_stop_the_watch(line: Flaky) -> None:
    gate, heard = RelayGate(line), queue.Queue[GateEvent]()
    watch = GateWatch(gate, lambda event, at: heard.put(event), lambda: datetime.now(UTC), every_s=0.005)
    watch.start()
    line.contacts(fire=True)
    assert heard.get(timeout=5) is GateEvent.FIRE
    assert gate.state().relay_on
    line.down = True
    assert heard.get(timeout=5) is GateEvent.LOST
    line.down = False
    assert heard.get(timeout=5) is GateEvent.BACK
    line.contacts(fire=False)
    assert heard.get(timeout=5) is GateEvent.FIRE_OVER
    watch.stop()
    gate.close()
    assert not line._state.relay_on


def test_a_door_that_is_forced_is_noticed_though_the_clock_was_put_back_meanwhile(line: Flaky) -> None:
    gate, heard, passed = RelayGate(line), queue.Queue[GateEvent](), [100.0]
    wall = iter([T0, *[T0 - timedelta(days=1)] * 10_000_000])
    watch = GateWatch(
        gate, lambda event, _: heard.put(event), lambda: next(wall), every_s=0.005, monotonic=lambda: passed[0]
    )
    watch.start()
    gate.open(0.05)
    assert line.rested.wait(5)
    passed[0] += 60
    line.contacts(door_open=True)
    assert heard.get(timeout=5) is GateEvent.FORCED
    watch.stop()
    gate.close()


def test_a_gate_that_is_to_stand_open_is_held_until_it_is_not(line: Flaky) -> None:
    gate, heard, wanted = RelayGate(line), queue.Queue[GateEvent](), threading.Event()
    watch = GateWatch(
        gate, lambda event, _: heard.put(event), lambda: datetime.now(UTC), every_s=0.005, stands_open=wanted.is_set
    )
    watch.start()
    wanted.set()
    assert heard.get(timeout=5) is GateEvent.STANDS_OPEN
    assert gate.state().relay_on
    line.contacts(fire=True)
    assert heard.get(timeout=5) is GateEvent.FIRE
    wanted.clear()
    assert heard.get(timeout=5) is GateEvent.STANDS_OPEN_OVER
    assert gate.state().relay_on, "there is fire"
    line.contacts(fire=False)
    assert heard.get(timeout=5) is GateEvent.FIRE_OVER
    assert line.rested.wait(5)
    watch.stop()
    gate.close()


def test_a_gate_that_stays_away_is_logged_once(line: Flaky, caplog: pytest.LogCaptureFixture) -> None:
    looked = threading.Semaphore(0)

    def now() -> datetime:
        looked.release()
        return datetime.now(UTC)

    line.down = True
    gate = RelayGate(line)
    watch = GateWatch(gate, lambda event, at: None, now, every_s=0.001)
    with caplog.at_level(logging.WARNING, "kiosk.gate.watch"):
        watch.start()
        for _ in range(5):
            assert looked.acquire(timeout=5)
        watch.stop()
    line.down = False
    gate.close()
    assert len([r for r in caplog.records if r.name == "kiosk.gate.watch"]) == 1


def test_a_fault_of_our_own_does_not_stop_the_watch(line: Flaky, caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    def hear(event: GateEvent, _: datetime) -> None:
        failed.set()
        raise ZeroDivisionError(event)

    gate = RelayGate(line)
    watch = GateWatch(gate, hear, lambda: datetime.now(UTC), every_s=0.001)
    with caplog.at_level(logging.ERROR, "kiosk.gate.watch"):
        watch.start()
        line.contacts(tampered=True)
        assert failed.wait(5)
        line.contacts(fire=True)
        assert line.released.wait(5)
        watch.stop()
    gate.close()
    assert "ZeroDivisionError" in caplog.text


def test_a_relay_is_asked_to_rest_until_it_does_whatever_goes_wrong(
    line: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.gate.relay_gate.RETRY_S", 0.001)
    gate = RelayGate(line)
    line.bugs = 3
    gate.open(0.001)
    assert line.rested.wait(5)
    gate.close()
