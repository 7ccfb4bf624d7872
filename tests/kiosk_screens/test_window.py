"""The real window, driven by fingers, keys and events."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from domain.identification import Outcome, Reason
from kiosk.screens.camera_view import CameraView
from kiosk.screens.pages import MessagePage
from kiosk.screens.pictured import SCENES, Stage
from kiosk.screens.pin_page import PinPage
from kiosk.screens.stand_in import stand_in
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import OpenGate, Speak
from kiosk.visit.events import Press
from kiosk.visit.faults import Fault, Part
from kiosk.visit.view import Screen, Way
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Theme
from tests.fakes.measure import cut_off
from tests.kiosk_screens.shown import page, words
from tests.kiosk_visit.visits import SETTINGS, Bench, asked, decided, seen


def test_a_finger_on_a_way_and_back(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, effects = kiosk
    qtbot.mouseClick(window.ways.buttons[Way.CARD], Qt.MouseButton.LeftButton)
    assert bench.screen() is Screen.CARD
    assert Speak("card") in effects
    qtbot.mouseClick(window.footer.back, Qt.MouseButton.LeftButton)
    assert bench.screen() is Screen.STANDBY


def test_everything_works_from_the_keyboard(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, _ = kiosk
    qtbot.keyClick(window, Qt.Key.Key_F2)
    assert bench.screen() is Screen.PIN
    qtbot.keyClicks(window, "325017")
    qtbot.keyClick(window, Qt.Key.Key_Backspace)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert bench.view.pin is not None
    assert bench.view.pin.flat == "32501"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert bench.screen() is Screen.STANDBY
    for key, screen in ((Qt.Key.Key_F1, Screen.CARD), (Qt.Key.Key_F3, Screen.QR), (Qt.Key.Key_F4, Screen.CALLING)):
        qtbot.keyClick(window, key)
        assert bench.screen() is screen


def test_a_pin_by_touch(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, _ = kiosk
    window.press(Way.PIN)
    pad = page(window, Screen.PIN, PinPage)
    for key in ("3", "2", Press.ERASE, Press.ENTER, "1", "2", "3", "4"):
        qtbot.mouseClick(pad.keys[key], Qt.MouseButton.LeftButton)
    assert bench.view.pin is not None
    assert (bench.view.pin.flat, bench.view.pin.digits) == ("3", 4)
    assert pad.field.text() == "●●●●"


def test_the_language_is_switched_while_somebody_stands_there(
    kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any
) -> None:
    bench, window, _ = kiosk
    bench.send(seen(), decided("p-li"))
    window.refresh()
    said = words(window, Screen.IDENTIFIED)
    assert said.headline.text().startswith("李先生")
    qtbot.mouseClick(window.footer.switch, Qt.MouseButton.LeftButton)
    assert said.headline.text() == "Good morning, Mr Li"
    assert said.foreign.text().startswith("李先生")


def test_events_from_another_thread_reach_the_screen_and_effects_leave_it(
    kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any
) -> None:
    from threading import Thread

    _, window, effects = kiosk

    def pour_in() -> None:
        window.take(seen())
        window.take(decided("p-li"))

    with qtbot.waitSignal(window.effect):
        thread = Thread(target=pour_in)
        thread.start()
    thread.join()
    assert OpenGate("v1", 5.0) in effects
    assert window.stage.currentWidget() is window.pages[Screen.IDENTIFIED]


@pytest.mark.parametrize(
    ("code", "zh"), [("camera_missing", "摄像头"), ("camera_lost", "摄像头"), ("camera_frozen", "摄像头")]
)
def test_a_camera_fault_is_one_clear_sentence_and_leaves_when_it_is_mended(
    kiosk: tuple[Bench, KioskWindow, list[object]], code: str, zh: str
) -> None:
    bench, window, _ = kiosk
    bench.send(Fault(Part.CAMERA, code, {"source": "USB 0"}))
    window.refresh()
    settle(window)
    shown = page(window, Screen.OUT_OF_ORDER, MessagePage)
    assert zh in shown.unmended.text()
    assert shown.unmended.isVisible()
    assert shown.words.second.text() == "下面的方式仍可开门", "whoever waits there is not the one who mends it"
    assert not window.ways.buttons[Way.QR].isEnabled()
    assert window.ways.buttons[Way.CARD].isEnabled()
    assert cut_off(window) == []
    bench.send(Fault(Part.CAMERA))
    window.refresh()
    assert window.ways.buttons[Way.QR].isEnabled()
    assert window.stage.currentWidget() is window.pages[Screen.STANDBY]


def test_a_failure_of_ours_is_a_sentence_for_a_while(kiosk: tuple[Bench, KioskWindow, list[object]]) -> None:
    bench, window, _ = kiosk
    window.say_trouble("程序出了问题，详情已记入日志：kiosk.log")
    assert "kiosk.log" in window.notes.label.text()
    bench.press(Way.CARD)
    bench.now += timedelta(seconds=29)
    window._tick()
    assert window.notes.isVisible()
    assert cut_off(window) == []
    bench.now += timedelta(seconds=1)
    window._tick()
    assert not window.notes.isVisible()


def test_an_elder_presses_i_am_well(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, effects = kiosk
    bench.send(seen(), decided("p-wang"))
    window.refresh()
    well = page(window, Screen.IDENTIFIED, MessagePage).well
    assert well.height() >= 112
    qtbot.mouseClick(well, Qt.MouseButton.LeftButton)
    assert "ReportWell" in {type(effect).__name__ for effect in effects}
    assert not well.isEnabled()


def test_the_lantern_held_for_three_seconds_asks_for_the_staff_pin(
    kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any
) -> None:
    bench, window, _ = kiosk
    mark = window.header.mark
    mark._timer.setInterval(5)
    qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert bench.screen() is Screen.STANDBY
    with qtbot.waitSignal(mark.held):
        qtbot.mousePress(mark, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(mark, Qt.MouseButton.LeftButton)
    assert bench.screen() is Screen.PIN


def test_unknown_is_never_red(kiosk: tuple[Bench, KioskWindow, list[object]]) -> None:
    bench, window, _ = kiosk
    bench.send(seen(), decided(None, Outcome.UNKNOWN, Reason.NO_MATCH))
    window.refresh()
    settle(window)
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    red = window._theme.colour("alarm").rgb()
    assert all(image.pixel(x, y) != red for x in range(0, 800, 5) for y in range(0, 1280, 5))


# ---------------------------------------------------------------- the picture


def camera(window: KioskWindow) -> CameraView:
    return window.camera


def test_the_picture_is_a_mirror(qtbot: Any, themed: Callable[[float], Theme]) -> None:
    import numpy as np

    from kiosk.camera.port import Frame
    from kiosk.screens.camera_view import Guide
    from tests.kiosk_visit.visits import START

    image = np.zeros((90, 160, 3), np.uint8)
    image[:, :80] = (255, 0, 0)  # blue on the camera's left
    view = CameraView(themed(1.0), lambda: Frame(image, START, 0.0, 0), Guide.NONE)
    qtbot.addWidget(view)
    view.resize(320, 180)
    shown = view.grab().toImage()
    assert shown.pixelColor(240, 90).blue() == 255
    assert shown.pixelColor(80, 90).blue() == 0


def test_the_lantern_stands_where_it_was_asked_and_comes_back(qtbot: Any, themed: Callable[[float], Theme]) -> None:
    view = CameraView(themed(1.0), lambda: None)
    qtbot.addWidget(view)
    now, places = [0.0], []
    view.monotonic = lambda: now[0]
    for now[0] in (-0.1, 0.5, 2.0, 3.5, 9.0):
        places.append(view.lantern_place(asked()))
    assert places == [0.5, 0.18, 0.5, 0.82, 0.5]


def test_the_ring_grows_with_the_evidence(kiosk: tuple[Bench, KioskWindow, list[object]]) -> None:
    bench, window, _ = kiosk

    def lantern_pixels(evidence: float) -> int:
        bench.send(seen(evidence=evidence))
        window.refresh()
        settle(window)
        image = window.camera.grab().toImage()
        colour = window._theme.colour("lantern").rgb()
        return sum(image.pixel(x, y) == colour for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))

    assert lantern_pixels(0.0) < lantern_pixels(0.3) < lantern_pixels(0.9)


def test_events_that_pour_in_neither_keep_the_window_from_painting_nor_wait_behind_one_another(
    qtbot: Any, themed: Callable[[float], Theme]
) -> None:
    """Sightings without a pause from a thread until it has painted 40 times; how fast it paints is the bench's to measure."""
    from threading import Event, Thread

    window = Stage(themed(1.0), Language("zh"), SETTINGS, stand_in()).play(SCENES["approaching"])
    qtbot.addWidget(window)
    window.setFixedSize(800, 1280)
    window.show()
    end = Event()

    def pour() -> None:
        n = 0
        while not end.wait(0.01):
            n += 1
            window.take(seen(evidence=(n % 100) / 200))
        window.take(seen(evidence=0.75))

    thread = Thread(target=pour)
    thread.start()
    qtbot.waitUntil(lambda: len(window.camera.gaps_ms) >= 40, timeout=60_000)
    end.set()
    thread.join()
    settle(window)
    assert window._presenter.view().ring == 0.75, "nothing is left over"
