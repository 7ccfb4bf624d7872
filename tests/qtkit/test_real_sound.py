"""The system's player on a real PulseAudio whose loudspeaker is pulled out and whose server is restarted: silence is never called
sound, and what should be heard is heard again without a restart of the program."""

from pathlib import Path

import pytest

from tests.fakes.sound_server import needs_pulse, says

PLAYS = '''
import subprocess, sys, time
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from qtkit.apart import Apart
from qtkit.player import SystemPlayer
from qtkit.tones import Severity, write_tone
from tests.fakes.sound_server import server


def within(wanted, loop=False):
    """Asked for again and again, as an alarm is that nobody hears."""
    end, wait = time.monotonic() + 90, QEventLoop()
    player.play(tone, loop)
    while player.working() is not wanted and time.monotonic() < end:
        if loop and not player.working():
            player.play(tone, loop)
        QTimer.singleShot(50, wait.quit)
        wait.exec()
    print(int(player.working()), end="")


def sinks(*command):
    subprocess.run(["pactl", *command], check=True, capture_output=True)


pulse, app = server(), QApplication([])
player, tone = SystemPlayer(Apart, late_s=3.0), write_tone(Severity.NOTICE, Path(sys.argv[1]))
within(True)
sinks("unload-module", "module-null-sink")
within(False)
player.stop()
sinks("load-module", "module-null-sink", "sink_name=another")
within(True, loop=True)
for _ in range(2):
    pulse.kill()
    pulse.wait()
    within(False, loop=True)
    pulse = server()
    within(True, loop=True)
player.stop()
pulse.kill()
'''


@pytest.mark.timeout(420)
@needs_pulse
def test_a_loudspeaker_or_server_that_is_gone_is_broken_until_one_is_heard_again(tmp_path: Path) -> None:
    assert says(PLAYS, tmp_path, 400) == "1010101"
