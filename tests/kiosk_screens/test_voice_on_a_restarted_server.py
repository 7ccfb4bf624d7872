"""The voice on a real PulseAudio that is restarted while nobody speaks: the very next sentence is heard."""

from pathlib import Path

import pytest

from tests.fakes.sound_server import needs_pulse, says

SPEAKS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from kiosk.screens.voice import Voice
from kiosk.visit.effects import Speak
from kiosk.voice import VoiceBox
from qtkit.apart import Apart
from qtkit.player import SystemPlayer
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.mixer import PulseMixer
from qtkit.tones import Severity, write_tone
from tests.fakes.sound_server import Ear, server

folder = Path(sys.argv[1])
pulse, app = server(), QApplication([])
(folder / "own" / "en").mkdir(parents=True)
write_tone(Severity.NOTICE, folder).rename(folder / "own" / "en" / "card.wav")
player, background = SystemPlayer(Apart), Background(threads=1)
voice = Voice(player, VoiceBox(folder / "own", folder / "made"), Language("en"), background, restarted=PulseMixer().restarted)


def wait_for(met):
    end, wait = time.monotonic() + 40, QEventLoop()
    while not met() and time.monotonic() < end:
        QTimer.singleShot(50, wait.quit)
        wait.exec()


for round in range(3):
    ear = Ear(folder / f"{round}.raw")
    voice.speak(Speak("card"))
    wait_for(ear.heard)
    print(int(ear.heard()), end="")
    ear.close()
    pulse.kill()
    pulse.wait()
    pulse = server()
    calm = time.monotonic() + 1
    wait_for(lambda: time.monotonic() > calm)  # Qt may find the new one by itself, and still plays to the old
player.renew()
background.close()
pulse.kill()
"""


@pytest.mark.timeout(200)
@needs_pulse
def test_what_is_said_first_after_the_sound_server_was_restarted_is_heard(tmp_path: Path) -> None:
    assert says(SPEAKS, tmp_path, 190) == "111"
