from datetime import time
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.night import Night
from kiosk.screens.window import KioskWindow
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.kiosk_visit.visits import START, Bench, seen


@pytest.mark.parametrize(
    ("clock", "dark"), [((18, 29), False), ((18, 30), True), ((23, 0), True), ((6, 29), True), ((6, 30), False)]
)
def test_it_is_dark_by_the_clock_between_two_hours(clock: tuple[int, int], dark: bool) -> None:
    assert Night()(START.replace(hour=clock[0], minute=clock[1])) is dark
    assert Night(time(1), time(4))(START.replace(hour=3)) is True


def test_by_the_light_without_flicker_at_dusk() -> None:
    light = [100.0]
    night = Night(lux=lambda: light[0])
    seen_dark = []
    for light[0] in (100, 30, 19, 30, 41):
        seen_dark.append(night(START.replace(hour=23)))
    assert seen_dark == [False, False, True, True, False]


def test_the_window_turns_dark_only_while_nobody_stands_there(qtbot: Any, qapp: QApplication) -> None:
    bench, theme = Bench(), Theme(qapp, "kiosk", Mode.LIGHT)
    window = KioskWindow(bench.visit, Language("zh"), theme, now=lambda: bench.now, night=lambda _: True)
    qtbot.addWidget(window)
    dark = []
    for face in (seen(), seen(None)):
        bench.send(face)
        window._tick()
        dark.append(theme.dark)
    assert dark == [False, True]
    qapp.setStyleSheet("")
