"""A loudspeaker that somebody turned down: it is said before an alarm is missed, and one press turns it up."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.frame import ringing
from caregiver.main_window import MainWindow
from qtkit.alarm import AlarmSound
from tests.caregiver_views.conftest import Opener
from tests.fakes.players import SilentPlayer


class Knob:
    """A mixer that stands as it was turned."""

    def __init__(self, down: bool) -> None:
        self.down = down

    def muted(self) -> bool:
        return self.down

    def unmute(self) -> None:
        self.down = False


def listened(window: MainWindow, qtbot: QtBot, words: str) -> None:
    for _ in range(ringing.LISTEN_S):
        window.ringing.tick()
    qtbot.waitUntil(lambda: window.mute.words == words)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "声音已关闭或调得太低，听不到告警。"),
        ("en", "The sound is switched off or turned down: alarms will not be heard."),
    ],
)
def test_it_is_said_while_it_is_turned_down_and_can_be_turned_up_there(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, language: str, words: str
) -> None:
    knob = Knob(down=False)
    window = open_window(language, sound=AlarmSound(SilentPlayer(), tmp_path, mixer=knob))
    while window.alarm.isVisible():
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    listened(window, qtbot, "")
    assert not window.ringing.louder.isVisible()
    knob.down = True
    listened(window, qtbot, words)
    assert window.ringing.louder.isVisible()
    qtbot.mouseClick(window.ringing.louder, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.mute.words)
    assert not knob.down


def test_a_dead_loudspeaker_is_not_called_turned_down(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window("en", sound=AlarmSound(SilentPlayer(works=False), tmp_path, mixer=Knob(down=True)))
    listened(window, qtbot, "No sound output: alarms will not be heard. Check the speakers.")
    assert not window.ringing.louder.isVisibleTo(window)


def test_each_sound_can_be_listened_to_beforehand_but_never_over_an_alarm(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    player = SilentPlayer()
    window = open_window("en", sound=AlarmSound(player, tmp_path))
    window.show_help()
    rings = list(player.played)
    for button in window._help.sounds.values():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert player.played == rings, "an alarm rings on"
    while window.alarm.isVisible():
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    window.show_help()
    player.played.clear()
    for button in window._help.sounds.values():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert player.played == [("alarm", False), ("warning", False), ("notice", False), ("call", False)]
