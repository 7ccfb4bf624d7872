import wave
from pathlib import Path
from typing import Any

import pytest

from qtkit.alarm import AlarmSound
from qtkit.apart import Apart
from qtkit.player import SystemPlayer
from qtkit.tones import PATTERNS, RATE, Severity, write_tone
from tests.fakes.players import SilentPlayer


@pytest.mark.parametrize("severity", Severity)
def test_tones_are_loud_whole_and_made_once(tmp_path: Path, severity: Severity) -> None:
    path = write_tone(severity, tmp_path)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() == int(RATE * PATTERNS[severity][2])
        frames = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert 25_000 < max(frames) < 32_768
    made = path.stat().st_mtime_ns
    assert write_tone(severity, tmp_path).stat().st_mtime_ns == made


def test_a_graver_sound_replaces_a_lesser_one_and_not_the_reverse(qapp: object, tmp_path: Path) -> None:
    player = SilentPlayer()
    alarm = AlarmSound(player, tmp_path)
    alarm.sound(Severity.WARNING)
    alarm.sound(Severity.ALARM)
    alarm.sound(Severity.WARNING)
    assert player.played == [("warning", True), ("alarm", True)]
    alarm.silence()
    alarm.sound(Severity.NOTICE, loop=False)
    assert player.played[-1] == ("notice", False)
    assert alarm.sounding is None


def test_a_dead_sound_system_is_said_at_once_and_when_it_returns(qapp: object, tmp_path: Path) -> None:
    player = SilentPlayer(works=False)
    alarm = AlarmSound(player, tmp_path)
    heard: list[bool] = []
    alarm.working_changed.connect(heard.append)
    assert not alarm.check()
    alarm.check()
    player.works = True
    assert alarm.check()
    assert heard == [False, True]


def test_what_should_be_sounding_is_begun_again_when_it_can_be_heard(qapp: object, tmp_path: Path) -> None:
    player = SilentPlayer()
    alarm = AlarmSound(player, tmp_path)
    alarm.sound(Severity.ALARM)
    alarm.check()
    assert player.played == [("alarm", True)]  # what is heard is not begun anew
    player.works = False
    alarm.check()
    player.works, player.played = True, []
    alarm.check()
    assert player.played == [("alarm", True)]
    alarm.silence()
    player.works = False
    alarm.check()
    player.works, player.played = True, []
    alarm.check()
    assert player.played == []


def test_a_folder_that_cannot_be_written_is_a_dead_sound_system(qapp: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not AlarmSound(SilentPlayer(), tmp_path / "file" / "tones").check()


@pytest.mark.qt_log_ignore(".*")  # a machine without a sound server says so in many words
def test_the_system_player_survives_a_machine_without_sound(qapp: object, tmp_path: Path, qtbot: Any) -> None:
    player = SystemPlayer(Apart)
    player.play(write_tone(Severity.NOTICE, tmp_path), loop=False)
    assert isinstance(player.working(), bool)
    player.stop()


def test_an_alarm_for_which_no_tone_could_be_written_yet_sounds_once_one_can(qapp: object, tmp_path: Path) -> None:
    player, in_the_way = SilentPlayer(), tmp_path / "tones"
    in_the_way.write_text("")
    sound = AlarmSound(player, in_the_way / "here")
    assert not sound.check()
    sound.sound(Severity.ALARM)
    assert player.playing == ""
    in_the_way.unlink()
    assert sound.check()
    assert player.playing == "alarm"
