"""What the keyboard was doing already must not answer an alarm that nobody has read."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from qtkit.shots import settle


def ring(window: MainWindow, qtbot: QtBot) -> None:
    elder = window.state.elders.board.rows()[-1].id
    items = list(open_incident(Feed("jinxiu", 31), "fresh", "fall", elder, window.state.now(), "kitchen", device="d7"))
    with qtbot.waitSignal(window.alarm_painted, timeout=5000):
        window.state.journal.absorb(items)


def ring_into_a_sentence(window: MainWindow, qtbot: QtBot) -> None:
    """What rang is taken; then it rings for another while somebody writes, who has an hour to look up."""
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.go("board")
    window.activateWindow()
    window.board.search.setFocus()
    qtbot.keyClicks(window.board.search, "chen")
    window.alarm.writing.setInterval(3_600_000)
    ring(window, qtbot)


def test_a_key_that_is_held_down_takes_one_alarm_and_not_the_next(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    for part in (window.alarm, window.focusWidget()):
        QApplication.sendEvent(part, held)
    incident = window.alarm.incident
    assert incident is not None
    assert incident.id == "inactive-now"
    assert window.alarm.take.isEnabled()


def test_who_is_in_the_middle_of_a_sentence_answers_no_alarm_with_its_last_letters(
    window: MainWindow, qtbot: QtBot
) -> None:
    ring_into_a_sentence(window, qtbot)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_1, Qt.Key.Key_C, Qt.Key.Key_Return):
        qtbot.keyClick(window.focusWidget(), key)
    assert window.alarm.incident is not None
    assert window.state.journal.facts("incident.evidence") == []
    window.alarm.writing.setInterval(0)
    qtbot.waitUntil(lambda: window.focusWidget() is window.alarm.take)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert window.alarm.incident is None


def test_who_writes_on_without_looking_answers_nothing_until_they_pause(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_into_a_sentence(window, qtbot)
    begun_anew = list[str]()
    monkeypatch.setattr(window.alarm.writing, "start", lambda: begun_anew.append("after a letter"))
    for key in (Qt.Key.Key_L, Qt.Key.Key_Space, Qt.Key.Key_Return):
        qtbot.keyClick(window.focusWidget(), key)
    assert len(begun_anew) == 2, "Enter is no letter: who presses it again and again is heard a second later"
    assert window.alarm.incident is not None


def test_who_was_writing_nothing_answers_at_once(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.go("board")
    window.board.search.setFocus()
    settle(window)
    ring(window, qtbot)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert window.alarm.incident is None


def test_no_shortcut_takes_the_keyboard_beneath_an_alarm(window: MainWindow, qtbot: QtBot) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_3, Qt.Key.Key_F):
        qtbot.keyClick(window.focusWidget(), key, ctrl)
    assert window.page == "board"
    assert window.focusWidget() is window.alarm.take


def test_the_keyboard_is_back_where_it_was_once_somebody_else_has_taken_it(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.go("board")
    window.board.search.setFocus()
    ring(window, qtbot)
    elder = window.alarm.incident
    assert elder is not None
    by_another = {"incident": "fresh", "by": "p-sun-li"}
    taken = Feed("jinxiu", 33).item("incident.acknowledged", by_another, elder.elder, window.state.now(), "desk-2")
    window.state.journal.absorb([taken])
    qtbot.waitUntil(window.alarm.isHidden)
    assert window.focusWidget() is window.board.search
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is window.board.building


def test_the_keyboard_is_not_caught_in_an_alarm_that_is_gone(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    reached = window.focusWidget()
    assert reached is None or reached.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    assert window.focusWidget().isVisible()
