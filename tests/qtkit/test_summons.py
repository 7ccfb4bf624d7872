"""The second start of a program calls the first one's window forward."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from qtkit.summons import Summons, summon


def test_a_summons_is_not_answered_where_nobody_listens(clean_app: QApplication, tmp_path: Path) -> None:
    assert not summon(tmp_path)


def test_a_window_comes_out_of_its_icon(clean_app: QApplication, tmp_path: Path, qtbot: Any) -> None:
    window, owner = QWidget(), QObject()
    qtbot.addWidget(window)
    window.showMinimized()
    listening = Summons(tmp_path, owner)
    with qtbot.waitSignal(listening.called):
        assert summon(tmp_path)
    qtbot.waitUntil(lambda: window.isVisible() and not window.isMinimized())
    assert not summon(tmp_path / "another")


def test_what_a_crash_has_left_is_in_nobodys_way(clean_app: QApplication, tmp_path: Path, qtbot: Any) -> None:
    crashed, owner = QObject(), QObject()
    Summons(tmp_path, crashed)
    listening = Summons(tmp_path, owner)
    with qtbot.waitSignal(listening.called):
        assert summon(tmp_path)
