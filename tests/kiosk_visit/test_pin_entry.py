"""Digits on the pad."""

from domain.passages import Method
from kiosk.visit.effects import CheckPin, RecordPassage
from kiosk.visit.events import (
    CredentialAccepted,
    CredentialRefused,
    Press,
    StaffAccepted,
)
from kiosk.visit.view import PinStage, Screen, Way
from tests.kiosk_visit.visits import Bench, kinds, only


def test_a_pin_is_the_flat_and_then_the_secret() -> None:
    bench = Bench()
    bench.press(Way.PIN, *"32501", Press.ENTER)
    assert bench.view.pin is not None
    assert (bench.view.pin.stage, bench.view.pin.flat) == (PinStage.SECRET, "32501")
    bench.press(*"123", Press.ENTER, *"45", Press.ERASE)
    assert bench.view.pin.digits == 4
    check = only(CheckPin, bench.press(Press.ENTER))
    assert check == CheckPin("32501", "1234", 1)
    assert "1234" not in repr(check)
    assert bench.view.pin.stage is PinStage.CHECKING
    bench.send(CredentialRefused(Method.PIN, "pin_wrong", wait_s=30, pad=1))
    assert (bench.view.pin.stage, bench.view.pin.refused, bench.view.pin.wait_s) == (PinStage.SECRET, "pin_wrong", 30)
    bench.press(*"1234")
    assert bench.press(Press.ENTER) == ()
    bench.wait(30.1)
    assert CheckPin("32501", "1234", 1) in bench.press(Press.ENTER)
    bench.send(CredentialAccepted(Method.PIN, "p-li", "pin", pad=1))
    assert bench.screen() is Screen.IDENTIFIED
    assert bench.view.pin is None


def test_an_abandoned_pad_forgets_its_digits() -> None:
    bench = Bench()
    bench.press(Way.PIN, *"32501", Press.ENTER, *"12")
    bench.wait(30.1)
    assert bench.screen() is Screen.STANDBY
    bench.press(Way.PIN)
    assert bench.view.pin is not None
    assert (bench.view.pin.flat, bench.view.pin.digits) == ("", 0)


def test_an_answer_that_comes_late_opens_nothing_and_signs_nobody_in() -> None:
    bench = Bench()
    bench.press(Way.PIN, *"32501", Press.ENTER, *"9081", Press.ENTER, Press.BACK)
    assert bench.send(CredentialAccepted(Method.PIN, "p-li", "", pad=1)) == ()
    bench.press(Way.PIN, *"32502")  # and the next one has begun
    assert bench.send(CredentialAccepted(Method.PIN, "p-li", "", pad=1)) == ()
    bench.press(Press.STAFF, *"471108", Press.ENTER, Press.BACK, Way.PIN)
    for typed in ("", "32502", f"{Press.ENTER}"):
        bench.press(*(typed if typed.isdigit() else [typed] if typed else []))
        bench.send(StaffAccepted("张工", 3))
        assert bench.screen() is Screen.PIN
        assert bench.view.staff == ""


def test_an_answer_belongs_to_the_pad_where_it_was_typed() -> None:
    """Somebody gives up and goes back; whoever comes after them types a PIN of their own, and that is being checked."""
    bench = Bench()
    bench.press(Way.PIN, *"302", Press.ENTER, *"4711", Press.ENTER, Press.BACK)
    bench.press(Way.PIN, *"101", Press.ENTER, *"9999")
    wanted = bench.send(CredentialRefused(Method.PIN, "pin_wrong", "302", pad=1))
    assert kinds(wanted) == {RecordPassage}
    assert bench.view.pin is not None
    assert (bench.view.pin.digits, bench.view.pin.refused) == (4, "")
    bench.press(Press.ENTER)
    assert bench.send(CredentialAccepted(Method.PIN, "p-li", "", pad=1)) == ()
    assert bench.screen() is Screen.PIN
    bench.send(CredentialRefused(Method.PIN, "pin_wrong", "101", pad=2))
    assert bench.view.pin.refused == "pin_wrong"


def test_somebody_of_the_staff_is_signed_in_by_nobody_elses_pin() -> None:
    bench = Bench()
    bench.press(Press.STAFF, *"471108", Press.ENTER, Press.BACK, Press.STAFF, *"908172", Press.ENTER)
    bench.send(StaffAccepted("张工", 1))
    assert bench.view.staff == ""
    bench.send(StaffAccepted("李工", 2))
    assert bench.view.staff == "李工"
