"""Residents: a table taken over, and a consent withdrawn with its receipt."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from domain.consent import Purpose
from domain.people import Profile
from offline.roster import Roster
from qtkit.shots import settle
from qtkit.widgets import Button
from tests.caregiver_views.pages import at

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_withdrawing_consent_gives_a_receipt(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    person = page.model.rows[0].person
    page._withdraw(person, Purpose.FACE_AT_GATE)
    assert not window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert person.name in page.said.label.text()


def test_withdrawing_by_keyboard_asks_first_and_says_what_it_means_for_this_purpose(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    person = page.model.rows[0].person

    def pressed(name: str) -> Button:
        found = [b for b in page.consents.findChildren(Button) if name in (b.accessibleName() or b.text())]
        button = next(b for b in found if b.isVisibleTo(page))
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        settle(page)
        return button

    def label() -> str:
        focused = window.focusWidget()
        assert isinstance(focused, QPushButton)
        return focused.text()

    pressed("居家感应")
    said = " ".join(label.text() for label in page.consents.findChildren(QLabel) if label.isVisibleTo(page))
    assert "家中的感应从此不再使用" in said
    assert "人脸模板" not in said
    assert label() == "取消", "a second press withdraws nothing"
    Roster(window.state.journal, window.state.keys).register("p-new", Profile("王", "新来", flat="77-1-101"))
    qtbot.waitUntil(lambda: any(r.person.id == "p-new" for r in page.model.rows))
    assert label() == "取消", "somebody else who comes takes nothing away"
    pressed("取消")
    assert "居家感应" in window.focusWidget().accessibleName()
    pressed("居家感应")
    pressed("确认撤回")
    assert not window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    assert window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert page.table.hasFocus()


def test_a_table_of_residents_is_shown_before_it_is_taken_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.alarm.show_work(None)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n王一,99-1-101\n王二,\n", "utf-8")
    page = at(window, "residents", ResidentsPage)
    before = page.model.rowCount()
    page.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    assert page.lines.rowCount() == 2
    assert page.model.rowCount() == before, "nothing is taken over yet"
    page.take.setFocus()
    qtbot.keyClick(page.take, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 1, timeout=10_000)
    assert window.focusWidget() is page.table, "and not a button that a second press would press"


def test_a_pass_that_was_made_is_in_sight_and_the_keyboard_stays(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    passes = page.ways.passes
    monkeypatch.setattr(page.ways._access, "visitor", lambda *_: "SW1" + "A7K2" * 40)
    passes.issue.setFocus()
    qtbot.keyClick(passes.issue, Qt.Key.Key_Return)
    code = passes.sheet.code
    qtbot.waitUntil(lambda: code.isVisible() and code.visibleRegion().boundingRect() == code.rect())
    assert window.focusWidget() is passes.issue
