"""Every screen measured, in both languages and looks, on every panel: what is cut off, too small, too faint or without a name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton

from assets.words import LANGUAGES
from domain.passages import Hours, Method
from kiosk.screens.enrol_page import EnrolPage
from kiosk.screens.pictured import FLAT, GUESTS, SCENES, SIZES, Stage
from kiosk.screens.shape import panel_scale
from kiosk.screens.stand_in import stand_in
from kiosk.visit.events import Chosen, CredentialRefused, Press, Pressed, ResidentsFound
from kiosk.visit.people import Newcomer
from kiosk.visit.view import Screen
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.inspecting import nameless
from tests.fakes.measure import cut_off
from tests.fakes.painted import too_faint, words
from tests.kiosk_screens import shown
from tests.kiosk_visit.visits import SETTINGS

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
PADS = {
    "pin-empty": SCENES["pin-flat"][:1], "pin-wrong": (*SCENES["pin-wait"][:-1], CredentialRefused(Method.PIN, "pin_wrong", pad=1)),
}  # fmt: skip
PANELS = SIZES | {"full-hd": (1920, 1080), "tall": (1080, 1920), "low": (1024, 600)}


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
    places = set()
    for name, scene in {**SCENES, **PADS}.items():
        if name.startswith(("enrol", "maintenance")):
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
            words = page.words.headline if hasattr(page, "words") else page.keys["1"]
            pixels.append(words.fontInfo().pixelSize())
            if window is elders and name.startswith("pin"):
                places.add((page.keys["1"].y(), page.keys["1"].height()))
            window.close()
        assert pixels[1] > pixels[0] or not name.startswith(("pin", "staff")), name
        assert pixels[1] >= pixels[0], name
        if size == SIZES["portrait"] and name in ("coaching", "unknown", "unsure"):
            assert pixels[1] > pixels[0], name
    assert len(places) == 1  # whatever the pad says, its rows stay where they are


@pytest.mark.parametrize("name", ["identified-elder", "coaching-again"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_no_headline_in_chinese_breaks_within_a_word_for_being_larger(
    qtbot: Any, themed: Callable[[float], Theme], size: tuple[int, int], name: str
) -> None:
    settings = replace(SETTINGS, elder_hours=(Hours(),))
    window = Stage(themed(panel_scale(*size)), Language("zh"), settings, stand_in(320, 180)).play(SCENES[name])
    qtbot.addWidget(window)
    window.setFixedSize(*size)
    window.show()
    settle(window)
    headline = shown.words(window).headline
    assert headline.fontMetrics().horizontalAdvance(headline.text()) <= headline.width()


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
    assert shown.page(window, Screen.ENROL, EnrolPage).terms.words.font().pixelSize() >= least


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
    assert shown.words(window).headline.font().pixelSize() >= least


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
