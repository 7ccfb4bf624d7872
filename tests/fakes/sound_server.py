"""A real PulseAudio of one's own, with a loudspeaker of which only it knows. Needs XDG_RUNTIME_DIR in a folder of its own, as a
program has that `says` runs."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

needs_pulse = pytest.mark.skipif(
    not all(map(shutil.which, ("pulseaudio", "pactl", "parec"))),
    reason="needs pulseaudio and pactl (Debian: pulseaudio-utils)",
)


def says(program: str, folder: Path, within_s: float) -> str:
    """What the Python source `program` prints, run in a process of its own with `folder` for its argument and its home."""
    (runs := folder / "run").mkdir(mode=0o700)
    own = {"XDG_RUNTIME_DIR": str(runs), "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, timeout=within_s, check=False,
        env=os.environ | own | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


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
