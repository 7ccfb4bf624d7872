"""What the staff do at the gate."""

from domain.passages import Method
from kiosk.visit.effects import (
    CheckStaff,
    OpenGate,
)
from kiosk.visit.events import (
    CredentialRefused,
    Press,
    StaffAccepted,
)
from kiosk.visit.view import PinStage, Screen
from tests.kiosk_visit.visits import Bench, decided, kinds, only, seen


def test_the_staff_sign_in_for_maintenance_and_are_signed_out() -> None:
    bench = Bench()
    bench.press(Press.STAFF, *"908172")
    assert only(CheckStaff, bench.press(Press.ENTER)) == CheckStaff("908172", 1)
    bench.send(CredentialRefused(Method.PIN, "staff_wrong", pad=1))
    assert bench.view.pin is not None
    assert bench.view.pin.stage is PinStage.STAFF
    bench.send(StaffAccepted("张工", 1))
    assert (bench.view.screen, bench.view.staff) == (Screen.MAINTENANCE, "张工")
    assert OpenGate not in kinds(bench.send(seen(), decided("p-li")))
    assert bench.screen() is Screen.MAINTENANCE
    bench.wait(301, step=1)
    assert bench.screen() is not Screen.MAINTENANCE


def test_a_late_answer_signs_nobody_in() -> None:
    bench = Bench()
    bench.press(Press.STAFF, *"908172", Press.ENTER, Press.BACK)
    bench.send(StaffAccepted("张工", 1))
    assert (bench.view.screen, bench.view.staff) == (Screen.STANDBY, "")
