"""A kiosk that cannot start fills the screen with the reason instead of leaving it black."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel

from assets.words import say
from kiosk.__main__ import main
from kiosk.screens.not_started import NotStarted
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.measure import cut_off

REASON = 'The setting "gate.port" in /etc/shouwang/kiosk.toml must be a number, not "south". Mend it and start the kiosk again.'


@pytest.mark.parametrize(("width", "height", "scale"), [(800, 1280, 1.0), (1280, 800, 0.8)])
def test_everything_is_readable_in_both_positions(
    qtbot: Any, qapp: QApplication, width: int, height: int, scale: float
) -> None:
    window = NotStarted(Theme(qapp, "kiosk", Mode.LIGHT, scale), REASON)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.show()
    settle(window)
    assert cut_off(window) == []
    shown = [label.text() for label in window.findChildren(QLabel)]
    assert say("zh", "kiosk.out_of_order.not_started") in shown
    assert say("en", "kiosk.out_of_order.not_started") in shown
    qapp.setStyleSheet("")


def test_a_wrong_setting_is_told_on_the_screen(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text("[gate]\nsort = 7\n")
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "en")
    monkeypatch.setattr("kiosk.__main__.log_path", lambda program: tmp_path / f"{program}.log")
    told: list[str] = []

    def read() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, NotStarted) and window.isVisible():
                told.append(window.why.text())
                look.stop()
                qapp.quit()

    # or quitting closes the window, which asks to quit once more, in the next test
    qapp.setQuitOnLastWindowClosed(False)
    look = QTimer(interval=10)
    look.timeout.connect(read)
    look.start()
    assert main(["--config", str(config), "--windowed"]) == 1
    qapp.setQuitOnLastWindowClosed(True)
    assert str(config) in told[0]
    qapp.setStyleSheet("")
