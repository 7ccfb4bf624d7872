"""Tables as they are painted."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.incidents.page import IncidentsPage
from caregiver.main_window import MainWindow
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.residents.page import ResidentsPage
from qtkit.shots import settle
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import at


def test_a_state_keeps_its_colour_in_the_chosen_row(window: MainWindow, qtbot: QtBot) -> None:
    page = at(window, "incidents", IncidentsPage)
    qtbot.waitUntil(lambda: bool(page.model.rows), timeout=10_000)
    cell = page.model.index(0, 0)
    page.table.selectRow(0)
    picture = page.table.viewport().grab(page.table.visualRect(cell)).toImage()
    found = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    words = picture.copy(picture.width() // 3, 0, picture.width() * 2 // 3, picture.height())
    written = {words.pixelColor(x, y).name() for x in range(words.width()) for y in range(words.height())}
    alarm, chosen = window.desk.theme.hex("alarm").lower(), window.desk.theme.hex("sunken").lower()
    assert chosen in found
    assert alarm in found
    assert alarm in written


def test_what_is_told_on_hover_is_no_markup(window: MainWindow) -> None:
    model = TableModel(window.desk, [Column("name", lambda row: row)])
    model.show(["<b>王</b>", "王秀兰 & 李"])
    told = [model.index(n, 0).data(Qt.ItemDataRole.ToolTipRole) for n in range(2)]
    assert told == ["<qt>&lt;b&gt;王&lt;/b&gt;</qt>", "王秀兰 & 李"]


def test_what_a_line_says_later_is_given_its_room(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    columns = [Column("verdict", lambda r: r[0], 48), Column("name", lambda r: r[1], 48)]
    model = TableModel(window.desk, columns)
    model.show([("", "王"), ("", "李")])
    table = Table(window.desk, model, "test")
    qtbot.addWidget(table)
    table.resize(640, 300)
    table.show()
    model.replace(1, ("needs a second reader", "李"))
    assert table.columnWidth(0) >= table.sizeHintForIndex(model.index(1, 0)).width()
    model.show([("kept here, and not yet sent to the district", "王")])
    assert table.columnWidth(0) >= table.sizeHintForIndex(model.index(0, 0)).width()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_what_is_wrong_with_a_line_of_a_table_is_said_whole(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, scale: float
) -> None:
    window = open_window("en", scale=scale)
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    path = tmp_path / "t.csv"
    path.write_text(
        "姓名,门牌,出生日期,电话\n陆阿宝,7-1-101,1941-05-12,138 0000 7001\n钱文元,,1950-07-21,请问儿子\n", "utf-8"
    )
    page.importing.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    settle(window)
    assert page.importing.table.hasFocus()
    assert page.importing.line.text().startswith("Line 3: 钱文元 · 1950-07-21 · 请问儿子 · Flat missing.")
    table = page.importing.table
    shown = [column.key for n, column in enumerate(page.importing.lines.columns) if not table.isColumnHidden(n)]
    assert shown == ["line", "name", "flat", *(["born", "phone"] if scale == 1.0 else []), "check"]
    last = page.importing.lines.columnCount() - 1
    good = page.importing.lines.index(1, last)
    assert table.sizeHintForIndex(good).width() <= table.columnWidth(last), "and most of it fits its column"
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert (
        page.importing.line.text()
        == "Line 2: 陆阿宝 · 7-1-101 · 1941-05-12 · 138 0000 7001 · "
        + page.importing.problems(page.importing.lines.rows[1])
    )
