"""PySide6 6.12.0 on Python 3.11 loses a reference to None at every void call: a 30 fps window dies within minutes."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 300


@pytest.mark.parametrize("call", [lambda label: label.update(), lambda label: label.setText("守望")])
def test_void_calls_lose_no_reference_to_none(qtbot: QtBot, call: Callable[[QLabel], object]) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call(label)
    assert sys.getrefcount(None) > before - CALLS // 10
