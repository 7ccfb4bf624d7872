"""Tables as they are painted."""

import pytest
from pytestqt.qtbot import QtBot

from caregiver.incidents.page import IncidentsPage
from caregiver.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise")


def test_a_state_keeps_its_colour_in_the_chosen_row(window: MainWindow, qtbot: QtBot) -> None:
    page = window.go("incidents")
    assert isinstance(page, IncidentsPage)
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
