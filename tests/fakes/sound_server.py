"""A real PulseAudio of one's own, with a loudspeaker of which only it knows. Needs XDG_RUNTIME_DIR in a folder of its own."""

import subprocess
import time
from pathlib import Path

COMMANDS = ("pulseaudio", "pactl", "parec")


def server() -> subprocess.Popen[bytes]:
    """Started and answering."""
    started = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix",
         "-L", "module-null-sink"], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
        time.sleep(0.05)
    return started


class Ear:
    """Listens before the loudspeaker, into a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path.open("wb")
        self._listening = subprocess.Popen(
            ["parec", "--raw", "--latency-msec=50", "-d", "null.monitor"], stdout=self._file, stderr=subprocess.DEVNULL
        )
        while not path.stat().st_size:  # it listens
            time.sleep(0.05)

    def heard(self) -> bool:
        return any(self._path.read_bytes())

    def close(self) -> None:
        self._listening.kill()
        self._listening.wait()
        self._file.close()
