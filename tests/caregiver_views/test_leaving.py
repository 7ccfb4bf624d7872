"""The cross of the window: what it costs is said, and the way to have it out of sight and still be rung for."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from caregiver.frame.leaving import Leaving
from caregiver.main_window import MainWindow
from tests.fakes.closing import press_the_cross
from tests.fakes.there import there


@pytest.fixture
def calm(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    window = open_window("en")
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    qtbot.waitUntil(window.isVisible)
    return window


def asked(window: MainWindow, qtbot: QtBot) -> Leaving:
    press_the_cross(window)
    qtbot.waitUntil(lambda: window.findChild(Leaving) is not None)
    return there(window.findChild(Leaving))


def test_somebody_who_presses_the_cross_hears_what_it_costs_and_watches_on(calm: MainWindow, qtbot: QtBot) -> None:
    asks = asked(calm, qtbot)
    assert calm.isVisible()
    assert asks.focusWidget() is asks.stay, "Enter does the harmless"
    qtbot.keyClick(asks, Qt.Key.Key_Return)
    assert calm.isMinimized()
    qtbot.waitUntil(lambda: not isValid(asks))


def test_the_question_has_the_keyboard(calm: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutter gives a window that opens by itself none, unless it asks: Enter went to the list beneath."""
    asked_for: list[Leaving] = []
    monkeypatch.setattr(Leaving, "activateWindow", lambda self: asked_for.append(self))
    assert asked_for == [asked(calm, qtbot)]


def test_escape_leaves_everything_as_it_was(calm: MainWindow, qtbot: QtBot) -> None:
    asks = asked(calm, qtbot)
    qtbot.keyClick(asks, Qt.Key.Key_Escape)
    assert calm.isVisible()
    assert not calm.isMinimized()


def test_whoever_presses_it_again_is_asked_once(calm: MainWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        press_the_cross(calm)
    qtbot.waitUntil(lambda: len(calm.findChildren(Leaving)) == 1)
    there(calm.findChild(Leaving)).stay.click()
    assert calm.isMinimized()
    qtbot.waitUntil(lambda: calm.findChild(Leaving) is None)


def test_who_means_it_closes_it(calm: MainWindow, qtbot: QtBot) -> None:
    asked(calm, qtbot).end.click()
    assert not calm.isVisible()


def test_a_machine_that_shuts_down_is_not_kept_waiting(calm: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QGuiApplication, "isSavingSession", lambda *_: True)
    press_the_cross(calm)
    assert not calm.isVisible()
