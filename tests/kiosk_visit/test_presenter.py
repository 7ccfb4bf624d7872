"""A visit from the first sight of a face to the last word, without a window."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.identification import Outcome, Reason
from domain.passages import Hours, Method, Ruling
from kiosk.faces.messages import ChallengeAsked, Turn
from kiosk.visit.effects import (
    GateDid,
    LookForPass,
    OpenGate,
    RecordPassage,
    ReportWell,
    Speak,
)
from kiosk.visit.events import (
    CredentialRefused,
    DoorHeld,
    FireInput,
    GateAnswered,
    Press,
    StaffAccepted,
    Tick,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import Screen, Way, Well
from tests.kiosk_visit.visits import SETTINGS, START, WANG, Bench, asked, decided, ended, kinds, only, seen, spoken


def test_a_resident_walks_up_and_in() -> None:
    bench = Bench()
    assert bench.screen() is Screen.STANDBY
    bench.send(seen(evidence=0.2))
    assert (bench.view.screen, bench.view.ring) == (Screen.APPROACHING, 0.2)
    wanted = bench.send(decided(), after=0.6)
    assert wanted[0] == OpenGate("v1", 5.0)
    assert only(Speak, wanted) == Speak("welcome", {"zh": "李先生", "en": "Mr Li"})
    assert bench.screen() is Screen.IDENTIFIED
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
    assert bench.visit.view().gate is GateDid.OPENED
    bench.wait(2.4)
    assert bench.screen() is Screen.IDENTIFIED
    bench.wait(0.2)
    assert bench.screen() is Screen.STANDBY


@pytest.mark.parametrize("outcome", [Outcome.IDENTIFIED, Outcome.UNKNOWN])
def test_whoever_was_decided_and_stays_is_told_to_step_back_for_another_look_and_not_for_ever(outcome: Outcome) -> None:
    bench = Bench()
    person, reason = ("p-li", Reason.MATCH) if outcome is Outcome.IDENTIFIED else (None, Reason.NO_MATCH)
    bench.send(seen(), decided(person, outcome, reason), GateAnswered("v1", True))
    bench.wait(14)
    assert bench.screen() is Screen.STANDBY
    assert spoken(bench.wait(2)) == []
    assert (bench.view.screen, bench.view.headline.key) == (Screen.COACHING, "kiosk.coach.again")
    bench.wait(30)
    assert bench.screen() is Screen.STANDBY
    bench.send(ended(), seen("v2"))
    assert bench.screen() is Screen.APPROACHING


def test_an_elder_gets_time_and_the_button_while_standing_there() -> None:
    bench = Bench()
    bench.send(seen())
    opened = only(OpenGate, bench.send(decided("p-wang")))
    assert opened == OpenGate("v1", 10.0)
    assert bench.view.elder
    assert bench.view.well is Well.OFFERED
    bench.wait(8)
    assert bench.screen() is Screen.IDENTIFIED
    assert only(ReportWell, bench.press(Press.WELL)) == ReportWell("p-wang", Method.FACE, bench.now)
    assert bench.visit.view().well is Well.SAID
    assert bench.press(Press.WELL) == ()
    bench.wait(2.6)
    assert bench.screen() is Screen.STANDBY


def test_an_elder_hears_how_to_say_that_they_are_well() -> None:
    bench = Bench()
    assert only(Speak, bench.send(seen(), decided("p-wang"))) == Speak("welcome_elder", WANG.greeting)


def test_at_the_hours_of_elders_the_voice_begins_words_are_large_and_screens_stay() -> None:
    """Before anybody is known, to whoever is not known at once; and at no other hour."""
    mornings = replace(SETTINGS, elder_hours=(Hours(time(6), time(11)),))
    elders, others = Bench(mornings), Bench(mornings, now=START.replace(hour=11))
    assert spoken(elders.send(seen(), Tick())) == spoken(elders.send(seen(), Tick(), after=0.9)) == []
    assert spoken(elders.send(seen(), Tick(), after=0.1)) == ["look"]
    assert spoken(others.send(seen())) == spoken(others.send(seen(), Tick(), after=1)) == []
    for bench in (elders, others):
        bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH), after=0.5)
        bench.send(ended())
    assert (elders.view.large, others.view.large) == (True, False)
    elders.press(Way.PIN)
    others.press(Way.PIN)
    elders.wait(31, step=1)
    others.wait(31, step=1)
    assert (elders.view.screen, others.view.screen) == (Screen.PIN, Screen.STANDBY)
    elders.wait(15, step=1)
    assert elders.view.screen is Screen.STANDBY


def test_who_is_asked_slowly_hears_every_turn_as_the_lantern_begins_it() -> None:
    bench = Bench()
    bench.send(seen())
    bench.send(ChallengeAsked("v1", (Turn.LEFT, Turn.CENTRE, Turn.LEFT), 3.0, 102.6, slow=True))
    heard = []
    for tenth in range(120):
        for prompt in spoken(bench.send(replace(seen(), monotonic=100 + tenth / 10), after=0.1)):
            heard.append((prompt, 100 + tenth / 10))
    assert heard == [("turn_left", 102.6), ("turn_centre", 105.6), ("turn_left", 108.6)]
    bench.send(ended())
    bench.send(seen("v2"))
    bench.send(ChallengeAsked("v2", (Turn.LEFT, Turn.RIGHT), 2.0, 120.6))
    assert spoken(bench.send(replace(seen("v2"), monotonic=121.0))) == []


def test_of_a_wrong_pin_one_hears_too_and_elders_are_led_from_the_flat_to_the_pin() -> None:
    for hours, led in (((), []), ((Hours(),), ["pin_secret"])):
        bench = Bench(replace(SETTINGS, elder_hours=hours))
        assert spoken(bench.press(Way.PIN)) == ["pin"]
        assert spoken(bench.press(*"32501", Press.ENTER)) == led
        bench.press(*"1234", Press.ENTER)
        assert spoken(bench.send(CredentialRefused(Method.PIN, "pin_wrong"))) == ["pin_wrong"]
        bench.press(*"1234", Press.ENTER)
        assert spoken(bench.send(CredentialRefused(Method.PIN, "pin_wrong", wait_s=30), after=3)) == ["pin_wait"]
    bench.press(Press.STAFF, *"4711", Press.ENTER)
    assert spoken(bench.send(CredentialRefused(Method.PIN, "staff_wrong"))) == []


def test_the_staff_are_signed_in_no_longer_for_it() -> None:
    bench = Bench(replace(SETTINGS, elder_hours=(Hours(),)))
    bench.press(Press.STAFF)
    bench.send(StaffAccepted("张工"))
    assert not bench.view.large
    bench.wait(301, step=10)
    assert bench.screen() is Screen.STANDBY


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
    assert bench.screen() is Screen.IDENTIFIED
    bench.wait(0.3)
    assert bench.screen() is Screen.STANDBY


def test_after_two_seconds_the_screen_says_why_and_nothing_else_moves() -> None:
    bench = Bench()
    bench.send(seen(coaching=Reason.TOO_FAR))
    assert bench.wait(1.9) == ()
    wanted = bench.wait(0.2)
    assert bench.screen() is Screen.COACHING
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


def test_the_next_person_need_not_wait_for_the_greeting_to_end() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    assert OpenGate("v2", 10.0) in bench.send(seen("v2"), decided("p-wang", visit_id="v2"), after=0.5)
    assert bench.view.headline.details["name"] == {"zh": "王奶奶", "en": "Mrs Wang"}


def test_the_lantern_is_followed_until_the_decision() -> None:
    bench = Bench()
    wanted = bench.send(seen(), asked())
    assert only(Speak, wanted) == Speak("follow")
    assert bench.screen() is Screen.CHALLENGE
    assert bench.view.challenge is not None
    bench.wait(4)
    assert bench.screen() is Screen.CHALLENGE
    bench.send(decided())
    assert bench.screen() is Screen.IDENTIFIED


def test_frames_are_searched_for_passes_only_while_asked() -> None:
    bench = Bench()
    assert LookForPass(True) in bench.press(Way.QR)
    assert LookForPass(False) in bench.press(Press.BACK)


def test_a_face_is_still_recognised_while_somebody_types_or_calls() -> None:
    bench = Bench()
    bench.press(Way.PIN)
    bench.send(seen())
    assert bench.screen() is Screen.PIN
    bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH))
    assert bench.screen() is Screen.PIN
    assert OpenGate in kinds(bench.send(seen("v2"), decided(visit_id="v2")))


def test_a_door_that_stands_open_is_spoken_of_again_and_again_but_never_into_a_visit() -> None:
    bench = Bench()
    assert spoken(bench.send(DoorHeld(True))) == ["held_open"]
    assert spoken(bench.wait(29)) == []
    assert spoken(bench.wait(2)) == ["held_open"]
    bench.send(seen())
    assert spoken(bench.wait(40)) == []
    bench.send(decided("p-li"))
    assert "held_open" not in spoken(bench.wait(2))
    bench.send(ended())
    assert "held_open" in spoken(bench.wait(40))
    bench.wait(180)
    assert spoken(bench.wait(3600)) == [], "who sleeps above a door that is wedged open does not hear of it all night"
    assert [line.key for line in bench.view.notes] == ["kiosk.note.held_open"]
    bench.send(DoorHeld(False))
    assert spoken(bench.send(DoorHeld(True))) == ["held_open"]
    bench.send(DoorHeld(False))
    assert spoken(bench.wait(60)) == []


def test_in_a_fire_nobody_is_asked_to_look_or_to_follow_a_lantern_nor_called_unknown() -> None:
    bench = Bench()
    bench.send(seen())
    bench.send(FireInput(True))
    assert bench.screen() is Screen.OPEN
    assert spoken(bench.send(ChallengeAsked("v1", (Turn.LEFT,), 1.5, 0.0), seen())) == []
    assert spoken(bench.send(decided(None, Outcome.UNKNOWN, Reason.NO_MATCH))) == []
    assert bench.screen() is Screen.OPEN
    bench.press(Way.PIN)
    bench.wait(60)
    assert bench.screen() is Screen.OPEN, "whoever left the pad leaves no other screen behind"
    bench.send(Fault(Part.GATE, "gate_unreachable", {"where": ""}), Tick())
    assert bench.screen() is not Screen.OPEN, "of a gate that does not answer nobody says that it is open"
    bench.send(Fault(Part.GATE), Tick())
    assert bench.screen() is Screen.OPEN
    bench.send(FireInput(False))
    assert bench.screen() in (Screen.STANDBY, Screen.COACHING)


def test_fire_is_spoken_of_and_nobody_is_asked_to_shut_the_door_then() -> None:
    bench = Bench()
    assert spoken(bench.send(FireInput(True))) == ["fire"]
    assert spoken(bench.send(DoorHeld(True))) == []
    assert spoken(bench.wait(60)) == []
    assert spoken(bench.send(FireInput(False))) == []
    assert spoken(bench.wait(1)) == ["held_open"]


def test_time_alone_changes_nothing_on_standby() -> None:
    bench = Bench()
    assert bench.send(Tick(), after=timedelta(days=1).total_seconds()) == ()
    assert bench.screen() is Screen.STANDBY


def test_a_lantern_that_is_asked_for_before_the_first_sight_of_a_face_is_shown() -> None:
    """A face far above the threshold is asked in the very frame its visit begins with; the asking is told before the sighting."""
    bench = Bench()
    bench.send(asked("v1"), seen("v1"))
    assert bench.screen() is Screen.CHALLENGE
    bench.send(ended("v1"), seen("v2"))
    assert bench.screen() is Screen.APPROACHING


def test_a_second_one_beside_whoever_was_decided_is_told_to_wait_for_a_turn_and_not_nagged() -> None:
    bench, two = Bench(), seen(coaching=Reason.SEVERAL_FACES)
    bench.send(seen(), decided("p-li"))
    for _ in range(75):  # through the gate side by side: nothing to be told
        assert spoken(bench.send(two, Tick(), after=0.1)) == []
    assert bench.screen() is Screen.STANDBY
    said = [prompt for _ in range(400) for prompt in spoken(bench.send(two, Tick(), after=0.1))]
    assert (bench.view.screen, bench.view.headline.key) == (Screen.COACHING, "kiosk.coach.several_faces")
    assert said == ["coach_several_faces"]
    bench.send(seen(), Tick(), after=0.1)  # the second has gone, and whoever was decided lingers
    assert bench.screen() is Screen.STANDBY
    bench.send(two, Tick(), after=0.1)  # somebody only goes by
    assert bench.screen() is Screen.STANDBY


def test_whoever_stays_beside_the_marked_zone_is_told_to_step_in_and_not_nagged() -> None:
    bench = Bench()
    beside = seen(None, coaching=Reason.OUT_OF_ZONE)
    said = [prompt for _ in range(300) for prompt in spoken(bench.send(beside, after=0.1))]
    assert bench.screen() is Screen.COACHING
    assert bench.view.headline.key == "kiosk.coach.out_of_zone"
    assert said == ["coach_out_of_zone"]
    bench.send(seen("v1"), after=0.1)
    assert bench.screen() is Screen.APPROACHING
    bench.send(seen(None), after=0.1)
    assert bench.screen() is Screen.STANDBY


def test_whoever_was_let_in_and_walks_off_at_the_side_is_not_told_to_step_in() -> None:
    bench = Bench()
    bench.send(seen("v1"), decided("p-li"))
    beside = seen(None, coaching=Reason.OUT_OF_ZONE)
    for _ in range(60):
        bench.send(ended("v1"), beside, Tick(), after=0.1)
    assert bench.screen() is Screen.STANDBY
    bench.send(seen(None), after=0.1)  # they are gone; the next one is somebody else
    for _ in range(25):
        bench.send(beside, after=0.1)
    assert bench.screen() is Screen.COACHING
