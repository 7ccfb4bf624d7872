"""A call from the gate, above whatever page is open."""

import pytest
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from qtkit.shots import settle
from tests.fakes.measure import cut_off

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_a_call_from_the_gate_stands_above_every_page(window: MainWindow, qtbot: QtBot) -> None:
    from caregiver.invented import Feed

    window.alarm.show_work(None)
    state = window.state
    item = Feed("jinxiu", 77).item("call.started", {"call": "c9", "gate": "gate-north"}, None, state.now(), "kiosk-c9")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([item])
    window.alarm.show_work(None)
    settle(window)
    assert window.call.isVisible()
    assert "北门" in window.call.line.text()
    assert cut_off(window) == []
    window.call.answer.click()
    assert window.call.why.isVisible()
    window.call.refuse.click()
    assert not window.call.isVisible()
