"""Residents: a table taken over, and a consent withdrawn with its receipt."""

from pathlib import Path

import pytest
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
