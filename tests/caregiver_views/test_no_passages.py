"""A computer to which no passage has ever come: it may be one that was enrolled without the gates' log, and then none will."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from caregiver.gatelog.page import GateLogPage
from caregiver.main_window import MainWindow
from caregiver.sample import Sample, lay
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import at
from tests.fakes.measure import cut_off


@pytest.fixture
def replica(tmp_path: Path) -> Path:
    """In place of the one with passages."""
    lay(folder := tmp_path / "replica", Sample(NOW, elders=4, residents=2, days=1, passages=0, incidents=False))
    return folder


def test_it_says_how_it_is_told_of_them_and_not_to_look_at_a_longer_time(window: MainWindow, qtbot: QtBot) -> None:
    page = at(window, "gatelog", GateLogPage)
    qtbot.waitUntil(lambda: page.none.isVisibleTo(page), timeout=10_000)
    device = window.state.journal.device
    assert f"shouwang-district scope {device} --community jinxiu --gate-log" in page.none.label.text()
    settle(window)
    assert cut_off(window) == []
