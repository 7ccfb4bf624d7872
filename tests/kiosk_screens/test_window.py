"""The real window, driven by fingers, keys and events; every screen measured in both languages, upright and on its side."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPushButton

from assets.words import LANGUAGES
from domain.identification import Outcome, Reason
from domain.passages import Hours
from kiosk.screens.camera_view import CameraView
from kiosk.screens.gallery import FLAT, GUESTS, SCENES, SIZES, Stage
from kiosk.screens.shape import panel_scale
from kiosk.screens.stand_in import stand_in
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import OpenGate, Speak
from kiosk.visit.events import Chosen, Press, Pressed, ResidentsFound
from kiosk.visit.faults import Fault, Part
from kiosk.visit.people import Newcomer
from kiosk.visit.view import Screen, Way
from qtkit.i18n import Language
from qtkit.measure import cut_off
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.inspecting import nameless
from tests.fakes.painted import too_faint, words
from tests.kiosk_visit.visits import SETTINGS, Bench, asked, decided, seen

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
# What takes more room than the scenes that are drawn: a full flat, a guardian who renews, a visitor just gone by.
CROWDED = {
    "household": (
        *FLAT[:-1],
        ResidentsFound(tuple(Newcomer(f"p{n}", GUESTS["wang"].greeting, enrolled=n > 1, outdated=n > 4) for n in range(8))),
    ),
    "guardian renews": (
        *FLAT[:-1],
        ResidentsFound((Newcomer("xiao", {"zh": "李同学", "en": "Young Li"}, minor=True, enrolled=True, outdated=True),)),
        Chosen("xiao"),
    ),
    "a visitor may be taken over": SCENES["maintenance"],
    "is this you": (
        *FLAT[:2], Pressed(Press.TAKE_OVER), *FLAT[3:-1], ResidentsFound((Newcomer("li", GUESTS["li"].greeting),)), Chosen("li"),
    ),
}  # fmt: skip
PANELS = SIZES | {"full-hd": (1920, 1080), "tall": (1080, 1920), "low": (1024, 600)}


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[Callable[[float], Theme]]:
    yield lambda scale: Theme(qapp, "kiosk", Mode.LIGHT, scale, reduced_motion=True)
    qapp.setStyleSheet("")


@pytest.fixture
def kiosk(qtbot: Any, themed: Callable[[float], Theme]) -> tuple[Bench, KioskWindow, list[object]]:
    """A bench with its window at 800 x 1280, and the effects the window passed on."""
    bench = Bench()
    window = KioskWindow(bench.visit, Language("zh"), themed(1.0), now=lambda: bench.now)
    qtbot.addWidget(window)
    effects: list[object] = []
    window.effect.connect(effects.append)
    window.resize(800, 1280)
    window.show()
    settle(window)
    return bench, window, effects


@pytest.mark.parametrize("size", PANELS.values(), ids=PANELS.keys())
@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_cut_off_and_every_button_is_large_enough_on_any_screen(
    qtbot: Any, themed: Callable[[float], Theme], size: tuple[int, int], code: str
) -> None:
    theme = themed(panel_scale(*size))
    found, small = {}, {}
    crowded = replace(SETTINGS, simulated_camera=True, simulated_gate=True)  # the notes take room from everything else
    for name, scene in {**SCENES, **CROWDED}.items():
        window = Stage(theme, Language(code), crowded, stand_in(320, 180), visitor=name in CROWDED).play(scene)
        qtbot.addWidget(window)
        window.setFixedSize(*size)
        window.show()
        settle(window)
        found[name] = cut_off(window)
        buttons = [button for button in window.findChildren(QPushButton) if button.isVisible()]
        small[name] = [b.accessibleName() or b.text() for b in buttons if min(b.width(), b.height()) < 96]
        window.close()
    assert {name: cut for name, cut in found.items() if cut} == {}
    assert {name: words for name, words in small.items() if words} == {}


@pytest.mark.parametrize("size", PANELS.values(), ids=PANELS.keys())
@pytest.mark.parametrize("code", LANGUAGES)
def test_at_the_hours_of_elders_words_are_larger_wherever_there_is_room_and_nothing_is_cut_off(
    qtbot: Any, themed: Callable[[float], Theme], size: tuple[int, int], code: str
) -> None:
    theme = themed(panel_scale(*size))
    for name, scene in SCENES.items():
        if name.startswith(("enrol", "maintenance", "pin", "staff")):
            continue
        usual, elders = (
            Stage(theme, Language(code), replace(SETTINGS, elder_hours=hours), stand_in(320, 180)).play(scene)
            for hours in ((), (Hours(),))
        )
        pixels = []
        for window in (usual, elders):
            qtbot.addWidget(window)
            window.setFixedSize(*size)
            window.show()
            settle(window)
            assert cut_off(window) == [], name
            page: Any = window.stage.currentWidget()
            pixels.append(page.words.headline.fontInfo().pixelSize() if hasattr(page, "words") else 0)
            window.close()
        assert pixels[1] >= pixels[0], name
        if size == SIZES["portrait"] and name in ("coaching", "unknown", "unsure"):
            assert pixels[1] > pixels[0], name


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_every_screen_stands_out_by_eye_and_has_names_for_those_who_do_not_see(
    qapp: QApplication, qtbot: Any, mode: Mode
) -> None:
    size = SIZES["portrait"]
    theme = Theme(qapp, "kiosk", mode, panel_scale(*size), reduced_motion=True)
    faint, unnamed = {}, {}
    for name, scene in SCENES.items():
        window = Stage(theme, Language("en"), SETTINGS, stand_in(320, 180)).play(scene)
        qtbot.addWidget(window)
        window.setFixedSize(*size)
        window.show()
        settle(window)
        assert len(words(window)) > 3, name
        faint[name], unnamed[name] = too_faint(window, 4.5, zoom=1), nameless(window)
        window.close()
    qapp.setStyleSheet("")
    assert (bad := {name: lines for name, lines in faint.items() if lines}) == {}, bad
    assert (bad := {name: lines for name, lines in unnamed.items() if lines}) == {}, bad


@pytest.mark.parametrize(("panel", "least"), [("portrait", 36), ("landscape", 36), ("tall", 48), ("low", 28)])
@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_agreed_to_is_as_large_as_there_is_room_for(
    qtbot: Any, themed: Callable[[float], Theme], panel: str, least: int, code: str
) -> None:
    """Somebody of 82 with bad eyes reads it: words for small print are 28 px."""
    size = PANELS[panel]
    window = Stage(themed(panel_scale(*size)), Language(code), SETTINGS, stand_in(320, 180)).play(
        SCENES["enrol-consent"]
    )
    qtbot.addWidget(window)
    window.setFixedSize(*size)
    window.show()
    settle(window)
    assert window.pages[Screen.ENROL].terms.words.font().pixelSize() >= least


@pytest.mark.parametrize("size", PANELS.values(), ids=PANELS.keys())
@pytest.mark.parametrize("code", LANGUAGES)
def test_words_that_grew_give_way_when_something_else_wants_the_room(
    qtbot: Any, themed: Callable[[float], Theme], size: tuple[int, int], code: str
) -> None:
    """One window through every screen, one after the other, and back: each leaves the next its room."""
    stage = Stage(themed(panel_scale(*size)), Language(code), SETTINGS, stand_in(320, 180))
    window = stage.play(())
    qtbot.addWidget(window)
    window.setFixedSize(*size)
    window.show()
    found = {}
    names = (
        "unknown",
        "identified-elder",
        "unknown",
        "out-of-order",
        "identified",
        "calling-next",
        "enrol-done",
        "enrol-doubt",
    )
    for name in names:
        window._presenter = stage.play(SCENES[name])._presenter
        window._shown = None
        window.refresh()
        settle(window)
        found[name] = cut_off(window)
    assert {name: cut for name, cut in found.items() if cut} == {}


@pytest.mark.parametrize(
    ("panel", "scene", "least"),
    [
        ("low", "coaching", 50), ("low", "standby", 50), ("low", "identified-elder", 55), ("landscape", "coaching", 60),
        ("landscape", "unknown", 55), ("landscape", "identified-elder", 72), ("portrait", "identified-elder", 88),
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_one_thing_to_read_is_as_large_as_there_is_room_for(
    qtbot: Any, themed: Callable[[float], Theme], panel: str, scene: str, least: int, code: str
) -> None:
    size = PANELS[panel]
    window = Stage(themed(panel_scale(*size)), Language(code), SETTINGS, stand_in(320, 180)).play(SCENES[scene])
    qtbot.addWidget(window)
    window.setFixedSize(*size)
    window.show()
    settle(window)
    page: Any = window.stage.currentWidget()
    assert page.words.headline.font().pixelSize() >= least


@pytest.mark.parametrize(
    ("size", "scale"),
    [((800, 1280), 1.0), ((1080, 1920), 1.35), ((1280, 800), 0.8), ((1024, 600), 0.6), ((1000, 1000), 0.78)],
)
def test_the_narrower_way_decides_how_large_everything_is(size: tuple[int, int], scale: float) -> None:
    assert panel_scale(*size) == pytest.approx(scale, abs=0.005)


@pytest.mark.parametrize("size", PANELS.values(), ids=PANELS.keys())
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_ways_in_never_move_and_are_large_enough(
    qtbot: Any, themed: Callable[[float], Theme], size: tuple[int, int], code: str
) -> None:
    theme = themed(panel_scale(*size))
    places = set()
    for scene in (
        "standby",
        "approaching",
        "coaching",
        "challenge",
        "identified",
        "unknown",
        "pin-flat",
        "qr",
        "calling",
    ):
        window = Stage(theme, Language(code), SETTINGS, stand_in(320, 180)).play(SCENES[scene])
        qtbot.addWidget(window)
        window.setFixedSize(*size)
        window.show()
        settle(window)
        places.add(tuple(button.mapTo(window, QPoint()).toTuple() for button in window.ways.buttons.values()))
        assert all(min(button.width(), button.height()) >= 96 for button in window.ways.buttons.values())
        assert min(y for _, y in next(iter(places))) > size[1] * 0.6
        window.close()
    assert len(places) == 1


def test_a_finger_on_a_way_and_back(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, effects = kiosk
    qtbot.mouseClick(window.ways.buttons[Way.CARD], Qt.MouseButton.LeftButton)
    assert bench.view.screen is Screen.CARD
    assert Speak("card") in effects
    qtbot.mouseClick(window.footer.back, Qt.MouseButton.LeftButton)
    assert bench.view.screen is Screen.STANDBY


def test_everything_works_from_the_keyboard(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, _ = kiosk
    typed: list[str] = []
    window.typed.connect(typed.append)
    qtbot.keyClick(window, Qt.Key.Key_F2)
    assert bench.view.screen is Screen.PIN
    qtbot.keyClicks(window, "325017")
    qtbot.keyClick(window, Qt.Key.Key_Backspace)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert bench.view.pin is not None
    assert bench.view.pin.flat == "32501"
    assert "".join(typed).replace("\b", "") == "325017\n"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert bench.view.screen is Screen.STANDBY
    for key, screen in ((Qt.Key.Key_F1, Screen.CARD), (Qt.Key.Key_F3, Screen.QR), (Qt.Key.Key_F4, Screen.CALLING)):
        qtbot.keyClick(window, key)
        assert bench.view.screen is screen


def test_a_pin_by_touch(kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any) -> None:
    bench, window, _ = kiosk
    window.press(Way.PIN)
    page = window.pages[Screen.PIN]
    for key in ("3", "2", Press.ERASE, Press.ENTER, "1", "2", "3", "4"):
        qtbot.mouseClick(page.keys[key], Qt.MouseButton.LeftButton)
    assert bench.view.pin is not None
    assert (bench.view.pin.flat, bench.view.pin.digits) == ("3", 4)
    assert page.field.text() == "●●●●"


def test_the_language_is_switched_while_somebody_stands_there(
    kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any
) -> None:
    bench, window, _ = kiosk
    bench.send(seen(), decided("p-li"))
    window.refresh()
    words = window.pages[Screen.IDENTIFIED].words
    assert words.headline.text().startswith("李先生")
    qtbot.mouseClick(window.footer.switch, Qt.MouseButton.LeftButton)
    assert words.headline.text() == "Good morning, Mr Li"
    assert words.foreign.text().startswith("李先生")


def test_events_from_another_thread_reach_the_screen_and_effects_leave_it(
    kiosk: tuple[Bench, KioskWindow, list[object]], qtbot: Any
) -> None:
    from threading import Thread

    _, window, effects = kiosk
    with qtbot.waitSignal(window.effect):
        thread = Thread(target=lambda: [window.take(seen()), window.take(decided("p-li"))])
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
    page = window.pages[Screen.OUT_OF_ORDER]
    assert zh in page.words.second.text()
    assert page.still.isVisible()
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
    page = window.pages[Screen.IDENTIFIED]
    well = page.well
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
    assert bench.view.screen is Screen.STANDBY
    with qtbot.waitSignal(mark.held):
        qtbot.mousePress(mark, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(mark, Qt.MouseButton.LeftButton)
    assert bench.view.screen is Screen.PIN


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
    places = []
    for second in (-0.1, 0.5, 2.0, 3.5, 9.0):
        view.monotonic = lambda second=second: second
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
