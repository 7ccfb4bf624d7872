"""The alarm on a real X display, worked with nothing but keys and a mouse that another program presses."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESK = """
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from PySide6.QtCore import QTimer
from caregiver.main_window import MainWindow
from caregiver.sample import Sample, lay, open_sample
from qtkit.app import start
from qtkit.theme import Mode

now = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
folder = Path(sys.argv[1])
lay(folder, Sample(now, elders=12, residents=4, days=2, signs_a_day=4, passages=60))
app = start("journey", folder / "log", mode=Mode.LIGHT)
state = open_sample(folder, now, zone=now.tzinfo)
window = MainWindow(state, app.language, app.theme, app.background)
window.setGeometry(0, 0, 1366, 768)


def painted(incident):
    print("painted", incident, flush=True)
    place = window.alarm.take.mapToGlobal(window.alarm.take.rect().center())
    print("button", place.x(), place.y(), flush=True)


def after():
    taken = [i.id for i in state.incidents.open() if i.accepted_by]
    print("taken", *sorted(taken), flush=True)
    if len(taken) == 2:
        QTimer.singleShot(0, end)  # once the window has gone where it goes after the last alarm


def end():
    print("page", window.page, flush=True)
    app.qt.quit()


window.alarm_painted.connect(painted)
window.steady.settled.connect(lambda: print("settled", flush=True))
window.synced.connect(after)
window.show()
app.run()
window.close()
state.close()
state.journal.close()
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A display of one's own; skips where X or xdotool is not installed."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs xvfb and xdotool")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def test_one_alarm_by_keyboard_and_one_by_mouse(display: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
    desk = subprocess.Popen(
        [sys.executable, "-c", DESK, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []

    def hear(word: str) -> str:
        assert desk.stdout is not None
        for line in desk.stdout:
            said.append(line.strip())
            if line.startswith(word):
                return line.strip()
        _, errors = desk.communicate()
        if "could not connect to display" in errors or "xcb" in errors:
            pytest.skip("Qt's xcb libraries are not installed")
        raise AssertionError(f"the desk ended without saying {word}: {said} {errors[-2000:]}")

    def press(*what: str) -> None:
        subprocess.run(["xdotool", *what], env=environment, check=True, capture_output=True)

    with desk:
        try:
            assert hear("painted") == "painted sos-now"
            hear("button")
            press("key", "Return")
            assert hear("taken sos-now") == "taken sos-now"
            hear("painted inactive-now")
            _, x, y = hear("button").split()
            hear("settled")
            press("mousemove", x, y, "click", "1")
            assert hear("taken inactive-now") == "taken inactive-now sos-now"
            assert hear("page") == "page incidents"
            assert desk.wait(20) == 0
        finally:
            desk.kill()
