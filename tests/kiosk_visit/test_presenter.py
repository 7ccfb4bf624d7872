"""A visit from the first sight of a face to the last word, without a window."""

from datetime import timedelta

from domain.identification import Outcome, Reason
from domain.passages import Method, Ruling
from kiosk.visit.effects import (
    GateDid,
    LookForPass,
    OpenGate,
    RecordPassage,
    Speak,
)
from kiosk.visit.events import (
    GateAnswered,
    Press,
    Tick,
)
from kiosk.visit.view import Screen, Way
from tests.kiosk_visit.visits import Bench, asked, decided, ended, kinds, only, seen


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
