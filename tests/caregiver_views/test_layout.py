"""How one arranged the window is how one finds it again, where it can be seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from caregiver.incidents.page import IncidentsPage
from caregiver.layout import column
from caregiver.main_window import MainWindow
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from qtkit.flow import Beside
from qtkit.shots import settle
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off, sideways

Opener = Callable[..., MainWindow]


def settings(folder: Path) -> QSettings:
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def incidents(window: MainWindow, qtbot: QtBot) -> IncidentsPage:
    window.alarm.show_work(None)
    page = at(window, "incidents", IncidentsPage)
    qtbot.waitUntil(lambda: not window.desk.background.busy and bool(page.model.rows), timeout=10_000)
    settle(window)
    return page


def drag(page: IncidentsPage, column: int, by: int) -> None:
    header = page.table.horizontalHeader()
    edge = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) - 1, header.height() // 2)
    there = QPoint(edge.x() + by, edge.y())
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), there)
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=there)


@pytest.mark.parametrize(("screen", "filled"), [(QRect(0, 0, 1366, 728), True), (QRect(0, 0, 1920, 1040), False)])
def test_a_screen_without_room_for_the_window_and_its_frame_is_filled(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: QRect, filled: bool
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: screen)
    window = open_window(settings=settings(tmp_path))
    assert bool(window.windowState() & Qt.WindowState.WindowMaximized) is filled


def test_columns_that_were_dragged_and_the_halves_of_a_page_stay_the_next_time_too(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    page = incidents(open_window(settings=settings(tmp_path)), qtbot)
    before = [page.table.columnWidth(n) for n in range(page.model.columnCount())]
    drag(page, 0, 40)
    assert page.table.columnWidth(0) == before[0] + 40
    page.split.moveSplitter(page.split.sizes()[0] - 60, 1)
    halves = page.split.sizes()
    page.window().close()

    again = incidents(open_window(settings=settings(tmp_path)), qtbot)
    assert again.table.columnWidth(0) == before[0] + 40
    assert again.table.columnWidth(1) == before[1]
    assert again.split.sizes() == pytest.approx(halves, abs=2)
    window = again.window()
    assert isinstance(window, MainWindow)
    window.desk.language.toggle()
    assert again.table.columnWidth(0) == before[0] + 40, "other words are no reason to undo what somebody did"
    window.desk.theme.set_scale(1.5)
    settle(window)
    assert again.table.columnWidth(0) == pytest.approx(1.5 * (before[0] + 40), abs=1)


@pytest.mark.parametrize("goes", [True, False])
def test_a_heading_that_was_held_while_the_window_went_was_not_dragged(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, goes: bool
) -> None:
    """The next width that Qt gave a column was kept for good, as if somebody had wanted it so."""
    kept = settings(tmp_path)
    page = incidents(open_window(settings=kept), qtbot)
    header, window = page.table.horizontalHeader(), page.window()
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, header.height() // 2))
    if goes:
        window.hide()
        window.show()
    else:
        QTest.mouseRelease(window, Qt.MouseButton.LeftButton)
    window.resize(window.width() + 200, window.height())
    settle(window)
    assert kept.value("columns/incidents") is None
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, header.height() // 2))
    drag(page, 0, 40)
    assert kept.value("columns/incidents") is not None


@pytest.mark.parametrize("kept", ["wide", "10 20", ""])
def test_widths_that_fit_no_column_are_passed_over(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, kept: str
) -> None:
    usual = incidents(open_window(), qtbot)
    widths = [usual.table.columnWidth(n) for n in range(usual.model.columnCount() - 1)]
    written = settings(tmp_path)
    written.setValue("columns/incidents", kept)
    page = incidents(open_window(settings=written), qtbot)
    assert [page.table.columnWidth(n) for n in range(page.model.columnCount() - 1)] == widths


def test_the_board_stands_as_cards_where_it_did(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(settings=settings(tmp_path))
    assert not window.board.form.isChecked()
    window.board.form.click()
    window.close()
    assert open_window(settings=settings(tmp_path)).board.form.isChecked()


def seen(window: MainWindow) -> bool:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    return screen.intersected(window.frameGeometry()).width() >= 200


def test_an_alarm_brings_a_window_back_that_nobody_could_see(window: MainWindow) -> None:
    window.move(9000, 4000)
    window.ringing.ring()
    assert seen(window)


def test_a_place_that_was_kept_on_a_display_that_is_gone_is_not_gone_to(open_window: Opener, tmp_path: Path) -> None:
    window = open_window(settings=settings(tmp_path))
    window.alarm.show_work(None)
    window.move(9000, 4000)
    window.close()
    assert seen(open_window(settings=settings(tmp_path)))


def test_a_list_has_what_is_chosen_below_it_where_the_window_is_narrow(window: MainWindow, qtbot: QtBot) -> None:
    page = incidents(window, qtbot)
    halves = page.split.sizes()
    assert page.split.orientation() is Qt.Orientation.Horizontal
    window.resize(800, 700)
    settle(window)
    assert page.split.orientation() is Qt.Orientation.Vertical
    assert not sideways(window)
    assert not cut_off(window)
    window.resize(1366, 768)
    settle(window)
    assert page.split.orientation() is Qt.Orientation.Horizontal
    assert page.split.sizes() == halves


def test_the_line_that_is_chosen_stays_in_sight_in_a_window_that_gets_smaller(window: MainWindow, qtbot: QtBot) -> None:
    """As it does with every alarm that is taken: it was chosen while the window filled the screen."""
    page = incidents(window, qtbot)
    page.period.choose("all")
    qtbot.waitUntil(lambda: not window.desk.background.busy and len(page.model.rows) > 9, timeout=10_000)
    settle(window)
    sight = page.table.viewport()
    page.table.selectRow(page.table.rowAt(sight.height() - 4))
    page.table.scrollTo(page.table.currentIndex())
    window.resize(1366, 600)
    settle(window)
    assert sight.rect().contains(page.table.visualRect(page.table.currentIndex()).adjusted(0, 0, 0, -1))


def test_what_is_said_above_a_page_is_as_high_as_its_words_where_the_window_is_narrow(
    window: MainWindow, qtbot: QtBot
) -> None:
    incidents(window, qtbot)
    window.mute.say("没有声音输出，告警不会响铃。请检查音箱。", "overdue", "speaker-off")
    window.resize(800, 800)
    settle(window)
    assert window.width() == 800
    assert window.mute.isVisible()
    assert window.mute.height() <= window.mute.heightForWidth(window.mute.width()) + 8
    assert window.top.height() < 120


def test_what_is_left_out_of_a_table_is_said_beneath_it_of_the_line_that_is_chosen(
    window: MainWindow, qtbot: QtBot
) -> None:
    model = TableModel(window.desk, [Column("name", str, 180), Column("age", lambda row: "82", 170, spare=True)])
    table = Table(window.desk, model, "test")
    model.show(["王秀兰", "李建国"])
    rest = rest_of_line(window.desk, table, model)
    frame = QWidget()
    frame.setLayout(column(table, rest))
    qtbot.addWidget(frame)
    frame.resize(400, 300)
    frame.show()
    table.selectRow(0)
    assert rest.isHidden(), "there is room for all of it"
    table.resize(330, 200)
    assert table.isColumnHidden(1)
    assert rest.text() == "年龄：82"
    model.replace(0, "长名" * 30)
    assert rest.text() == f"姓名：{'长名' * 30}；年龄：82"
    table.resize(400, 200)
    assert not table.isColumnHidden(1)


def test_parts_stand_beside_one_another_where_there_is_room(qtbot: QtBot) -> None:
    frame, left, right = QWidget(), QWidget(), QWidget()
    left.setMinimumSize(300, 100)
    right.setMinimumSize(400, 100)
    beside = Beside(left, right, space=10)
    beside.setParent(frame)
    qtbot.addWidget(frame)
    frame.resize(900, 300)
    beside.resize(710, 220)
    frame.show()
    settle(beside)
    assert left.y() == right.y()
    beside.resize(700, 220)
    settle(beside)
    assert right.y() >= left.y() + left.height() + 10
    assert beside.minimumSizeHint().width() == 400
    beside.resize(800, 220)
    settle(beside)
    assert left.y() == right.y()
