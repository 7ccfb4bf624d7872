import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QDesktopServices, QScreen
from PySide6.QtWidgets import QApplication

from caregiver.main_window import MainWindow
from caregiver.sample import Sample, lay, open_sample
from caregiver.state import AppState
from domain.people import Role
from offline.node import Node
from offline.transport.http import HttpTransport
from qtkit import steady
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, a_desk, a_district, employ

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
Opener = Callable[..., MainWindow]


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    lay(folder, Sample(NOW, elders=48, residents=20, days=6, signs_a_day=6, passages=600))
    return folder


@pytest.fixture(autouse=True)
def no_telephone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The test machine rings nobody."""
    rung: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: rung.append(str(url)))
    return rung


@pytest.fixture(autouse=True)
def pressed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has read what has only just come; `test_steady.py` is about those who have not."""
    monkeypatch.setattr(steady, "SETTLE_MS", 0)


@pytest.fixture(autouse=True)
def a_screen_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The off-screen one is smaller than any that the desk is made for."""
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, 1920, 1040))


@pytest.fixture
def replica(laid: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(laid, tmp_path / "replica"))


@pytest.fixture
def open_window(qapp: QApplication, replica: Path) -> Iterator[Opener]:
    """Opens the real window over the sample: `open_window(language, mode, scale, role)`."""
    made: list[tuple[MainWindow, AppState, Background]] = []

    def open_(
        language: str = "zh", mode: Mode = Mode.LIGHT, scale: float = 1.0, role: Role = Role.SUPERVISOR, **more: Any
    ) -> MainWindow:
        theme = Theme(qapp, "desktop", mode, scale, reduced_motion=True)
        state = open_sample(replica, NOW, role, NOW.tzinfo)
        background = Background()
        window = MainWindow(state, Language(language), theme, background, **more)
        window.resize(1366, 768)
        window.show()
        while not state.elders.board.judged:
            settle(window)
        made.append((window, state, background))
        return window

    yield open_
    for window, state, background in made:
        window.close()
        background.close()
        window.deleteLater()
        settle(window)
        state.close()
        state.journal.close()
        state.keys.close()
    qapp.setStyleSheet("")


@pytest.fixture
def window(open_window: Opener) -> MainWindow:
    return open_window()


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """One that really serves."""
    yield from a_district(tmp_path, monkeypatch)


@pytest.fixture
def node(district: Serving, tmp_path: Path) -> Iterator[Node]:
    """A desk that has enrolled with the district."""
    made = a_desk(district, tmp_path / "node")
    yield made
    made.close()


@dataclass(frozen=True)
class Employed:
    """Somebody who has a duty and has signed in at the desk."""

    person: str
    line: HttpTransport
    token: str


@pytest.fixture
def employed(district: Serving, node: Node) -> Callable[..., Employed]:
    """`employed(login, role, community)`."""

    def make(login: str, role: Role, community: str = "jinxiu") -> Employed:
        person, line = employ(district, login, role, community), node.line()
        return Employed(person, line, line.sign_in(login, PASSWORD, "").token)

    return make
