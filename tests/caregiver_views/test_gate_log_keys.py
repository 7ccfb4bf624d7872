"""Reading passages by keys: no verdict falls on another passage, and a slip is taken back."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from caregiver.gatelog.log import Passage
from caregiver.gatelog.page import GateLogPage
from caregiver.gatelog.picture_row import PictureRow
from caregiver.invented import Feed, passage
from caregiver.main_window import MainWindow
from domain.verdicts import RIGHT
from qtkit.shots import settle
from tests.caregiver_views.gate_log import given, read_faces


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> GateLogPage:
    return read_faces(window, qtbot)


def come(window: MainWindow) -> None:
    feed = Feed("jinxiu", 97)
    people = [(e.id, e.person.profile) for e in window.state.elders.board.rows()]
    window.state.journal.absorb([passage(feed, feed.rng, people, window.state.now(), "kiosk-97")])


def test_a_passage_that_comes_puts_no_other_under_the_readers_keys(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    page.filters.method.choose("")
    qtbot.waitUntil(lambda: not page._busy)
    page.table.selectRow(2)
    page.table.setFocus()
    settle(page)
    read, newest = page.table.current(), page.model.rows[0].fact
    shown = page.detail.findChildren(PictureRow)[0]
    come(window)
    qtbot.waitUntil(lambda: page.model.rows[0].fact != newest, timeout=10_000)
    assert page.table.current().fact == read.fact
    assert page.detail.passage == read
    assert page.detail.findChildren(PictureRow)[0] is shown, "a picture that is looked at stays"


def test_the_passage_one_reads_stays_under_the_keys_when_a_colleague_settles_it(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    state = window.state
    for read in page.model.rows[:6]:
        state.journal.append("verdict.given", {"passage": named(window, read), "by": "staff-li", "verdict": RIGHT})
    page.filters.whole_queue()
    qtbot.waitUntil(lambda: not page._busy and len(page.model.rows) == 6, timeout=10_000)
    window.activateWindow()
    page.table.selectRow(3)
    page.table.setFocus()
    settle(page)
    read, older = page.table.current(), page.model.rows[4]
    state.journal.append("verdict.given", {"passage": named(window, read), "by": "staff-chen", "verdict": RIGHT})
    come(window)
    qtbot.waitUntil(lambda: not state.more and not window.desk.background.busy, timeout=10_000)
    assert page.table.current().fact == read.fact
    assert page.detail.passage == page.table.current()
    qtbot.keyClick(page.table, "2")
    settle(page)
    mine = state.reader.rows("SELECT passage FROM gatelog_verdicts WHERE by = ?", (state.session.person,))
    assert mine == []
    assert page.said.words == window.desk.tr("gatelog.is_settled")
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.table.current().fact == older.fact


def named(window: MainWindow, passage: Passage) -> str:
    return str(window.state.reader.value("SELECT id FROM facts WHERE rowid = ?", (passage.fact,)))


def test_who_reads_nothing_has_the_newest_before_them(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    page.filters.method.choose("")
    qtbot.waitUntil(lambda: not page._busy)
    page.filters.person.setFocus()
    newest = page.model.rows[0].fact
    come(window)
    qtbot.waitUntil(lambda: page.model.rows[0].fact != newest, timeout=10_000)
    assert page.table.currentIndex().row() == 0


def test_the_keys_go_on_working_after_a_verdict_by_button(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    page.table.selectRow(0)
    button = next(b for b in page.detail.findChildren(QPushButton) if b.text().startswith("1 "))
    button.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(page)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
    given = [f.payload["verdict"] for f in window.state.journal.facts("verdict.given") if f.payload]
    assert given[-2:] == ["right", "wrong_person"]


def test_a_slip_of_the_finger_is_taken_back_by_a_key(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    window.activateWindow()
    page.table.selectRow(0)
    page.table.setFocus()
    read = page.table.current().fact
    qtbot.keyClick(page.table, "6")
    assert page.table.currentIndex().row() == 1
    qtbot.keyClick(page.table, "0")
    assert page.table.current().fact == read, "and one is there again"
    assert [verdict for _, verdict in page.table.current().verdicts] == []
    assert page.table.hasFocus()
    qtbot.keyClick(page.table, "0")
    assert len(window.state.journal.facts("verdict.withdrawn")) == 1, "there is nothing more to take back"


def test_nothing_moves_under_the_hand_when_the_first_verdict_is_said(page: GateLogPage, qtbot: QtBot) -> None:
    def places() -> list[QPoint]:
        return [w.mapTo(page, QPoint()) for w in (page.table, *page.detail.verdicts.buttons.values())]

    page.table.selectRow(0)
    settle(page)
    before = places()
    page.judge("unsure")
    settle(page)
    assert page.said.isVisible()
    assert places() == before


def test_a_digit_typed_elsewhere_judges_nothing(window: MainWindow, page: GateLogPage, qtbot: QtBot) -> None:
    for where in (page.filters.review, page.export, page.filters.person):
        where.setFocus()
        qtbot.keyClick(where, "1")
    assert given(window) == []


def test_a_key_that_is_held_judges_once(page: GateLogPage) -> None:
    keys = page.findChildren(QShortcut)
    assert len(keys) == 14
    assert not any(key.autoRepeat() for key in keys)
