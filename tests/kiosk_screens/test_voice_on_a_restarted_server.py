"""The voice on a real PulseAudio that is restarted while nobody speaks: the very next sentence is heard."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.sound_server import COMMANDS

SPEAKS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from kiosk.screens.voice import Voice
from kiosk.visit.effects import Speak
from kiosk.voice import VoiceBox
from qtkit.alarm import SystemPlayer
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.mixer import PulseMixer
from qtkit.tones import Severity, write_tone
from tests.fakes.sound_server import Ear, server

folder = Path(sys.argv[1])
pulse, app = server(), QApplication([])
(folder / "own" / "en").mkdir(parents=True)
write_tone(Severity.NOTICE, folder).rename(folder / "own" / "en" / "card.wav")
player, background = SystemPlayer(), Background(threads=1)
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
@pytest.mark.skipif(
    not all(map(shutil.which, COMMANDS)), reason="needs pulseaudio and pactl (Debian: pulseaudio-utils)"
)
def test_what_is_said_first_after_the_sound_server_was_restarted_is_heard(tmp_path: Path) -> None:
    (runs := tmp_path / "run").mkdir(mode=0o700)
    own = {"XDG_RUNTIME_DIR": str(runs), "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SPEAKS, str(tmp_path)], capture_output=True, text=True, timeout=190, check=False,
        env=os.environ | own | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("111", 0), done.stderr
