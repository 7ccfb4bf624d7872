"""A clock that is put back ends what would have ended by it; nothing stays for a day because of it."""

from datetime import timedelta

from kiosk.visit.effects import AskStatus, OpenGate
from kiosk.visit.events import GateAnswered, Press, Pressed, StaffAccepted, Tick
from kiosk.visit.view import Screen, Way
from tests.kiosk_visit.visits import Bench, decided, only, seen, spoken

A_DAY = -24 * 3600.0


def test_whoever_of_the_staff_was_signed_in_is_so_no_longer() -> None:
    bench = Bench()
    bench.send(Pressed(Press.STAFF), StaffAccepted("张工", 1))
    bench.send(Tick(), after=A_DAY)
    assert (bench.view.screen, bench.view.staff) == (Screen.STANDBY, "")


def test_a_greeting_ends_and_the_same_resident_comes_in_again() -> None:
    bench = Bench()
    bench.send(seen(), decided(), GateAnswered("v1", True))
    bench.send(Tick(), after=A_DAY)
    assert bench.screen() is Screen.STANDBY
    wanted = bench.send(seen("v2"), decided(visit_id="v2"), after=60)
    assert only(OpenGate, wanted).ref == "v2"


def test_who_stands_there_is_told_what_to_do_as_if_they_had_just_come() -> None:
    bench = Bench()
    bench.send(seen(), after=0)
    bench.wait(2.2)
    bench.send(seen(), Tick(), after=A_DAY)
    assert bench.screen() is Screen.APPROACHING
    bench.wait(2.2)
    assert bench.screen() is Screen.COACHING


def test_the_same_words_are_said_again() -> None:
    bench = Bench()
    assert spoken(bench.press(Way.CARD)) == ["card"]
    bench.press(Press.BACK)
    bench.now += timedelta(seconds=A_DAY)
    assert spoken(bench.press(Way.CARD)) == ["card"]


def test_the_maintenance_screen_goes_on_asking_how_the_kiosk_is() -> None:
    bench = Bench()
    bench.send(Tick(), after=A_DAY)
    bench.send(Pressed(Press.STAFF), StaffAccepted("张工", 1))
    assert any(isinstance(effect, AskStatus) for effect in bench.wait(2.2))


def test_a_clock_that_is_corrected_by_a_second_disturbs_nobody() -> None:
    bench = Bench()
    bench.press(Way.PIN)
    bench.send(Tick(), after=-1.0)
    assert bench.screen() is Screen.PIN
