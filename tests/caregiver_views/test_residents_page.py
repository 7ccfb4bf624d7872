"""Residents: a table taken over, and a consent withdrawn with its receipt."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_withdrawing_consent_gives_a_receipt(window: MainWindow, qtbot: QtBot) -> None:
    from domain.consent import Purpose

    window.alarm.show_work(None)
    page = window.go("residents")
    person = page.model.rows[0].person
    page._withdraw(person, Purpose.FACE_AT_GATE)
    assert not window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert person.name in page.said.label.text()


def test_a_table_of_residents_is_shown_before_it_is_taken_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.alarm.show_work(None)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n王一,99-1-101\n王二,\n", "utf-8")
    page = window.go("residents")
    before = page.model.rowCount()
    page.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    assert page.lines.rowCount() == 2
    assert page.model.rowCount() == before, "nothing is taken over yet"
    page.take.click()
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 1, timeout=10_000)


def test_a_pass_that_was_made_is_in_sight_and_the_keyboard_stays(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = window.go("residents")
    passes = page.ways.passes
    monkeypatch.setattr(page.ways._access, "visitor", lambda *_: "SW1" + "A7K2" * 40)
    passes.issue.setFocus()
    qtbot.keyClick(passes.issue, Qt.Key.Key_Return)
    code = passes.sheet.code
    qtbot.waitUntil(lambda: code.isVisible() and code.visibleRegion().boundingRect() == code.rect())
    assert window.focusWidget() is passes.issue
