"""A line of the board with an open incident: what happened, since when, and who has it or is asked next."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.sample import Feed, open_incident
from tests.caregiver_views.conftest import NOW

pytestmark = pytest.mark.qt_log_ignore("does not support")
Opener = Callable[..., MainWindow]


def line_of(window: MainWindow, elder: str) -> str:
    row = window.board.model.row_of(elder)
    assert row is not None
    return str(window.board.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_ladder_counts_down_in_the_line_until_somebody_takes_it(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.desk.state
    (ringing, *_) = state.incidents.ringing()
    assert "Call for help · 00:41 · the community in 00:19" in line_of(window, ringing.elder)
    state.acknowledge(ringing.id)
    me = state.name_of(state.session.person)
    qtbot.waitUntil(lambda: f"{me} has it" in line_of(window, ringing.elder))
    assert "the community in" not in line_of(window, ringing.elder)


def test_the_sidebar_counts_what_is_open(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    alarms, state = window.side.nav["incidents"], window.desk.state
    open_now = len(state.incidents.open())
    assert alarms.text() == f"Alarms  {open_now}"
    window.desk.language.toggle()
    assert alarms.text() == f"告警  {open_now}"
    elder = window.board.model.elders[-1].id
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb(
            list(open_incident(Feed("jinxiu", 36), "another", "sos", elder, NOW, "kitchen", device="d8"))
        )
    assert alarms.text() == f"告警  {open_now + 1}"


def test_the_clock_moves_while_nothing_else_does(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("en")
    (ringing, *_) = window.desk.state.incidents.ringing()
    window.alarm.hide()
    monkeypatch.setattr(window.desk.state, "now", lambda: NOW + timedelta(seconds=10))
    with qtbot.waitSignal(window.board.list.painted, timeout=5000):
        pass
    assert "00:51 · the community in 00:09" in line_of(window, ringing.elder)
