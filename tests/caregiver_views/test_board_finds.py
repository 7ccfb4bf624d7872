"""Finding somebody on the board: by name, and by the counts of the top bar."""

from dataclasses import replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from offline.roster import Roster


def test_a_search_from_any_page_finds_by_name_and_says_that_nobody_has_it(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    window.go("reports")
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.page == "board"
    name = window.state.elders.board.rows()[7].person.name
    window.board.search.setText(name)
    assert {e.person.name for e in window.board.model.elders} == {name}
    window.board.search.setText("没有这个人")
    assert window.board.stack.currentWidget() is window.board.nobody


def test_who_came_or_was_renamed_while_the_window_is_open_is_found_by_initials(
    window: MainWindow, qtbot: QtBot
) -> None:
    state, board = window.state, window.board
    elder = state.elders.board.rows()[7]
    Roster(state.journal, state.keys).register(
        elder.id, replace(elder.person.profile, family_name="欧", given_name="阳春")
    )

    def found() -> bool:
        board.search.setText("")
        board.search.setText("oyc")
        return [e.id for e in board.model.elders] == [elder.id]

    qtbot.waitUntil(found)


def test_the_count_in_the_top_bar_filters(window: MainWindow) -> None:
    window.alarm.show_work(None)
    window.top.counts["away"].click()
    assert {e.standing.urgency.token for e in window.board.model.elders} == {"away"}
    window.top.counts["away"].click()
    assert len(window.board.model.elders) == 48


def test_those_whom_nobody_has_visited_this_month_are_found(window: MainWindow) -> None:
    window.alarm.show_work(None)
    window.go("board")
    board = window.board
    board.state.choose("visit_due")
    due = [elder.id for elder in board.model.elders]
    assert len(due) == len(window.state.elders.board)
    window.state.elders.visits.record(due[0], "visit", {})
    window.state.elders.visits.record(due[1], "call", {})
    window.arrivals.take()
    assert {elder.id for elder in board.model.elders} == set(due) - {due[0]}, "a call is no visit"
