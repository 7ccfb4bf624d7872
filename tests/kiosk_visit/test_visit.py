"""A visit from the first sight of a face to the last word, without a window."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identification import Liveness, Outcome, Reason
from domain.passages import Direction, GateRules, Group, Hours, Method, Passback, Passed, Ruling, Schedule
from kiosk.faces.messages import RecogniserState
from kiosk.visit.effects import (
    CheckPin,
    CheckStaff,
    Effect,
    EndCall,
    GateDid,
    LookForPass,
    NotifyStaff,
    OpenGate,
    RecordPassage,
    ReportWell,
    RingNext,
    Speak,
    StartCall,
)
from kiosk.visit.events import (
    CallChanged,
    CredentialAccepted,
    CredentialRefused,
    DoorHeld,
    FireInput,
    GateAnswered,
    GuardOpened,
    Press,
    StaffAccepted,
    Tick,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import CallState, PinStage, Screen, Way, Well
from tests.kiosk_visit.visits import SETTINGS, START, WANG, Bench, asked, decided, ended, seen


def only(kind: type, effects: object) -> object:
    found = [effect for effect in effects if isinstance(effect, kind)]  # type: ignore[attr-defined]
    assert len(found) == 1, found
    return found[0]


def kinds(effects: object) -> set[type]:
    return {type(effect) for effect in effects}  # type: ignore[attr-defined]


def test_a_resident_walks_up_and_in() -> None:
    bench = Bench()
    assert bench.view.screen is Screen.STANDBY
    bench.send(seen(evidence=0.2))
    assert (bench.view.screen, bench.view.ring) == (Screen.APPROACHING, 0.2)
    wanted = bench.send(decided(), after=0.6)
    assert wanted[0] == OpenGate("v1", 5.0)
    assert only(Speak, wanted) == Speak("welcome", {"zh": "李先生", "en": "Mr Li"})
    assert bench.view.screen is Screen.IDENTIFIED
    assert bench.view.headline.key == "kiosk.greeting.morning"
    assert bench.view.gate is GateDid.OPENING
    record = only(RecordPassage, bench.send(GateAnswered("v1", True)))
    assert isinstance(record, RecordPassage)
    assert (record.person_id, record.method, record.gate, record.ruling) == (
        "p-li",
        Method.FACE,
        GateDid.OPENED,
        Ruling.GRANTED,
    )
    assert record.decision is not None
    assert bench.view.gate is GateDid.OPENED
    bench.wait(2.4)
    assert bench.view.screen is Screen.IDENTIFIED
    bench.wait(0.2)
    assert bench.view.screen is Screen.STANDBY


def test_an_elder_gets_time_and_the_button_while_standing_there() -> None:
    bench = Bench()
    bench.send(seen())
    opened = only(OpenGate, bench.send(decided("p-wang")))
    assert opened == OpenGate("v1", 10.0)
    assert bench.view.elder
    assert bench.view.well is Well.OFFERED
    bench.wait(8)
    assert bench.view.screen is Screen.IDENTIFIED
    assert only(ReportWell, bench.press(Press.WELL)) == ReportWell("p-wang", Method.FACE, bench.now)
    assert bench.view.well is Well.SAID
    assert bench.press(Press.WELL) == ()
    bench.wait(2.6)
    assert bench.view.screen is Screen.STANDBY


@pytest.mark.parametrize(("minutes", "key"), [(30, "kiosk.identified.awaited"), (-30, "kiosk.identified.come_in")])
def test_an_elder_who_was_not_heard_from_today_is_asked_to_press(minutes: int, key: str) -> None:
    bench = Bench(wang=replace(WANG, awaited_until=START + timedelta(minutes=minutes)))
    bench.send(seen(), decided("p-wang"), GateAnswered("v1", True))
    assert bench.view.second is not None
    assert bench.view.second.key == key
    bench.press(Press.WELL)
    assert bench.view.second.key == "kiosk.identified.come_in"


def test_an_elder_who_walked_on_is_not_waited_for() -> None:
    bench = Bench()
    bench.send(seen(), decided("p-wang"), ended())
    bench.wait(4.8)
    assert bench.view.screen is Screen.IDENTIFIED
    bench.wait(0.3)
    assert bench.view.screen is Screen.STANDBY


def test_after_two_seconds_the_screen_says_why_and_nothing_else_moves() -> None:
    bench = Bench()
    bench.send(seen(coaching=Reason.TOO_FAR))
    assert bench.wait(1.9) == ()
    wanted = bench.wait(0.2)
    assert bench.view.screen is Screen.COACHING
    assert bench.view.headline.key == "kiosk.coach.too_far"
    assert only(Speak, wanted) == Speak("coach_too_far")
    assert bench.wait(5) == ()
    bench.send(seen(coaching=Reason.BACKLIT))
    assert bench.view.headline.key == "kiosk.coach.backlit"


def test_no_prompt_twice_within_ten_seconds() -> None:
    bench = Bench()
    said = [effect for effect in bench.press(Way.CARD, Press.BACK, Way.CARD) if isinstance(effect, Speak)]
    assert said == [Speak("card")]
    bench.wait(10)
    assert Speak("card") in bench.press(Press.BACK, Way.CARD)


@pytest.mark.parametrize(
    ("outcome", "reason", "screen"),
    [
        (Outcome.UNKNOWN, Reason.NO_MATCH, Screen.UNKNOWN),
        (Outcome.UNSURE, Reason.THIN_MARGIN, Screen.UNSURE),
        (Outcome.UNSURE, Reason.CHALLENGE_FAILED, Screen.UNSURE),
    ],
)
def test_a_stranger_is_turned_to_another_way_and_recorded(outcome: Outcome, reason: Reason, screen: Screen) -> None:
    bench = Bench()
    bench.send(seen())
    wanted = bench.send(decided(None, outcome, reason))
    assert OpenGate not in kinds(wanted)
    record = only(RecordPassage, wanted)
    assert isinstance(record, RecordPassage)
    assert (record.gate, record.ruling, record.person_id) == (GateDid.SHUT, None, None)
    assert bench.view.screen is screen
    bench.send(ended())
    assert bench.view.screen is screen
    bench.wait(8.1)
    assert bench.view.screen is Screen.STANDBY


def test_somebody_who_walked_past_is_recorded_and_not_spoken_to() -> None:
    bench = Bench()
    bench.send(seen())
    wanted = bench.send(decided(None, Outcome.UNKNOWN, Reason.TIMED_OUT), ended())
    assert RecordPassage in kinds(wanted)
    assert bench.view.screen is Screen.STANDBY


def test_an_attack_never_opens_whatever_the_match() -> None:
    bench = Bench()
    wanted = bench.send(seen(), decided("p-li", Outcome.IDENTIFIED, liveness=Liveness.ATTACK))
    assert OpenGate not in kinds(wanted)
    assert bench.view.screen is Screen.UNSURE


def test_a_person_the_kiosk_no_longer_knows_is_not_let_in() -> None:
    bench = Bench()
    assert OpenGate not in kinds(bench.send(seen(), decided("p-withdrawn")))


def test_a_decision_counts_once() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    assert bench.send(decided()) == ()


def test_the_next_person_need_not_wait_for_the_greeting_to_end() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    assert OpenGate("v2", 10.0) in bench.send(seen("v2"), decided("p-wang", visit_id="v2"), after=0.5)
    assert bench.view.headline.details["name"] == {"zh": "王奶奶", "en": "Mrs Wang"}


def test_the_lantern_is_followed_until_the_decision() -> None:
    bench = Bench()
    wanted = bench.send(seen(), asked())
    assert only(Speak, wanted) == Speak("follow")
    assert bench.view.screen is Screen.CHALLENGE
    assert bench.view.challenge is not None
    bench.wait(4)
    assert bench.view.screen is Screen.CHALLENGE
    bench.send(decided())
    assert bench.view.screen is Screen.IDENTIFIED


def test_a_gate_that_does_not_open_is_said_and_recorded() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    record = only(RecordPassage, bench.send(GateAnswered("v1", False)))
    assert isinstance(record, RecordPassage)
    assert record.gate is GateDid.FAILED
    assert bench.view.headline.key == "kiosk.identified.gate_failed"


def test_blocked_people_are_sent_to_the_guard_and_the_staff_told() -> None:
    bench = Bench(blocked=frozenset({"p-li"}))
    wanted = bench.send(seen(), decided())
    assert OpenGate not in kinds(wanted)
    assert only(NotifyStaff, wanted) == NotifyStaff(Ruling.BLOCKED, "p-li", Method.FACE, bench.now)
    assert (bench.view.screen, bench.view.headline.key) == (Screen.REFUSED, "kiosk.refused.blocked")


def test_schedules_and_passback_are_asked() -> None:
    never = GateRules(Direction.IN, {Group.VISITOR: Schedule((Hours(days=frozenset()),))})
    bench = Bench(rules=never)
    bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", group=Group.VISITOR))
    assert bench.view.headline.key == "kiosk.refused.outside_hours"
    twice = Bench(rules=GateRules(Direction.IN, passback=Passback.REFUSE), last=Passed(Direction.IN, START))
    twice.send(CredentialAccepted(Method.CARD, "p-li", "card-1"), after=60)
    assert twice.view.headline.key == "kiosk.refused.passback"


def test_a_card_opens_whatever_the_screen_shows() -> None:
    bench = Bench()
    for way in (Way.CARD, Way.PIN, Way.QR):
        bench.press(way)
        assert OpenGate in kinds(bench.send(CredentialAccepted(Method.CARD, "p-li", "card-1"), after=20))
        assert bench.view.screen is Screen.IDENTIFIED
    visitor = bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", group=Group.VISITOR), after=20)
    assert OpenGate in kinds(visitor)
    assert bench.view.headline.key == "kiosk.greeting.plain"


def test_a_card_and_then_the_same_face_is_one_passage() -> None:
    bench = Bench()
    bench.send(seen(), CredentialAccepted(Method.CARD, "p-li", "card-1"))
    assert bench.send(decided("p-li"), after=0.4) == ()
    assert OpenGate in kinds(bench.send(seen("v2"), decided("p-wang", visit_id="v2")))


def test_a_spent_pass_is_told_apart_in_the_record() -> None:
    bench = Bench()
    opened = only(OpenGate, bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", once=True)))
    assert isinstance(opened, OpenGate)
    record = only(RecordPassage, bench.send(GateAnswered(opened.ref, True)))
    assert isinstance(record, RecordPassage)
    assert (record.credential, record.once, record.gate) == ("pass-7", True, GateDid.OPENED)


def test_a_bad_card_is_recorded_and_said() -> None:
    bench = Bench()
    record = only(RecordPassage, bench.send(CredentialRefused(Method.CARD, "card_unknown", "c0ffee")))
    assert isinstance(record, RecordPassage)
    assert (record.refused, record.credential) == ("card_unknown", "c0ffee")
    assert bench.view.headline.key == "kiosk.refused.card_unknown"


def test_a_pin_is_the_flat_and_then_the_secret() -> None:
    bench = Bench()
    bench.press(Way.PIN, *"32501", Press.ENTER)
    assert bench.view.pin is not None
    assert (bench.view.pin.stage, bench.view.pin.flat) == (PinStage.SECRET, "32501")
    bench.press(*"123", Press.ENTER, *"45", Press.ERASE)
    assert bench.view.pin.digits == 4
    check = only(CheckPin, bench.press(Press.ENTER))
    assert check == CheckPin("32501", "1234")
    assert "1234" not in repr(check)
    assert bench.view.pin.stage is PinStage.CHECKING
    bench.send(CredentialRefused(Method.PIN, "pin_wrong", wait_s=30))
    assert (bench.view.pin.stage, bench.view.pin.refused, bench.view.pin.wait_s) == (PinStage.SECRET, "pin_wrong", 30)
    bench.press(*"1234")
    assert bench.press(Press.ENTER) == ()
    bench.wait(30.1)
    assert CheckPin("32501", "1234") in bench.press(Press.ENTER)
    bench.send(CredentialAccepted(Method.PIN, "p-li", "pin"))
    assert bench.view.screen is Screen.IDENTIFIED
    assert bench.view.pin is None


def test_an_abandoned_pad_forgets_its_digits() -> None:
    bench = Bench()
    bench.press(Way.PIN, *"32501", Press.ENTER, *"12")
    bench.wait(30.1)
    assert bench.view.screen is Screen.STANDBY
    bench.press(Way.PIN)
    assert bench.view.pin is not None
    assert (bench.view.pin.flat, bench.view.pin.digits) == ("", 0)


def test_frames_are_searched_for_passes_only_while_asked() -> None:
    bench = Bench()
    assert LookForPass(True) in bench.press(Way.QR)
    assert LookForPass(False) in bench.press(Press.BACK)


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


def test_a_face_is_still_recognised_while_somebody_types_or_calls() -> None:
    bench = Bench()
    bench.press(Way.PIN)
    bench.send(seen())
    assert bench.view.screen is Screen.PIN
    bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH))
    assert bench.view.screen is Screen.PIN
    assert OpenGate in kinds(bench.send(seen("v2"), decided(visit_id="v2")))


def spoken(wanted: tuple[Effect, ...]) -> list[str]:
    return [effect.prompt for effect in wanted if isinstance(effect, Speak)]


def test_a_door_that_stands_open_is_spoken_of_again_and_again_but_never_into_a_visit() -> None:
    bench = Bench()
    assert spoken(bench.send(DoorHeld(True))) == ["held_open"]
    assert spoken(bench.wait(29)) == []
    assert spoken(bench.wait(2)) == ["held_open"]
    bench.send(seen())
    assert spoken(bench.wait(1.5)) == []
    bench.send(decided("p-li"))
    assert "held_open" not in spoken(bench.wait(2))
    bench.send(ended())
    assert "held_open" in spoken(bench.wait(40))
    bench.send(DoorHeld(False))
    assert spoken(bench.wait(60)) == []


def test_fire_is_spoken_of_and_nobody_is_asked_to_shut_the_door_then() -> None:
    bench = Bench()
    assert spoken(bench.send(FireInput(True))) == ["fire"]
    assert spoken(bench.send(DoorHeld(True))) == []
    assert spoken(bench.wait(60)) == []
    assert spoken(bench.send(FireInput(False))) == []
    assert spoken(bench.wait(1)) == ["held_open"]


@pytest.mark.parametrize("code", ["camera_missing", "camera_lost", "camera_frozen"])
def test_a_lost_camera_says_so_and_what_still_works(code: str) -> None:
    bench = Bench()
    bench.send(seen(), Fault(Part.CAMERA, code, {"source": "/dev/video0"}))
    assert bench.view.screen is Screen.OUT_OF_ORDER
    assert bench.view.second is not None
    assert bench.view.second.key == f"error.{code}"
    assert bench.view.broken_ways == {Way.QR}
    assert bench.press(Way.QR) == ()
    bench.press(Way.CARD)
    assert bench.view.screen is Screen.CARD
    bench.press(Press.BACK)
    assert bench.view.screen is Screen.OUT_OF_ORDER
    bench.send(Fault(Part.CAMERA))
    assert bench.view.screen is Screen.STANDBY


def test_a_recogniser_that_restarts_is_out_of_order_meanwhile() -> None:
    bench = Bench()
    bench.send(RecogniserState(False, 1))
    assert bench.view.screen is Screen.OUT_OF_ORDER
    assert bench.view.broken_ways == frozenset()
    bench.send(RecogniserState(True, 1))
    assert bench.view.screen is Screen.STANDBY


def test_a_lost_reader_pauses_cards_and_a_lost_gate_is_said() -> None:
    bench = Bench()
    bench.send(Fault(Part.READER, "reader_lost"), Fault(Part.GATE, "gate_unreachable"))
    assert bench.view.broken_ways == {Way.CARD}
    assert [note.key for note in bench.view.notes] == ["kiosk.note.gate"]


@pytest.mark.parametrize(
    ("camera", "gate", "note"),
    [(True, False, "simulated_camera"), (False, True, "simulated_gate"), (True, True, "simulated_both")],
)
def test_what_is_simulated_is_always_said(camera: bool, gate: bool, note: str) -> None:
    bench = Bench(settings=replace(SETTINGS, simulated_camera=camera, simulated_gate=gate))
    for event in (seen(), decided()):
        bench.send(event)
        assert [line.key for line in bench.view.notes] == [f"kiosk.note.{note}"]


def test_the_staff_sign_in_for_maintenance_and_are_signed_out() -> None:
    bench = Bench()
    bench.press(Press.STAFF, *"908172")
    assert only(CheckStaff, bench.press(Press.ENTER)) == CheckStaff("908172")
    bench.send(CredentialRefused(Method.PIN, "staff_wrong"))
    assert bench.view.pin is not None
    assert bench.view.pin.stage is PinStage.STAFF
    bench.send(StaffAccepted("张工"))
    assert (bench.view.screen, bench.view.staff) == (Screen.MAINTENANCE, "张工")
    assert OpenGate not in kinds(bench.send(seen(), decided("p-li")))
    assert bench.view.screen is Screen.MAINTENANCE
    bench.wait(301, step=1)
    assert bench.view.screen is not Screen.MAINTENANCE


def test_a_late_answer_signs_nobody_in() -> None:
    bench = Bench()
    bench.press(Press.STAFF, *"908172", Press.ENTER, Press.BACK)
    bench.send(StaffAccepted("张工"))
    assert (bench.view.screen, bench.view.staff) == (Screen.STANDBY, "")


def test_fire_lets_everybody_through_and_is_said() -> None:
    bench = Bench(blocked=frozenset({"p-li"}))
    bench.send(FireInput(True))
    assert OpenGate in kinds(bench.send(seen(), decided()))
    assert "kiosk.note.fire" in [note.key for note in bench.view.notes]


def test_time_alone_changes_nothing_on_standby() -> None:
    bench = Bench()
    assert bench.send(Tick(), after=timedelta(days=1).total_seconds()) == ()
    assert bench.view.screen is Screen.STANDBY
