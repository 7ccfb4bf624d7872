"""A window that comes before all others and goes back, on a screen larger than it (in a process of its own, for its size)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPlatformSurfaceEvent
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from qtkit.windows import APPEAR_MS, OverAll, bring_forward, clear_the_way
from tests.fakes.there import there

BEFORE = """
from time import monotonic
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget
from qtkit.windows import OverAll

app = QApplication([])
window, browser = QWidget(), QWidget()
window.setGeometry(100, 100, 900, 600)
window.show()
browser.setGeometry(0, 0, 1000, 700)


def seen(word):
    print(word, window.isVisible(), window.isActiveWindow(), window.isFullScreen(), *window.size().toTuple(), flush=True)


def until(holds):
    end = monotonic() + 20
    while not holds():
        assert monotonic() < end, "it has not come to that"
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def in_front_of_it():
    browser.show()
    browser.activateWindow()
    until(browser.isActiveWindow)


over = OverAll(window)
%s
"""
STEPS = {
    "behind another": """
in_front_of_it()
over.come()
seen("at once")
until(window.isActiveWindow)
seen("then")
over.go_back()
until(lambda: window.size().toTuple() == (900, 600))
seen("after")
""",
    "in its icon": """
window.showMinimized()
in_front_of_it()
over.come()
until(window.isActiveWindow)
seen("then")
over.go_back()
until(lambda: window.size().toTuple() == (900, 600))
seen("after")
""",
    "maximised, and twice": """
window.showMaximized()
in_front_of_it()
over.come()
until(window.isActiveWindow)
in_front_of_it()
over.come()
until(window.isActiveWindow)
seen("then")
over.go_back()
until(window.isMaximized)
seen("after")
""",
    "taken before it has come": """
in_front_of_it()
over.come()
over.go_back()
until(window.isActiveWindow)
seen("then")
""",
}
FULL, PLAIN, ALL = "True True True 1920 1080", "True True False 900 600", "True True False 1920 1080"
EXPECTED = {
    "behind another": ["at once False False False 900 600", f"then {FULL}", f"after {PLAIN}"],
    "in its icon": [f"then {FULL}", f"after {PLAIN}"],
    "maximised, and twice": [f"then {FULL}", f"after {ALL}"],
    "taken before it has come": [f"then {PLAIN}"],
}


@pytest.mark.parametrize("case", STEPS)
def test_it_comes_anew_over_what_was_in_front_and_goes_back_to_how_it_stood(tmp_path: Path, case: str) -> None:
    (screens := tmp_path / "screens.json").write_text(
        json.dumps({"screens": [{"name": "desk", "x": 0, "y": 0, "width": 1920, "height": 1080}]})
    )
    own = {"QT_QPA_PLATFORM": f"offscreen:configfile={screens}", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", BEFORE % STEPS[case]], capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | own,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == EXPECTED[case]


def test_the_keyboard_is_where_it_was_whatever_became_active_while_the_window_was_gone(
    clean_app: QApplication, qtbot: QtBot
) -> None:
    """A dialog that closes gives the keyboard to a window that is hidden by then, and Qt goes on from what cannot be seen: on GNOME
    Enter rang the elder up instead of taking the alarm."""
    window, before = QWidget(), QWidget()
    for each in (window, before):
        qtbot.addWidget(each)
    take, call = QPushButton("take", window), QPushButton("call", window)
    window.show()
    take.setFocus()
    before.show()
    before.activateWindow()
    qtbot.waitUntil(before.isActiveWindow)
    bring_forward(window)
    assert not window.isVisible()
    take.focusNextPrevChild(True)  # as Qt does with a window that is made active
    assert window.focusWidget() is call
    qtbot.waitUntil(window.isActiveWindow)
    assert window.focusWidget() is take


def test_asked_for_again_while_it_is_gone_it_comes_once_with_the_keyboard_where_it_was(
    clean_app: QApplication, qtbot: QtBot
) -> None:
    """A second alarm within the moment in which the window comes for the first."""
    window, before = QWidget(), QWidget()
    for each in (window, before):
        qtbot.addWidget(each)
    take, call = QPushButton("take", window), QPushButton("call", window)
    order, over = Order(window), OverAll(window)
    window.show()
    take.setFocus()
    before.show()
    before.activateWindow()
    qtbot.waitUntil(before.isActiveWindow)
    over.come()
    take.focusNextPrevChild(True)  # as Qt does with a window that is made active
    over.come()
    assert window.isHidden(), "shown within one turn it would not be painted"
    assert window.focusWidget() is call
    qtbot.waitUntil(window.isActiveWindow)
    assert window.focusWidget() is take
    assert order.shown == [window, window]


class Order(QObject):
    """Which of the windows that are watched were shown, in order."""

    def __init__(self, *windows: QWidget) -> None:
        super().__init__()
        self.shown: list[QObject] = []
        for window in windows:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self.shown.append(watched)
        return False


def behind_another(qtbot: QtBot) -> tuple[QWidget, QDialog]:
    """A window from which a dialog that is not modal was opened, and somebody works in another."""
    window, another = QWidget(), QWidget()
    dialog = QDialog(window)
    for each in (window, another):
        qtbot.addWidget(each)
        each.show()
    dialog.show()
    another.activateWindow()
    qtbot.waitUntil(another.isActiveWindow)
    return window, dialog


def test_what_was_opened_from_a_window_comes_forward_with_it_and_over_it(clean_app: QApplication, qtbot: QtBot) -> None:
    """Under openbox the list of keys stayed behind the other program, and beneath its own window."""
    window, dialog = behind_another(qtbot)
    order = Order(window, dialog)
    bring_forward(window)
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: window.isActiveWindow() and dialog.isVisible())
    assert order.shown == [window, dialog]
    assert dialog.result() == 0


class Belongs(QObject):
    """To which window a dialog belonged each time that its owner was taken from the system."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__()
        self._handle, self.seen = there(dialog.windowHandle()), list[object]()
        self._handle.transientParent().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        goes = QPlatformSurfaceEvent.SurfaceEventType.SurfaceAboutToBeDestroyed
        if isinstance(event, QPlatformSurfaceEvent) and event.surfaceEventType() == goes:
            self.seen.append(self._handle.transientParent())
        return False


def test_nothing_belongs_to_a_window_while_it_is_taken_from_the_system(clean_app: QApplication, qtbot: QtBot) -> None:
    """On Wayland Qt closes what belongs to a window that is destroyed: the list of keys was gone after a call from a gate."""
    window, dialog = behind_another(qtbot)
    owner, belongs = there(window.windowHandle()), Belongs(dialog)
    bring_forward(window)
    qtbot.waitUntil(lambda: window.isVisible() and dialog.isVisible())
    assert belongs.seen == [None]
    assert there(dialog.windowHandle()).transientParent() is owner


def test_what_is_closed_for_an_alarm_while_it_was_gone_does_not_come_over_it(
    clean_app: QApplication, qtbot: QtBot
) -> None:
    window, dialog = behind_another(qtbot)
    order, closed = Order(window, dialog), list[int]()
    later = QTimer(singleShot=True, interval=2 * APPEAR_MS)
    dialog.finished.connect(closed.append)
    dialog.finished.connect(dialog.deleteLater)  # as most are
    bring_forward(window)
    clear_the_way(window)
    bring_forward(window)
    with qtbot.waitSignal(later.timeout):
        later.start()
    assert closed == [QDialog.DialogCode.Rejected]
    assert order.shown == [window]


def test_on_windows_it_stays_on_top_for_as_long_as_it_rings(
    clean_app: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "windows")
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    over = OverAll(window)
    over.come()
    assert there(window.windowHandle()).flags() & Qt.WindowType.WindowStaysOnTopHint
    over.go_back()
    assert not there(window.windowHandle()).flags() & Qt.WindowType.WindowStaysOnTopHint
