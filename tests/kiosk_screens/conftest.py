import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.window import KioskWindow
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.kiosk_screens.front import Front
from tests.kiosk_visit.visits import Bench

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def front(qtbot: Any, qapp: QApplication, tmp_path: Path) -> Iterator[Front]:
    made = Front(qapp, tmp_path)
    qtbot.addWidget(made.window)
    made.know()
    yield made
    made.close()
    qapp.setStyleSheet("")


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
