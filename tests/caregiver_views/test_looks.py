"""Somebody who needs large text makes it large once, and not each morning."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.frame.looks import Looks
from caregiver.signin.window import SignInWindow
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.inspecting import out_of_reach
from tests.fakes.measure import cut_off, sideways


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    qapp.setStyleSheet("")


class Sat:
    """The program, begun with the settings' own looks and what was kept in `folder`."""

    def __init__(self, qapp: QApplication, folder: Path, scale: float = 1.0) -> None:
        self.kept = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.theme, self.language = Theme(qapp, "desktop", Mode.SYSTEM, scale, reduced_motion=True), Language("zh")
        Looks(self.theme, self.language, self.kept)

    @property
    def looks(self) -> tuple[float, Mode, str]:
        return round(self.theme.scale, 2), self.theme.mode, self.language.code


def test_how_somebody_reads_is_as_it_was_the_last_time(app: QApplication, tmp_path: Path) -> None:
    before = Sat(app, tmp_path)
    for _ in range(10):
        before.theme.zoom(0.1)
    before.theme.set_mode(Mode.DARK)
    before.language.toggle()
    assert Sat(app, tmp_path).looks == (2.0, Mode.DARK, "en")


def test_large_text_is_had_before_anybody_has_signed_in(app: QApplication, qtbot: QtBot) -> None:
    theme = Theme(app, "desktop", Mode.LIGHT, reduced_motion=True)
    window = SignInWindow(theme, Language("en"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for _ in range(10):
        qtbot.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert theme.scale == 2.0
    assert cut_off(window) + sideways(window) + out_of_reach(window) == []


def test_what_is_put_back_follows_the_settings_again(app: QApplication, tmp_path: Path) -> None:
    before = Sat(app, tmp_path)
    before.theme.zoom(0.1)
    before.theme.set_scale(1.0)
    assert Sat(app, tmp_path, scale=1.5).looks == (1.5, Mode.SYSTEM, "zh")


@pytest.mark.parametrize("written", ["wide", "99", "-1", ""])
def test_a_file_that_somebody_wrote_in_keeps_nobody_out(app: QApplication, tmp_path: Path, written: str) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    for key in ("scale", "mode", "language"):
        kept.setValue(f"looks/{key}", written)
    scale, mode, code = Sat(app, tmp_path).looks
    assert 0.8 <= scale <= 2.0
    assert (mode, code) == (Mode.SYSTEM, "zh")
