"""From the sign-in window to the desk and back, against a district that really serves."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from caregiver.bootstrap import operator_session
from caregiver.config import Operator
from caregiver.frame.leaving import Leaving
from caregiver.signin.doorstep import PATIENCE_MS
from domain.errors import Mendable
from domain.people import Role
from offline.keys.keystore import Keystore
from qtkit.shots import settle
from tests.caregiver_views.at_the_desk import AtTheDesk, at_the_desk
from tests.fakes.closing import press_the_cross
from tests.fakes.silent import Silent
from tests.fakes.staff import employ
from tests.fakes.there import there

pytestmark = pytest.mark.qt_log_ignore("PulseAudio")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication, qtbot: QtBot) -> Iterator[AtTheDesk]:
    yield from at_the_desk(tmp_path, monkeypatch, qapp, qtbot)


def test_a_wrong_password_is_told_in_one_sentence_and_the_right_one_opens_the_desk(desk: AtTheDesk) -> None:
    desk.types("wrong horse")
    desk.until(lambda: desk.asking.go.isEnabled())
    assert desk.asking.error.label.text() == "Login, password or code is not right. Try again."
    assert desk.asking.password.text() == ""
    desk.sits()
    window = desk.seat.window
    assert window is not None
    session = window.state.session
    assert (session.person, session.role, session.community) == (desk.person, Role.CAREGIVER, "Jinxiu")
    assert window.side.leave.isVisible()


def test_a_relative_is_told_to_answer_by_the_links_and_sees_nobody(desk: AtTheDesk) -> None:
    son = employ(desk.district, "son", Role.FAMILY)
    desk.types(login="son")
    desk.until(lambda: desk.asking.go.isEnabled())
    assert desk.asking.error.label.text() == (
        "Relatives do not sign in here: this desk shows everybody who lives in Jinxiu. They answer by the links in their messages."
    )
    assert desk.seat.window is None
    assert desk.seat._leases.in_force() is None, "nor with the desk's next start"
    held = "SELECT 1 FROM sessions WHERE person = ?"
    desk.until(lambda: not desk.district.office.store.read(held, (son,)))


def test_a_desk_some_of_whose_keys_are_missing_says_why_names_are(
    desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keystore, "incomplete", True)
    desk.sits()
    window = desk.seat.window
    assert window is not None
    desk.until(lambda: window.trouble.label.text() == window.desk.tr("rescued.keys"))


def test_the_district_knows_who_sits_there_until_they_sign_out(desk: AtTheDesk) -> None:
    hub = desk.district.office.hub
    desk.sits()
    desk.until(lambda: hub.present[desk.person] == 1)
    assert desk.seat.window is not None
    desk.seat.window.side.leave.click()
    assert desk.seat._leases.seated() is None, "at once: the program may be closed before the district has heard of it"
    assert desk.asking.login.text() == "ann"
    desk.until(lambda: desk.seat.sign_in is not None and hub.present[desk.person] == 0)
    assert desk.seat.window is None


def test_while_the_district_hangs_it_is_said_and_one_may_stop_waiting(
    desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = desk.district.office.hub
    silent = Silent(monkeypatch)
    asking = desk.asking
    before = asking.go.geometry()
    try:
        assert PATIENCE_MS < 1000, "it is said within the first second"
        desk.types()
        desk.until(lambda: asking.error.isVisible())
        assert re.fullmatch(r"The district has not answered yet: \d+ s so far\.", asking.error.label.text())
        assert asking.go.geometry() == before, "nothing has moved under the pointer"
        QTest.keyClick(asking, Qt.Key.Key_Return)
        assert not asking.go.isEnabled(), "a second press of Enter changes nothing"
        asking.stop.click()
        assert asking.go.isEnabled()
        assert not asking.error.isVisible()
    finally:
        silent.answer()
    desk.until(lambda: not desk.app.background.busy)
    assert desk.seat.window is None, "it came too late"
    assert hub.present[desk.person] == 0
    desk.asking.password.clear()
    desk.sits()


def test_whoever_signed_out_while_the_line_is_cut_comes_in_again_and_is_told_to_the_district_later(
    desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = desk.district.office.hub
    desk.sits()
    desk.until(lambda: hub.present[desk.person] == 1)

    def cut(*_: object, **__: object) -> None:
        raise requests.ConnectionError

    with monkeypatch.context() as cable:
        cable.setattr(requests.Session, "send", cut)
        assert desk.seat.window is not None
        desk.seat.window.side.leave.click()
        desk.types("wrong horse")
        desk.until(lambda: desk.asking.go.isEnabled())
        assert desk.asking.error.label.text() == "Login, password or code is not right. Try again."
        desk.sits()
        assert desk.desk.node.seated == ""
    desk.until(lambda: desk.desk.node.seated)
    desk.until(lambda: hub.present[desk.person] == 1)
    assert desk.seat.window is not None
    assert not desk.seat.window.trouble.isVisible()


def test_an_account_that_is_disabled_while_the_window_is_open_closes_it_with_a_reason(desk: AtTheDesk) -> None:
    office = desk.district.office
    desk.sits()
    desk.until(lambda: office.hub.present[desk.person] == 1)
    office.accounts.change(desk.person, office.now_ms(), "admin", disabled=True)
    desk.until(lambda: desk.seat.sign_in is not None)
    assert desk.asking.error.label.text().startswith("You were signed out")
    desk.types()
    desk.until(lambda: desk.asking.go.isEnabled())
    assert desk.asking.error.label.text().startswith("Login, password or code")


def test_a_duty_that_is_taken_away_while_the_window_is_open_closes_it_with_a_reason(desk: AtTheDesk) -> None:
    office = desk.district.office
    desk.sits()
    desk.until(lambda: office.hub.present[desk.person] == 1)
    office.accounts.change(desk.person, office.now_ms(), "admin", grants={})
    desk.until(lambda: desk.seat.sign_in is not None)
    assert desk.asking.error.label.text().startswith("You were signed out")
    desk.types()
    desk.until(lambda: desk.asking.go.isEnabled())
    assert desk.asking.error.label.text() == "This account has no duty in Jinxiu. Ask an administrator."


def test_an_account_locked_by_wrong_passwords_says_for_how_long(desk: AtTheDesk) -> None:
    for _ in range(12):
        desk.types("wrong horse")
        desk.until(lambda: desk.asking.go.isEnabled())
        if desk.asking.error.label.text().startswith("Too many attempts"):
            break
    assert desk.asking.error.label.text().startswith("Too many attempts. Wait ")
    desk.types()
    desk.until(lambda: desk.asking.go.isEnabled())
    assert desk.seat.window is None, "the right password does not open it before that"


def test_alarms_that_come_before_anybody_signed_in_are_counted_and_heard(desk: AtTheDesk) -> None:
    office = desk.district.office
    ledger = office.nightwatch.watch.ledger
    settle(desk.asking)
    before = desk.asking.login.mapTo(desk.asking, QPoint(0, 0))
    ledger.add("sign.sos", {"device": "button-1"}, "jinxiu", "p" + "1" * 32, office.now_ms())
    desk.until(lambda: desk.asking.alarm.isVisible())
    settle(desk.asking)
    assert desk.asking.login.mapTo(desk.asking, QPoint(0, 0)) == before, "what is being typed stands where it stood"
    assert desk.asking.alarm.label.text().startswith("An alarm waits for an answer.")
    assert "p1" not in desk.asking.alarm.label.text()


def test_an_alarm_comes_forward_before_anybody_signed_in_and_over_the_whole_screen_for_whoever_does(
    desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "size", lambda _: QSize(1920, 1080))
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, 1920, 1040))
    office = desk.district.office
    desk.asking.showMinimized()
    office.nightwatch.watch.ledger.add("sign.sos", {"device": "button-1"}, "jinxiu", "p" + "1" * 32, office.now_ms())
    desk.until(lambda: desk.asking.alarm.isVisible())
    desk.until(lambda: desk.asking.isVisible() and not desk.asking.isMinimized())
    desk.sits()
    window = desk.seat.window
    assert window is not None
    assert window.alarm.isVisible()
    assert window.isFullScreen()
    window.alarm.take.click()
    desk.until(lambda: not window.isFullScreen())


def test_whoever_closes_the_window_that_asks_who_it_is_hears_what_that_costs(desk: AtTheDesk) -> None:
    asking = desk.asking
    assert not press_the_cross(asking)
    there(asking.findChild(Leaving)).stay.click()
    assert asking.isMinimized()
    asking.showNormal()
    assert not press_the_cross(asking)
    there(asking.findChild(Leaving)).end.click()
    assert not asking.isVisible()


def test_the_sign_in_window_speaks_both_languages_and_names_its_fields(desk: AtTheDesk) -> None:
    fields = (desk.asking.login, desk.asking.password, desk.asking.code)
    assert all(f.accessibleName() for f in fields)
    desk.asking.tongue.click()
    assert desk.asking.title.text() == "登录"
    assert desk.asking.login.accessibleName() == "账号"


def test_what_nobody_caught_is_said_in_the_window(desk: AtTheDesk) -> None:
    desk.sits()
    window = desk.seat.window
    assert window is not None
    desk.app.trouble.report(Mendable("disk_full", path="/disk"))
    assert "/disk" in window.trouble.label.text()
    assert window.trouble.isVisible()


def test_a_desk_at_which_people_signed_in_and_that_asks_nobody_any_more_says_that_nothing_is_accepted(
    desk: AtTheDesk,
) -> None:
    for signed_in_before in (False, True):
        window = desk.desk.window(operator_session(Operator(), desk.settings, desk.desk.node))
        said = window.desk.tr("sign_in.asked_before")
        assert (said in [each.text() for each in window.trouble.findChildren(QLabel)]) is signed_in_before
        desk.desk.close(window)
        if not signed_in_before:
            desk.sits()
