"""The plots of a report, as large as the window leaves them."""

from itertools import pairwise

import pytest
from PySide6.QtGui import QFontMetrics
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
