"""A call to the guard."""

from dataclasses import replace

import pytest

from domain.passages import Method
from kiosk.visit.effects import (
    EndCall,
    OpenGate,
    RecordPassage,
    RingNext,
    StartCall,
)
from kiosk.visit.events import (
    CallChanged,
    GateAnswered,
    GuardOpened,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.line import Line
from kiosk.visit.view import CallState, Way
from tests.kiosk_visit.visits import SETTINGS, Bench, kinds, only, spoken


def test_a_call_rings_the_next_person_and_shows_a_telephone() -> None:
    bench = Bench()
    call = only(StartCall, bench.press(Way.GUARD))
    assert isinstance(call, StartCall)
    assert bench.view.call is not None
    assert (bench.view.call.state, bench.view.call.phone) == (CallState.RINGING, "")
    assert bench.press(Way.GUARD) == ()
    rung = [effect for effect in bench.wait(61) if isinstance(effect, RingNext)]
    assert rung == [RingNext(call.call_id, 1), RingNext(call.call_id, 2)]
    assert bench.view.call.phone == SETTINGS.phone
    bench.send(CallChanged(call.call_id, CallState.ANSWERED))
    assert bench.view.headline.key == "kiosk.calling.answered"
    wanted = bench.send(GuardOpened(call.call_id, "p-guard"))
    assert {OpenGate, EndCall} <= kinds(wanted)
    opened = only(OpenGate, wanted)
    assert isinstance(opened, OpenGate)
    record = only(RecordPassage, bench.send(GateAnswered(opened.ref, True)))
    assert isinstance(record, RecordPassage)
    assert (record.method, record.by, record.person_id) == (Method.GUARD, "p-guard", None)


def test_an_answer_to_another_call_opens_nothing() -> None:
    bench = Bench()
    assert bench.send(GuardOpened("old", "p-guard")) == ()
    bench.press(Way.GUARD)
    assert bench.send(GuardOpened("old", "p-guard"), CallChanged("old", CallState.ANSWERED)) == ()


def test_without_a_line_the_call_is_a_telephone_number_at_once() -> None:
    bench = Bench()
    bench.send(Fault(Part.DISTRICT, "district_unreachable"))
    assert bench.view.offline
    assert StartCall not in kinds(bench.press(Way.GUARD))
    assert bench.view.call is not None
    assert (bench.view.call.state, bench.view.call.phone) == (CallState.LOST, SETTINGS.phone)
    assert StartCall in kinds(bench.send(Fault(Part.DISTRICT)))  # it goes out as soon as there is a line
    assert bench.view.call.state is CallState.RINGING


@pytest.mark.parametrize("answered", [False, True])
def test_a_line_that_breaks_while_somebody_is_called_brings_the_telephone_at_once(answered: bool) -> None:
    bench = Bench()
    call = only(StartCall, bench.press(Way.GUARD))
    assert isinstance(call, StartCall)
    if answered:
        bench.send(CallChanged(call.call_id, CallState.ANSWERED))
    bench.send(Fault(Part.DISTRICT, "link_away"))
    assert bench.view.call is not None
    assert (bench.view.call.state, bench.view.call.phone) == (CallState.LOST, SETTINGS.phone)
    assert StartCall not in kinds(bench.send(Fault(Part.DISTRICT)))  # the district has it
    assert bench.view.call.state is (CallState.ANSWERED if answered else CallState.RINGING)
    assert OpenGate in kinds(bench.send(GuardOpened(call.call_id, "p-guard")))


def test_somebody_who_answers_and_does_nothing_leaves_the_telephone_after_a_while() -> None:
    bench = Bench()
    call = only(StartCall, bench.press(Way.GUARD))
    assert isinstance(call, StartCall)
    bench.send(CallChanged(call.call_id, CallState.ANSWERED), after=20)
    bench.wait(29)
    assert bench.view.call is not None
    assert bench.view.call.phone == ""
    bench.wait(2)
    assert bench.view.call.phone == SETTINGS.phone


@pytest.mark.parametrize("state", [CallState.REFUSED, CallState.LOST])
def test_whoever_was_not_heard_may_call_again_at_once(state: CallState) -> None:
    bench = Bench()
    first = only(StartCall, bench.press(Way.GUARD))
    assert isinstance(first, StartCall)
    bench.send(CallChanged(first.call_id, state))
    again = bench.press(Way.GUARD)
    assert EndCall(first.call_id) in again
    assert only(StartCall, again) != first


def test_what_becomes_of_a_call_is_said_as_it_is_shown() -> None:
    bench = Bench()
    wanted = bench.press(Way.GUARD)
    call = only(StartCall, wanted)
    assert isinstance(call, StartCall)
    assert spoken(wanted) == ["guard"]
    assert spoken(bench.wait(31)) == ["guard_next"]
    assert spoken(bench.send(CallChanged(call.call_id, CallState.ANSWERED))) == ["guard_answered"]
    assert spoken(bench.send(Fault(Part.DISTRICT, "link_away"))) == ["guard_lost"]
    assert spoken(bench.send(Fault(Part.DISTRICT, "link_away"), after=20)) == []
    assert spoken(bench.send(Fault(Part.DISTRICT), after=20)) == ["guard_answered"]
    assert spoken(bench.send(CallChanged(call.call_id, CallState.REFUSED))) == ["guard_refused"]


def test_with_neither_a_line_nor_a_telephone_whoever_calls_is_told_what_they_can_do() -> None:
    bench = Bench(replace(SETTINGS, phone=""))
    bench.send(Fault(Part.DISTRICT, "district_unreachable"))
    assert spoken(bench.press(Way.GUARD)) == ["guard_lost"]
    assert bench.view.second == Line("kiosk.calling.lost_next")
    assert spoken(bench.send(Fault(Part.DISTRICT), after=20)) == ["guard"]
    assert bench.visit.view().second is None
    bench.send(CallChanged(only(StartCall, bench.wanted).call_id, CallState.REFUSED))
    assert bench.view.second == Line("kiosk.calling.refused_next")
