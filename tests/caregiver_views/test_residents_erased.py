"""Erasing somebody at a desk takes two presses and two people, and those who are asked about nobody else go along."""

import pytest
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from domain.consent import Purpose
from domain.people import Profile
from tests.caregiver_views.residents import contacts_of, plan_with, press, residents_of


def test_erasing_takes_a_second_press_and_says_what_goes(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = residents_of(window)
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told))
    erasure, person = page.side.erasure, page.model.rows[0].person
    press(qtbot, page, erasure.ask)
    assert window.focusWidget() is erasure.no
    assert erasure.means.isVisibleTo(page)
    press(qtbot, page, erasure.no)
    assert (window.focusWidget(), asked) == (erasure.ask, [])
    press(qtbot, page, erasure.ask)
    erasure.reason.choose("died")
    press(qtbot, page, erasure.yes)
    assert (window.focusWidget(), asked) == (erasure.login, []), "it takes two"
    qtbot.keyClicks(erasure.login, "wu.jun")
    qtbot.keyClicks(erasure.password, "their own")
    press(qtbot, page, erasure.yes)
    qtbot.waitUntil(lambda: asked == [(person.id, "died", "wu.jun", "their own", "", ())])
    assert erasure.password.text() == "", "and no password stays"
    qtbot.waitUntil(lambda: person.name in page.said.label.text())


def test_without_a_line_nobody_is_erased_and_the_page_says_so(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    press(qtbot, page, page.side.erasure.ask)
    page.side.erasure.login.setText("wu.jun")
    page.side.erasure.password.setText("their own")
    press(qtbot, page, page.side.erasure.yes)
    qtbot.waitUntil(lambda: page.said.label.text() == window.desk.language.tr("error.erasure_sign_in"))


def test_with_an_elder_go_those_who_are_asked_about_nobody_else(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = residents_of(window)
    elder, other = (row.person for row in page.model.rows[:2])
    for id, name in (("p-kin", "王建军"), ("p-shared", "两家的人"), ("p-works", "同事"), ("p-lives", "没登记门牌")):
        window.state.roster.register(id, Profile("", name, phone="139 0000 1111"))
    window.state.colleague_names["p-works"] = "同事"
    window.state.roster.consent("p-lives", Purpose.FACE_AT_GATE, True, "v1", "p-lives")
    neighbour = page.model.rows[5].person
    plan_with(window, elder.id, "p-kin", "p-shared", "p-works", "p-lives", neighbour.id)
    plan_with(window, other.id, "p-shared")
    asked: list[object] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told[-1]))
    erasure = page.side.erasure
    for also in (True, False):
        press(qtbot, page, erasure.ask)
        assert erasure.also.text().endswith("王建军")
        assert erasure.also.isChecked()
        erasure.also.setChecked(also)
        erasure.login.setText("wu.jun")
        erasure.password.setText("their own")
        press(qtbot, page, erasure.yes)
        qtbot.waitUntil(lambda: not window.desk.background.busy)
    assert asked == [("p-kin",), ()]


def test_a_contact_is_erased_apart_from_the_elder(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.state.roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    page = contacts_of(window)
    page.contacts.choose("p-kin")
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told))
    erasure = page.side.erasure
    press(qtbot, page, erasure.ask)
    assert erasure.means.text() == window.desk.tr("residents.erase_contact_means")
    assert not erasure.also.isVisibleTo(page)
    erasure.login.setText("wu.jun")
    erasure.password.setText("their own")
    press(qtbot, page, erasure.yes)
    qtbot.waitUntil(lambda: asked == [("p-kin", "moved_away", "wu.jun", "their own", "", ())])
