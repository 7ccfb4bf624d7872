"""A camera that is missing, unplugged in the middle, frozen: through the real feed to the real window and back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from domain.errors import Mendable
from kiosk.camera.feed import CameraFeed
from kiosk.camera.port import Frame
from kiosk.gatehouse import camera_changed
from kiosk.screens.pages import MessagePage
from kiosk.screens.window import KioskWindow
from kiosk.visit.view import Screen
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.kiosk_screens.shown import page
from tests.kiosk_visit.visits import Bench


class FaultyCamera:
    """Gives frames until `fail` is set, then fails with a code; `opens` False fails at once."""

    simulated = False

    def __init__(self, code: str) -> None:
        self.code, self.opens, self.fail, self.closed = code, False, Event(), Event()

    def open(self) -> "FaultyCamera":
        if not self.opens:
            raise Mendable(self.code, source="USB 0")
        self.fail.clear()
        self.closed.clear()
        return self

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while not self.fail.wait(0.005):
            if self.closed.is_set():
                return
            yield Frame(np.zeros((36, 64, 3), np.uint8), datetime.now(UTC), monotonic(), index)
            index += 1
        raise Mendable(self.code, source="USB 0")

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("code", ["camera_missing", "camera_lost", "camera_frozen"])
def test_the_screen_says_so_and_recovers_by_itself(qtbot: Any, qapp: QApplication, code: str) -> None:
    bench, camera = Bench(), FaultyCamera(code)
    window = KioskWindow(bench.visit, Language("en"), Theme(qapp, "kiosk", Mode.LIGHT), now=lambda: bench.now)
    qtbot.addWidget(window)
    window.resize(800, 1280)
    window.show()
    feed = CameraFeed(camera.open, on_state=lambda state: camera_changed(state, window.take), back_off_s=(0.01,))

    def shows(screen: Screen) -> Callable[[], bool]:
        return lambda: window.stage.currentWidget() is window.pages[screen] and bench.view.screen is screen

    feed.start()
    try:
        qtbot.waitUntil(shows(Screen.OUT_OF_ORDER))
        assert "USB 0" in page(window, Screen.OUT_OF_ORDER, MessagePage).unmended.text()
        camera.opens = True
        qtbot.waitUntil(shows(Screen.STANDBY))
        qtbot.waitUntil(lambda: feed.latest() is not None)
        camera.opens = False
        camera.fail.set()
        qtbot.waitUntil(shows(Screen.OUT_OF_ORDER))
        camera.opens = True
        qtbot.waitUntil(shows(Screen.STANDBY))
    finally:
        feed.stop()
        window.close()
        qapp.setStyleSheet("")
