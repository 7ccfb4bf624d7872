"""The mixer on a real PulseAudio: what was turned off or down is known, and turned up again."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtkit.mixer import FAINT, PLAIN, PulseMixer

NEEDED = ("pulseaudio", "pactl")
pulse_at_hand = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="needs pulseaudio and pactl (Debian: pulseaudio, pulseaudio-utils)"
)


def pactl(*command: str) -> str:
    return subprocess.run(["pactl", *command], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (runs := tmp_path / "run").mkdir(mode=0o700)
    for name, value in {"XDG_RUNTIME_DIR": str(runs), "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    with subprocess.Popen(
        [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1",
            "-L", "module-native-protocol-unix", "-L", "module-null-sink",
        ],
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        end = time.monotonic() + 30
        while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode and time.monotonic() < end:
            pass
        yield
        server.terminate()


@pulse_at_hand
@pytest.mark.usefixtures("pulse")
@pytest.mark.parametrize(
    "turned", [("set-sink-mute", "@DEFAULT_SINK@", "1"), ("set-sink-volume", "@DEFAULT_SINK@", f"{FAINT / 2:.0%}")]
)
def test_what_was_turned_off_or_down_is_known_and_turned_up(turned: tuple[str, ...]) -> None:
    mixer = PulseMixer()
    pactl("set-sink-volume", "@DEFAULT_SINK@", "40%")
    assert not mixer.muted()
    pactl(*turned)
    assert mixer.muted()
    mixer.unmute()
    assert not mixer.muted()
    assert "Mute: no" in pactl("get-sink-mute", "@DEFAULT_SINK@")


@pulse_at_hand
@pytest.mark.usefixtures("pulse")
def test_a_volume_that_can_be_heard_stays_as_it_is() -> None:
    pactl("set-sink-volume", "@DEFAULT_SINK@", "30%")
    pactl("set-sink-mute", "@DEFAULT_SINK@", "1")
    PulseMixer().unmute()
    assert " 30% " in pactl("get-sink-volume", "@DEFAULT_SINK@")
    pactl("set-sink-volume", "@DEFAULT_SINK@", "1%")
    PulseMixer().unmute()
    assert f" {PLAIN:.0%} " in pactl("get-sink-volume", "@DEFAULT_SINK@")


def test_without_a_sound_server_nothing_is_known_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    PulseMixer().unmute()
    assert not PulseMixer().muted()
