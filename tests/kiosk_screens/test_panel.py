"""The whole program on panels that nobody described to it: what lets people in is on the screen, whatever its size."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.screens.shape import panel_scale

STARTS = """
import sys
from pathlib import Path
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication
import kiosk.bootstrap
from kiosk.__main__ import show
from kiosk.config import KioskSettings

make = kiosk.bootstrap.make_gatehouse


def look():
    way = gatehouse.window.ways
    corner = way.mapTo(gatehouse.window, QPoint(way.width(), way.height()))
    print(*gatehouse.window.size().toTuple(), corner.x(), corner.y(), way.isVisible(), scale, flush=True)
    QApplication.exit(0)


def made(settings, app):
    global gatehouse, scale
    gatehouse, scale = make(settings, app), app.theme.scale
    QTimer.singleShot(1500, look)
    return gatehouse


kiosk.bootstrap.make_gatehouse = made
sys.exit(show(KioskSettings(data=Path(sys.argv[1]))))
"""


@pytest.mark.parametrize(("wide", "high"), [(1280, 720), (1080, 1920), (1024, 600), (800, 1280)])
def test_every_way_in_is_on_a_panel_of_any_size(tmp_path: Path, wide: int, high: int) -> None:
    (screens := tmp_path / "screens.json").write_text(
        json.dumps({"screens": [{"name": "panel", "x": 0, "y": 0, "width": wide, "height": high}]})
    )
    own = {"QT_QPA_PLATFORM": f"offscreen:configfile={screens}", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", STARTS, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | own,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    width, height, across, down, seen, scale = done.stdout.split()
    assert (int(width), int(height)) == (wide, high), "no larger than the panel"
    assert int(across) <= wide
    assert int(down) <= high
    assert seen == "True"
    assert float(scale) == pytest.approx(panel_scale(wide, high), abs=0.01), "words of the panel's size"
