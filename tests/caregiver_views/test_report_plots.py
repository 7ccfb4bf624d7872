"""The plots of a report, as large as the window leaves them."""

from itertools import pairwise

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.reports.page import ReportsPage
from tests.caregiver_views.pages import at
from tests.fakes.there import there


@pytest.mark.parametrize("width", [260, 900])
def test_the_days_under_a_plot_stand_clear_of_one_another(window: MainWindow, qtbot: QtBot, width: int) -> None:
    page = at(window, "reports", ReportsPage)
    page.period.choose("month")
    qtbot.waitUntil(lambda: page._report is not None and len(there(page._report).per_day) == 31, timeout=10_000)
    drawn = page.days
    drawn.setFixedSize(width, 200)
    qtbot.waitUntil(lambda: drawn.plot.width() == width)
    axis = drawn.plot.getAxis("bottom")
    (named,) = axis._tickLevels
    a_day = (drawn.plot.width() - drawn.plot.getAxis("left").width()) / 31
    words = QFontMetrics(axis.style["tickFont"]).horizontalAdvance("00-00")
    assert len(named) >= 3
    assert min((later - day) * a_day - words for (day, _), (later, _) in pairwise(named)) > 0


def test_a_report_that_says_the_same_is_not_drawn_again_but_in_another_language(
    window: MainWindow, qtbot: QtBot
) -> None:
    def first_card() -> QWidget:
        qtbot.waitUntil(lambda: page._report is not None and not window.desk.background.busy, timeout=10_000)
        return there(there(page.cards.itemAt(0)).widget())

    page = at(window, "reports", ReportsPage)
    before = first_card()
    page.shown()
    assert first_card() is before
    window.desk.language.toggle()
    assert first_card() is not before
